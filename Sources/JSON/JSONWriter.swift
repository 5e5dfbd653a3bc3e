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
        return writer.output.bytes
    }

    /// The document with the names of every object sorted by their UTF-8: equal values give equal text.
    package func canonical() -> String {
        var writer = JSONWriter(sortsKeys: true)
        writer.write(self)
        return writer.output.text
    }

    /// The document with two spaces for each level, for people.
    package func pretty() -> String {
        var writer = JSONWriter(sortsKeys: false, indents: true)
        writer.write(self)
        return writer.output.text
    }
}

/// Writes values as UTF-8 bytes.
struct JSONWriter: ~Copyable {
    private(set) var output: ByteOutput
    private let sortsKeys: Bool
    private let indents: Bool
    private var level = 0

    init(sortsKeys: Bool, indents: Bool = false, capacity: Int = 480) {
        self.sortsKeys = sortsKeys
        self.indents = indents
        output = ByteOutput(capacity: capacity)
    }

    mutating func write(_ value: JSONValue) {
        switch value {
        case .null: append("null")
        case .bool(let truth): append(truth ? "true" : "false")
        case .number(let number): append(number.text)
        case .string(let text): write(text)
        case .array(let elements): write(elements)
        case .object(let object): write(object)
        case .encoded(let text):
            if indents || (sortsKeys && !text.isCanonical) {
                write(text.value)
            } else {
                append(text.text)
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
        let order = sortsKeys ? JSONNames.order(members) : nil
        open("{")
        for index in members.indices {
            let place = order?[index].place ?? index
            next(isFirst: index == 0)
            write(members[place].key)
            output.append(UInt8(ascii: ":"))
            if indents { output.append(UInt8(ascii: " ")) }
            write(members[place].value)
        }
        close("}", isEmpty: members.isEmpty)
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
        for _ in 0..<level * 2 { output.append(0x20) }
    }

    /// What is written already.
    mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { output.append($0) }
    }

    /// What is written already.
    mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { output.append($0) }
    }

    /// What is written already.
    mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) { output.append(bytes) }

    /// Bytes that stand for themselves are copied whole, and that is mostly all of them.
    mutating func write(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            if JSONEscapes.areAbsent(in: bytes) {
                output.appendQuoted(bytes)
            } else {
                output.append(UInt8(ascii: "\""))
                writeEscaped(bytes)
                output.append(UInt8(ascii: "\""))
            }
        }
    }

    private mutating func writeEscaped(_ bytes: UnsafeBufferPointer<UInt8>) {
        var copied = 0
        for place in bytes.indices where JSONEscapes.needsEscape(bytes[place]) {
            output.append(UnsafeBufferPointer(rebasing: bytes[copied..<place]))
            escape(bytes[place])
            copied = place + 1
        }
        output.append(UnsafeBufferPointer(rebasing: bytes[copied...]))
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
