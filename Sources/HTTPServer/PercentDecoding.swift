/// What can be wrong with percent-encoded text.
package enum PercentDecodingError: Error, Sendable, Hashable {
    case brokenEscape
    case invalidUTF8
    case nulCharacter
}

/// The text that a percent-encoded piece of a path, query or form stands for.
func percentDecoded(
    _ text: Substring, plusIsSpace: Bool = false
) throws(PercentDecodingError) -> String {
    let bytes = text.utf8
    guard bytes.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") || $0 == 0 }) else {
        return String(text)
    }
    var decoded: [UInt8] = []
    decoded.reserveCapacity(bytes.count)
    var iterator = bytes.makeIterator()
    while let byte = iterator.next() {
        switch byte {
        case UInt8(ascii: "%"):
            guard let high = iterator.next().flatMap(hexDigit), let low = iterator.next().flatMap(hexDigit)
            else { throw .brokenEscape }
            decoded.append(high << 4 | low)
        case UInt8(ascii: "+") where plusIsSpace:
            decoded.append(UInt8(ascii: " "))
        default:
            decoded.append(byte)
        }
    }
    guard !decoded.contains(0) else { throw .nulCharacter }
    guard let result = String(validating: decoded, as: UTF8.self) else { throw .invalidUTF8 }
    return result
}

private func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x41 + 10
    case 0x61...0x66: byte - 0x61 + 10
    default: nil
    }
}
