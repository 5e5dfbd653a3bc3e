/// The text form of `bytea`: `\x` and hexadecimal digits.
enum ByteaText {
    private static let digits = Array("0123456789abcdef".utf8)

    static func append(_ raw: [UInt8], to bytes: inout [UInt8]) {
        bytes.reserveCapacity(bytes.count + 2 + raw.count * 2)
        bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "x")])
        for byte in raw {
            bytes.append(digits[Int(byte >> 4)])
            bytes.append(digits[Int(byte & 15)])
        }
    }

    static func parse(_ text: some RandomAccessCollection<UInt8>) -> [UInt8]? {
        guard text.starts(with: "\\x".utf8), text.count.isMultiple(of: 2) else { return nil }
        var raw: [UInt8] = []
        raw.reserveCapacity(text.count / 2 - 1)
        var high: UInt8?
        for character in text.dropFirst(2) {
            guard let digit = digit(character) else { return nil }
            if let first = high {
                raw.append(first << 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
        return raw
    }

    private static func digit(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
