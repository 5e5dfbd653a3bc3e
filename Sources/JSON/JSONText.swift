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
    /// The values come object by object, each with one for every name.
    package init(names: JSONNames, values: [String?]) {
        let count = names.count
        precondition(values.count.isMultiple(of: count), "each name has a value")
        // A guess that spares growing: nearly all text is ASCII without escapes.
        let textBytes = values.reduce(0) { $0 + 4 + ($1?.utf8.count ?? 0) }
        var writer = JSONWriter(
            sortsKeys: true, capacity: 2 + values.count / count * names.byteCount + textBytes)
        writer.append("[")
        names.withOpenings { openings in
            var place = 0
            for index in values.indices {
                if place == 0, index > 0 { writer.append(",") }
                writer.append(openings(place))
                if let text = values[index] { writer.write(text) } else { writer.append("null") }
                place += 1
                guard place == count else { continue }
                writer.append("}")
                place = 0
            }
        }
        writer.append("]")
        text = writer.output.text
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
