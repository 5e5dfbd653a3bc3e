import FoundationEssentials
package import JSON

/// A schema of decimals in the interface's description: the patterns of its texts and the bounds of its numbers.
package struct DecimalSchema {
    package let name: String
    private let plain: Regex<AnyRegexOutput>
    private let exponential: Regex<AnyRegexOutput>
    private let maxLength: Int
    private let number: JSONValue

    /// What is wrong with the description.
    package struct Missing: Error { package let what: String }

    /// The schema of that name.
    package init(_ name: String) throws {
        let schema = try Self.schemas()[name]?["anyOf"]
        guard let first = schema?[0]?["pattern"]?.stringValue,
            let second = schema?[1]?["pattern"]?.stringValue, let number = schema?[2]
        else { throw Missing(what: name) }
        self.name = name
        self.number = number
        plain = try Regex(first)
        exponential = try Regex(second)
        maxLength = schema?[0]?["maxLength"]?.intValue ?? .max
    }

    /// The schema that a member refers to, by the way there from a named one: properties, or `items` of a list.
    package init(of name: String, _ way: [String]) throws {
        var place = try Self.schemas()[name]
        for step in way { place = step == "items" ? place?["items"] : place?["properties"]?[step] }
        let reference = place?["$ref"] ?? place?["anyOf"]?[0]?["$ref"]
        guard let last = reference?.stringValue?.split(separator: "/").last else {
            throw Missing(what: "\(name) \(way)")
        }
        try self.init(String(last))
    }

    private static func schemas() throws -> JSONObject {
        let path = "\(Repository.root)/static/openapi.json"
        guard let data = FileManager.default.contents(atPath: path),
            let schemas = try JSONParser.parse(Array(data))["components"]?["schemas"]?.objectValue
        else { throw Missing(what: path) }
        return schemas
    }

    /// Whether it takes a decimal without an exponent.
    package func takes(_ text: String) -> Bool {
        text.utf8.count <= maxLength && text.wholeMatch(of: plain) != nil
    }

    /// Whether it takes one with an exponent.
    ///
    /// How much that may be depends on all digits: more is described than is taken.
    package func takesExponential(_ text: String) -> Bool { text.wholeMatch(of: exponential) != nil }

    /// Whether a JSON number lies within the bounds that are told; how many places it may have is told in words alone.
    package func bounds(_ text: String) -> Bool {
        guard let value = Double(text) else { return false }
        func limit(_ key: String) -> Double? { number[key]?.numberText.flatMap(Double.init) }
        return limit("minimum").map { value >= $0 } ?? true && limit("maximum").map { value <= $0 } ?? true
            && limit("exclusiveMinimum").map { value > $0 } ?? true
            && limit("exclusiveMaximum").map { value < $0 } ?? true
    }

    /// A text that is a decimal, or nearly one, made up at random: near what is the most or the least, too.
    package static func madeUp(
        _ random: inout SplitMix64, whole: ClosedRange<Int> = 0...17, places: ClosedRange<Int> = 0...13
    ) -> String {
        func digits(_ range: ClosedRange<Int>) -> String {
            let alphabet = Bool.random(using: &random) ? "0123456789" : "09"
            return String(
                (0..<Int.random(in: range, using: &random)).map { _ in
                    alphabet.randomElement(using: &random) ?? "0"
                })
        }
        let tops = ["1000000000", "10000000", "1", "0", "999999999", "10000001"]
        var text =
            Int.random(in: 0..<4, using: &random) == 0
            ? tops.randomElement(using: &random) ?? "" : digits(whole)
        if Bool.random(using: &random) { text += "." + digits(places) }
        if Int.random(in: 0..<4, using: &random) == 0 {
            text += String(repeating: "0", count: Int.random(in: 1...60, using: &random))
        }
        if Int.random(in: 0..<12, using: &random) == 0 { text = "-" + text }
        if Int.random(in: 0..<12, using: &random) == 0 {
            text += ["x", " ", "e", "e5", "E-3", "."].randomElement(using: &random) ?? ""
        }
        return text
    }

    /// The text as a member's value: as a string, or as the number that it is.
    package static func value(_ text: String, _ random: inout SplitMix64) -> JSONValue {
        guard Bool.random(using: &random), let number = JSONNumber(text) else { return .string(text) }
        return .number(number)
    }

    /// How many digits stand behind the point.
    package static func places(_ text: String) -> Int {
        text.firstIndex(of: ".").map { text[$0...].utf8.count - 1 } ?? 0
    }
}
