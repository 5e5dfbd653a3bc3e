// JSON whose numbers stay exactly as they were written: a price is text until the rules read it as a decimal.

/// A JSON document or a part of one.
package enum JSONValue: Sendable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
    /// What is written already, and is taken apart only where somebody looks into it.
    case encoded(JSONText)
}

/// A number by its lexeme, so that no digit is ever lost to binary floating point.
package struct JSONNumber: Sendable, Hashable {
    /// The number as JSON writes it.
    package let text: String

    /// A number from its lexeme; nil where the text is no JSON number.
    package init?(_ text: String) {
        guard Self.isNumber(Array(text.utf8)) else { return nil }
        self.text = text
    }

    /// A whole number.
    package init(_ integer: some BinaryInteger) {
        text = String(integer)
    }

    init(validated text: String) {
        self.text = text
    }

    private static func isNumber(_ bytes: [UInt8]) -> Bool {
        guard let end = JSONNumberScanner.end(in: bytes, from: 0) else { return false }
        return end == bytes.count
    }
}

extension JSONValue {
    /// The text of a string value.
    package var stringValue: String? {
        guard case .string(let text) = decoded else { return nil }
        return text
    }

    /// The truth value.
    package var boolValue: Bool? {
        guard case .bool(let value) = decoded else { return nil }
        return value
    }

    /// A number written as a whole number that fits.
    package var intValue: Int? {
        guard case .number(let number) = decoded else { return nil }
        return Int(number.text)
    }

    /// The lexeme of a number, or the text of a string: how decimals may come in.
    package var numberText: String? {
        switch self {
        case .number(let number): number.text
        case .string(let text): text
        case .null, .bool, .array, .object: nil
        case .encoded(let text): text.value.numberText
        }
    }

    /// The elements of an array.
    package var arrayValue: [JSONValue]? {
        guard case .array(let elements) = decoded else { return nil }
        return elements
    }

    /// The members of an object.
    package var objectValue: JSONObject? {
        guard case .object(let object) = decoded else { return nil }
        return object
    }

    /// Whether this is `null`.
    package var isNull: Bool {
        if case .null = decoded { true } else { false }
    }

    /// The member of that name, where this is an object that has one.
    package subscript(key: String) -> JSONValue? { objectValue?[key] }

    /// The element at that place, where this is an array that has one.
    package subscript(index: Int) -> JSONValue? {
        guard let elements = arrayValue, elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    /// A whole number.
    package static func integer(_ value: some BinaryInteger) -> JSONValue { .number(JSONNumber(value)) }

    /// A string, or null where there is none.
    package static func text(_ value: String?) -> JSONValue { value.map(JSONValue.string) ?? .null }

    /// What JSON calls this kind of value, for messages.
    package var kindName: String {
        switch self {
        case .null: "null"
        case .bool: "true or false"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        case .encoded(let text): text.value.kindName
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int) { self = .number(JSONNumber(value)) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(nilLiteral: ()) { self = .null }
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(JSONObject(distinct: elements.map { (key: $0.0, value: $0.1) }))
    }
}
