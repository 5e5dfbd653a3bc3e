extension JSONValue {
    /// The document on one line, without spaces.
    package func serialized() -> String { String(decoding: bytes(), as: UTF8.self) }

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
    }

    mutating func write(_ value: JSONValue) {
        switch value {
        case .null: append("null")
        case .bool(let truth): append(truth ? "true" : "false")
        case .number(let number): output.append(contentsOf: number.text.utf8)
        case .string(let text): write(text)
        case .array(let elements):
            list(open: "[", close: "]", elements) { writer, element in writer.write(element) }
        case .object(let object):
            let members = sortsKeys ? object.members.sorted(by: Self.inOrder) : object.members
            list(open: "{", close: "}", members) { writer, member in
                writer.write(member.key)
                writer.append(writer.indents ? ": " : ":")
                writer.write(member.value)
            }
        case .encoded(let text):
            if indents || (sortsKeys && !text.isCanonical) {
                write(text.value)
            } else {
                output.append(contentsOf: text.text.utf8)
            }
        }
    }

    private static func inOrder(
        _ left: (key: String, value: JSONValue), _ right: (key: String, value: JSONValue)
    ) -> Bool {
        left.key.utf8.lexicographicallyPrecedes(right.key.utf8)
    }

    private mutating func list<Element>(
        open: StaticString, close: StaticString, _ elements: [Element],
        _ body: (inout JSONWriter, Element) -> Void
    ) {
        append(open)
        level += 1
        for (index, element) in elements.enumerated() {
            if index > 0 { append(",") }
            breakLine()
            body(&self, element)
        }
        level -= 1
        if !elements.isEmpty { breakLine() }
        append(close)
    }

    private mutating func breakLine() {
        guard indents else { return }
        output.append(0x0A)
        output.append(contentsOf: repeatElement(0x20, count: level * 2))
    }

    mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { output.append(contentsOf: $0) }
    }

    /// Stretches of bytes that stand for themselves are copied whole.
    private mutating func write(_ text: String) {
        var text = text
        output.append(UInt8(ascii: "\""))
        text.withUTF8 { bytes in
            var copied = 0
            for place in bytes.indices where Self.needsEscape(bytes[place]) {
                output.append(contentsOf: bytes[copied..<place])
                escape(bytes[place])
                copied = place + 1
            }
            output.append(contentsOf: bytes[copied...])
        }
        output.append(UInt8(ascii: "\""))
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
