/// A strict reader of JSON (RFC 8259): what is doubtful is refused, so that two readers never differ.
///
/// Refused besides bad grammar: invalid UTF-8, NUL in strings, lone surrogates, a name twice in one object,
/// nesting deeper than asked, numbers longer than 64 characters, anything after the document.
package struct JSONParser {
    private let bytes: [UInt8]
    private let maxDepth: Int
    private var place = 0
    private static let longestNumber = 64

    private init(bytes: [UInt8], maxDepth: Int) {
        self.bytes = bytes
        self.maxDepth = maxDepth
    }

    /// Reads one document.
    package static func parse(_ bytes: [UInt8], maxDepth: Int = 32) throws(JSONError) -> JSONValue {
        var parser = JSONParser(bytes: bytes, maxDepth: maxDepth)
        parser.skipSpace()
        let value = try parser.value(depth: 0)
        parser.skipSpace()
        guard parser.place == bytes.count else { throw parser.failure("there is more after the document") }
        return value
    }

    /// Reads one document from text.
    package static func parse(_ text: String, maxDepth: Int = 32) throws(JSONError) -> JSONValue {
        try parse(Array(text.utf8), maxDepth: maxDepth)
    }

    private func failure(_ message: String) -> JSONError { JSONError(offset: place, message: message) }

    private mutating func skipSpace() {
        while place < bytes.count {
            switch bytes[place] {
            case 0x20, 0x09, 0x0A, 0x0D: place += 1
            default: return
            }
        }
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        guard place < bytes.count else { throw failure("the document ends too early") }
        switch bytes[place] {
        case UInt8(ascii: "{"): return try object(depth: depth + 1)
        case UInt8(ascii: "["): return try array(depth: depth + 1)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return .number(try number())
        }
    }

    private mutating func word(_ text: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        let length = text.utf8CodeUnitCount
        let matches =
            place + length <= bytes.count
            && (0..<length).allSatisfy { bytes[place + $0] == text.utf8Start[$0] }
        guard matches else { throw failure("no JSON value begins here") }
        place += length
        return value
    }

    private mutating func number() throws(JSONError) -> JSONNumber {
        guard let end = JSONNumberScanner.end(in: bytes, from: place) else {
            throw failure("no JSON value begins here")
        }
        guard end - place <= Self.longestNumber else {
            throw failure("the number has more than \(Self.longestNumber) characters")
        }
        defer { place = end }
        return JSONNumber(validated: String(decoding: bytes[place..<end], as: UTF8.self))
    }

    private mutating func array(depth: Int) throws(JSONError) -> JSONValue {
        guard depth <= maxDepth else { throw failure("nested deeper than \(maxDepth) levels") }
        place += 1
        var elements: [JSONValue] = []
        skipSpace()
        if take("]") { return .array([]) }
        while true {
            skipSpace()
            elements.append(try value(depth: depth))
            skipSpace()
            if take("]") { return .array(elements) }
            guard take(",") else { throw failure("a comma or ] is missing") }
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONValue {
        guard depth <= maxDepth else { throw failure("nested deeper than \(maxDepth) levels") }
        place += 1
        var object = JSONObject()
        skipSpace()
        if take("}") { return .object(object) }
        while true {
            skipSpace()
            guard place < bytes.count, bytes[place] == UInt8(ascii: "\"") else {
                throw failure("a member's name in quotes is missing")
            }
            let start = place
            let key = try string()
            guard !object.has(key) else {
                throw JSONError(
                    offset: start, message: "the name \"\(key.prefix(64))\" stands twice in one object")
            }
            skipSpace()
            guard take(":") else { throw failure("a colon is missing") }
            skipSpace()
            object.append(key, try value(depth: depth))
            skipSpace()
            if take("}") { return .object(object) }
            guard take(",") else { throw failure("a comma or } is missing") }
        }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard place < bytes.count, bytes[place] == UInt8(ascii: character) else { return false }
        place += 1
        return true
    }

    private mutating func string() throws(JSONError) -> String {
        place += 1
        let start = place
        var bits: UInt8 = 0
        while place < bytes.count {
            let byte = bytes[place]
            switch byte {
            case UInt8(ascii: "\""):
                defer { place += 1 }
                // What is ASCII alone is valid UTF-8 and needs no second look.
                return bits < 0x80
                    ? String(decoding: bytes[start..<place], as: UTF8.self) : try text(bytes[start..<place])
            case UInt8(ascii: "\\"): return try escapedString(start: start)
            case 0..<0x20: throw failure("a control character stands unescaped in a string")
            default:
                bits |= byte
                place += 1
            }
        }
        throw failure("a string is not closed")
    }

    private mutating func escapedString(start: Int) throws(JSONError) -> String {
        var content = Array(bytes[start..<place])
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "\""):
                defer { place += 1 }
                return try text(content[...])
            case UInt8(ascii: "\\"):
                place += 1
                content.append(contentsOf: String(try escape()).utf8)
            case 0..<0x20: throw failure("a control character stands unescaped in a string")
            default:
                content.append(bytes[place])
                place += 1
            }
        }
        throw failure("a string is not closed")
    }

    private func text(_ content: ArraySlice<UInt8>) throws(JSONError) -> String {
        guard let text = String(validating: content, as: UTF8.self) else {
            throw failure("a string is not valid UTF-8")
        }
        return text
    }

    private mutating func escape() throws(JSONError) -> Unicode.Scalar {
        guard place < bytes.count else { throw failure("a string is not closed") }
        defer { place += 1 }
        switch bytes[place] {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw failure("an unknown escape")
        }
    }

    /// Leaves `place` on the last hexadecimal digit.
    private mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
        let first = try hexadecimal()
        guard first != 0 else { throw failure("the NUL character is not taken") }
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard (0xD800..<0xDC00).contains(first), place + 2 < bytes.count,
            bytes[place + 1] == UInt8(ascii: "\\"), bytes[place + 2] == UInt8(ascii: "u")
        else { throw failure("half of a surrogate pair") }
        place += 2
        let second = try hexadecimal()
        guard (0xDC00..<0xE000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw failure("half of a surrogate pair") }
        return scalar
    }

    private mutating func hexadecimal() throws(JSONError) -> UInt32 {
        guard place + 4 < bytes.count else { throw failure("a string is not closed") }
        var value: UInt32 = 0
        for _ in 0..<4 {
            place += 1
            guard let digit = Character(Unicode.Scalar(bytes[place])).hexDigitValue else {
                throw failure("\\u needs four hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
        }
        return value
    }
}
