// Reads an object field by field and remembers every fault with its place, so that a person learns of all of
// them at once. A reader is a class because nested readers share one list of faults.

/// One fault of a document: where (RFC 6901 pointer) and what.
package struct JSONFault: Sendable, Hashable {
    /// The JSON Pointer of the field.
    package let pointer: String
    /// What is wrong and what is wanted.
    package let detail: String

    /// A fault at a place.
    package init(pointer: String, detail: String) {
        self.pointer = pointer
        self.detail = detail
    }
}

/// Reads the fields of one object, collecting faults.
package final class JSONReader {
    /// All faults found so far in the document.
    package var faults: [JSONFault] { collected.faults }
    /// Where this object stands in the document; put together only for faults, because most documents have none.
    package var pointer: String { index.map { "\(place)/\($0)" } ?? place }

    /// More faults than that are not told.
    private static let maxFaults = 100

    private final class Collected { var faults: [JSONFault] = [] }
    private let object: JSONObject
    private let place: String
    /// Its place in an array.
    private let index: Int?
    /// Which members were asked for, by their places.
    private var asked: [Bool]
    /// Where to look first: mostly fields are asked for in the order in which they stand.
    private var next = 0
    private let collected: Collected

    /// A reader of a document's outermost object; another kind of value is a fault.
    package convenience init(_ document: JSONValue) {
        self.init(document, place: "", collected: Collected())
    }

    private init(_ value: JSONValue, place: String, index: Int? = nil, collected: Collected) {
        self.place = place
        self.index = index
        self.collected = collected
        let object = value.objectValue
        self.object = object ?? JSONObject()
        asked = [Bool](repeating: false, count: self.object.count)
        if object == nil {
            add(pointer, "must be an object, not \(value.kindName)")
        }
    }

    /// The value of a field; nil where it is absent or null.
    package func value(_ key: String) -> JSONValue? {
        guard let value = member(key), !value.isNull else { return nil }
        return value
    }

    private func member(_ key: String) -> JSONValue? {
        guard let place = object.place(of: key, nextTo: next) else { return nil }
        asked[place] = true
        next = place + 1
        return object.members[place].value
    }

    /// Whether the field stands there at all, be it null.
    package func has(_ key: String) -> Bool {
        member(key) != nil
    }

    /// The field as text of at most so many characters, without control characters but line breaks and tabs.
    package func string(_ key: String, maxCharacters: Int = 256) -> String? {
        guard let value = value(key) else { return nil }
        guard let text = value.stringValue else {
            fault(key, "must be a string, not \(value.kindName)")
            return nil
        }
        // A text has no more characters than bytes, and most have far fewer than they may.
        guard text.utf8.count <= maxCharacters || text.unicodeScalars.count <= maxCharacters else {
            fault(key, "must have at most \(maxCharacters) characters")
            return nil
        }
        guard Self.isText(text) else {
            fault(key, "must not contain control characters")
            return nil
        }
        return text
    }

    /// The field as true or false.
    package func bool(_ key: String) -> Bool? {
        guard let value = value(key) else { return nil }
        guard let truth = value.boolValue else {
            fault(key, "must be true or false, not \(value.kindName)")
            return nil
        }
        return truth
    }

    /// The field as a whole number within a range.
    package func int(_ key: String, in range: ClosedRange<Int>) -> Int? {
        guard let value = value(key) else { return nil }
        guard let number = value.intValue, range.contains(number) else {
            fault(key, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    /// The field as one of a set of words.
    package func choice<Choice: RawRepresentable & CaseIterable>(_ key: String, _ type: Choice.Type)
        -> Choice?
    where Choice.RawValue == String {
        guard let value = value(key) else { return nil }
        if let text = value.stringValue, let choice = Choice(rawValue: text) { return choice }
        let words = Choice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
        fault(key, "must be one of \(words)")
        return nil
    }

    /// A reader of the object in a field; nil where it is absent or null.
    package func object(_ key: String) -> JSONReader? {
        guard let value = value(key) else { return nil }
        return JSONReader(value, place: path(key), collected: collected)
    }

    /// Readers of the objects in an array field; nil where it is absent or null.
    package func objects(_ key: String, maxCount: Int) -> [JSONReader]? {
        guard let elements = array(key, maxCount: maxCount) else { return nil }
        let place = path(key)
        return elements.enumerated().map { index, element in
            JSONReader(element, place: place, index: index, collected: collected)
        }
    }

    /// The elements of an array field; nil where it is absent or null.
    package func array(_ key: String, maxCount: Int) -> [JSONValue]? {
        guard let value = value(key) else { return nil }
        guard let elements = value.arrayValue else {
            fault(key, "must be an array, not \(value.kindName)")
            return nil
        }
        guard elements.count <= maxCount else {
            fault(key, "must have at most \(maxCount) elements")
            return nil
        }
        return elements
    }

    /// Notes a fault of a field.
    package func fault(_ key: String, _ detail: String) { add(path(key), detail) }

    /// Notes that a field must be there.
    package func missing(_ key: String) { fault(key, "is required") }

    /// Notes every field that nobody asked for as unknown.
    ///
    /// Call it last.
    package func refuseUnknown() {
        for place in asked.indices where !asked[place] {
            guard faults.count < Self.maxFaults else { return }
            fault(String(object.members[place].key.prefix(64)), "is not a field that is known here")
        }
    }

    private func path(_ key: String) -> String {
        if !key.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) {
            return pointer + "/" + key
        }
        let escaped = key.split(separator: "~", omittingEmptySubsequences: false).joined(separator: "~0")
        return pointer + "/"
            + escaped.split(separator: "/", omittingEmptySubsequences: false).joined(separator: "~1")
    }

    private func add(_ pointer: String, _ detail: String) {
        guard faults.count < Self.maxFaults else { return }
        collected.faults.append(JSONFault(pointer: pointer, detail: detail))
    }

    /// Whether a text has no control characters but line breaks and tabs.
    package static func isText(_ text: String) -> Bool {
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return true }
        // Unicode's category of control characters is these two stretches, and never grows.
        return text.unicodeScalars.allSatisfy { scalar in
            switch scalar.value {
            case 0x20..<0x7F, 0xA0...: true
            case 0x09, 0x0A, 0x0D: true
            default: false
            }
        }
    }
}
