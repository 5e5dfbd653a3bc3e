/// The identity of a thing of ours: a UUID in lower case.
package struct Identifier: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The UUID as 36 lower-case characters.
    package let text: String

    package var description: String { text }

    /// An identifier from the text of a UUID in either case; nil where it is none.
    package init?(_ text: String) {
        guard text.utf8.count == 36 else { return nil }
        var place = 0
        var hasCapitals = false
        for byte in text.utf8 {
            let isSound = Self.isDash(place) ? byte == UInt8(ascii: "-") : Self.isHexadecimal(byte)
            guard isSound else { return nil }
            if byte <= UInt8(ascii: "F"), byte >= UInt8(ascii: "A") { hasCapitals = true }
            place += 1
        }
        self.text = hasCapitals ? text.lowercased() : text
    }

    /// A UUID of version 7 (RFC 9562): ordered by time, 74 random bits from `random` (10 bytes).
    package init(at time: Timestamp, random: [UInt8]) {
        precondition(random.count == 10, "a version 7 UUID takes ten random bytes")
        let milliseconds = UInt64(max(0, time.microseconds / 1000))
        var bytes = (0..<6).map { UInt8(truncatingIfNeeded: milliseconds >> UInt64(40 - 8 * $0)) } + random
        bytes[6] = bytes[6] & 0x0F | 0x70
        bytes[8] = bytes[8] & 0x3F | 0x80
        text = Self.format(bytes)
    }

    /// An identifier from its 16 bytes.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        text = Self.format(Array(bytes))
    }

    /// The 16 bytes.
    package var bytes: [UInt8] {
        let digits = text.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    package static func < (left: Identifier, right: Identifier) -> Bool { left.text < right.text }

    private static func format(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var output: [UInt8] = []
        output.reserveCapacity(36)
        for byte in bytes {
            if isDash(output.count) { output.append(UInt8(ascii: "-")) }
            output.append(digits[Int(byte >> 4)])
            output.append(digits[Int(byte & 15)])
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }

    /// Whether a dash stands in this place of the 36.
    private static func isDash(_ place: Int) -> Bool {
        place == 8 || place == 13 || place == 18 || place == 23
    }
}
