/// A part of a document that is written already: what only passes through need not be taken apart and written again.
package struct JSONText: Sendable, Hashable {
    /// The part as JSON.
    package let text: String
    /// Whether the names of every object in it are sorted by their UTF-8, without spaces between.
    let isCanonical: Bool

    /// A part as a trusted place, such as a column of type `jsonb`, gave it.
    package init(stored text: String) {
        self.text = text
        isCanonical = false
    }

    /// An array of objects with the same members, each a text or null.
    ///
    /// The names come sorted and need no escapes; the values come object by object, each with one for every name.
    package init(names: [StaticString], values: [String?]) {
        precondition(!names.isEmpty && values.count.isMultiple(of: names.count), "each name has a value")
        var writer = JSONWriter(sortsKeys: true)
        let openings = names.indices.map { JSONWriter.opening(names[$0], isFirst: $0 == 0) }
        writer.append("[")
        for first in stride(from: 0, to: values.count, by: names.count) {
            if first > 0 { writer.append(",") }
            for place in names.indices {
                writer.append(openings[place])
                if let text = values[first + place] { writer.write(text) } else { writer.append("null") }
            }
            writer.append("}")
        }
        writer.append("]")
        text = String(decoding: writer.output, as: UTF8.self)
        isCanonical = true
    }

    /// The part taken apart; null where it is no JSON.
    package var value: JSONValue { (try? JSONParser.parse(Array(text.utf8))) ?? .null }
}

extension JSONValue {
    /// The value itself where it is already written as text.
    var decoded: JSONValue {
        guard case .encoded(let text) = self else { return self }
        return text.value
    }
}

extension JSONValue: Hashable {
    /// Equal where both mean the same, however it is kept.
    package static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.string(let left), .string(let right)): left == right
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        case (.encoded(let left), .encoded(let right)): left.text == right.text || left.value == right.value
        case (.encoded(let left), _): left.value == right
        case (_, .encoded(let right)): left == right.value
        case (.null, _), (.bool, _), (.number, _), (.string, _), (.array, _), (.object, _): false
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .bool(let truth): hasher.combine(truth)
        case .number(let number): hasher.combine(number)
        case .string(let text): hasher.combine(text)
        case .array(let elements): hasher.combine(elements)
        case .object(let object): hasher.combine(object)
        case .encoded(let text): hasher.combine(text.value)
        }
    }
}
