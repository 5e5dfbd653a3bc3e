extension JSONValue {
    /// The document on one line, without spaces.
    package func serialized() -> String {
        if case .encoded(let text) = self { return text.text }
        return String(decoding: bytes(), as: UTF8.self)
    }

    /// The same, written already, for what is passed on more than once.
    package var encoded: JSONValue { .encoded(JSONText(stored: serialized())) }

    /// The document on one line as UTF-8.
    package func bytes() -> [UInt8] {
        var writer = JSONWriter(sortsKeys: false)
        writer.write(self)
        return writer.output
    }

    /// The document with the names of every object sorted by their UTF-8: equal values give equal text.
    package func canonical() -> String {
        var writer = JSONWriter(sortsKeys: true)
        writer.write(self)
        return String(decoding: writer.output, as: UTF8.self)
    }

    /// The document with two spaces for each level, for people.
    package func pretty() -> String {
        var writer = JSONWriter(sortsKeys: false, indents: true)
        writer.write(self)
        return String(decoding: writer.output, as: UTF8.self)
    }
}

/// Writes values as UTF-8 bytes.
struct JSONWriter {
    private(set) var output: [UInt8] = []
    private let sortsKeys: Bool
    private let indents: Bool
    private var level = 0

    init(sortsKeys: Bool, indents: Bool = false) {
        self.sortsKeys = sortsKeys
        self.indents = indents
        output.reserveCapacity(480)
    }

    mutating func write(_ value: JSONValue) {
        switch value {
        case .null: append("null")
        case .bool(let truth): append(truth ? "true" : "false")
        case .number(let number): output.append(contentsOf: number.text.utf8)
        case .string(let text): write(text)
        case .array(let elements): write(elements)
        case .object(let object): write(object)
        case .encoded(let text):
            if indents || (sortsKeys && !text.isCanonical) {
                write(text.value)
            } else {
                output.append(contentsOf: text.text.utf8)
            }
        }
    }

    private mutating func write(_ elements: [JSONValue]) {
        open("[")
        for place in elements.indices {
            next(isFirst: place == 0)
            write(elements[place])
        }
        close("]", isEmpty: elements.isEmpty)
    }

    private mutating func write(_ object: JSONObject) {
        let members = object.members
        let order =
            sortsKeys ? members.indices.sorted { Self.areInOrder(members[$0].key, members[$1].key) } : nil
        open("{")
        for index in members.indices {
            let place = order?[index] ?? index
            next(isFirst: index == 0)
            write(members[place].key)
            output.append(UInt8(ascii: ":"))
            if indents { output.append(UInt8(ascii: " ")) }
            write(members[place].value)
        }
        close("}", isEmpty: members.isEmpty)
    }

    /// Whether one name's UTF-8 comes before the other's.
    private static func areInOrder(_ left: String, _ right: String) -> Bool {
        var (left, right) = (left, right)
        return left.withUTF8 { left in
            right.withUTF8 { right in
                for place in 0..<min(left.count, right.count) where left[place] != right[place] {
                    return left[place] < right[place]
                }
                return left.count < right.count
            }
        }
    }

    private mutating func open(_ bracket: Unicode.Scalar) {
        output.append(UInt8(ascii: bracket))
        level += 1
    }

    private mutating func next(isFirst: Bool) {
        if !isFirst { output.append(UInt8(ascii: ",")) }
        breakLine()
    }

    private mutating func close(_ bracket: Unicode.Scalar, isEmpty: Bool) {
        level -= 1
        if !isEmpty { breakLine() }
        output.append(UInt8(ascii: bracket))
    }

    private mutating func breakLine() {
        guard indents else { return }
        output.append(0x0A)
        output.append(contentsOf: repeatElement(0x20, count: level * 2))
    }

    mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { output.append(contentsOf: $0) }
    }

    /// What stands before the value of a member whose name needs no escapes.
    static func opening(_ name: StaticString, isFirst: Bool) -> [UInt8] {
        Array((isFirst ? "{\"\(name)\":" : ",\"\(name)\":").utf8)
    }

    /// What is written already.
    mutating func append(_ bytes: [UInt8]) { output.append(contentsOf: bytes) }

    /// Bytes that stand for themselves are copied whole, and that is mostly all of them.
    mutating func write(_ text: String) {
        var text = text
        output.append(UInt8(ascii: "\""))
        text.withUTF8 { bytes in
            if bytes.contains(where: Self.needsEscape) {
                writeEscaped(bytes)
            } else {
                output.append(contentsOf: bytes)
            }
        }
        output.append(UInt8(ascii: "\""))
    }

    private mutating func writeEscaped(_ bytes: UnsafeBufferPointer<UInt8>) {
        var copied = 0
        for place in bytes.indices where Self.needsEscape(bytes[place]) {
            output.append(contentsOf: bytes[copied..<place])
            escape(bytes[place])
            copied = place + 1
        }
        output.append(contentsOf: bytes[copied...])
    }

    @inline(__always)
    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append("\\\"")
        case UInt8(ascii: "\\"): append("\\\\")
        case 0x0A: append("\\n")
        case 0x0D: append("\\r")
        case 0x09: append("\\t")
        default:
            let digits = Array("0123456789abcdef".utf8)
            append("\\u00")
            output.append(digits[Int(byte >> 4)])
            output.append(digits[Int(byte & 15)])
        }
    }
}
