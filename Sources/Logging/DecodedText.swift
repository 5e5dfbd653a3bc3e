/// Bytes, and for each of them where it begins in the text they were decoded from.
struct DecodedText {
    private(set) var bytes: [UInt8]
    /// One more than bytes, the last being the text's end; empty while nothing was decoded.
    private var starts: [Int]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        starts = []
    }

    /// The same range in the text all this began with.
    func source(of range: Range<Int>) -> Range<Int> {
        starts.isEmpty ? range : starts[range.lowerBound]..<starts[range.upperBound]
    }

    /// What `%41` and `+` mean in addresses and forms; nil where there is nothing of the kind.
    func percentDecoded() -> DecodedText? {
        guard bytes.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else {
            return nil
        }
        return decoded { bytes, index in
            switch bytes[index] {
            case UInt8(ascii: "+"): return ([UInt8(ascii: " ")], 1)
            case UInt8(ascii: "%"):
                guard let value = hexadecimal(bytes, index + 1, 2) else { return nil }
                return ([UInt8(truncatingIfNeeded: value)], 3)
            default: return nil
            }
        }
    }

    /// What `\"`, `\n` and `\u0041` mean in JSON; nil where there is nothing of the kind.
    func unescaped() -> DecodedText? {
        guard bytes.contains(UInt8(ascii: "\\")) else { return nil }
        return decoded { bytes, index in
            guard bytes[index] == UInt8(ascii: "\\"), index + 1 < bytes.count else { return nil }
            switch bytes[index + 1] {
            case UInt8(ascii: "n"): return ([0x0A], 2)
            case UInt8(ascii: "r"): return ([0x0D], 2)
            case UInt8(ascii: "t"): return ([0x09], 2)
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return ([bytes[index + 1]], 2)
            case UInt8(ascii: "u"):
                guard let value = hexadecimal(bytes, index + 2, 4), let scalar = Unicode.Scalar(value) else {
                    return nil
                }
                return (Array(String(Character(scalar)).utf8), 6)
            default: return nil
            }
        }
    }

    private func decoded(_ step: ([UInt8], Int) -> (bytes: [UInt8], length: Int)?) -> DecodedText {
        var result = DecodedText([])
        var index = 0
        while index < bytes.count {
            let (meaning, length) = step(bytes, index) ?? ([bytes[index]], 1)
            let start = source(of: index..<index).lowerBound
            result.bytes += meaning
            result.starts += repeatElement(start, count: meaning.count)
            index += length
        }
        result.starts.append(source(of: bytes.count..<bytes.count).lowerBound)
        return result
    }
}

private func hexadecimal(_ bytes: [UInt8], _ start: Int, _ count: Int) -> UInt32? {
    guard start + count <= bytes.count else { return nil }
    let digits = bytes[start..<start + count]
    guard digits.allSatisfy({ isHexadecimalDigit($0) }) else { return nil }
    return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
}

private func isHexadecimalDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
        UInt8(ascii: "A")...UInt8(ascii: "F"):
        true
    default: false
    }
}
