/// Which bytes cannot stand for themselves in a JSON string: control characters, the quote, the backslash, and DEL.
enum JSONEscapes {
    @inline(__always)
    static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F
    }

    /// Whether all bytes stand for themselves; eight of them are looked at together.
    @inline(__always)
    static func areAbsent(in bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let start = bytes.baseAddress else { return true }
        let raw = UnsafeRawPointer(start)
        guard bytes.count >= 8 else { return areAbsent(inFewAt: raw, count: bytes.count) }
        var place = 0
        while place + 8 < bytes.count {
            if mayNeedEscape(raw.loadUnaligned(fromByteOffset: place, as: UInt64.self)) { return false }
            place += 8
        }
        // The last eight, of which some may have been looked at already.
        return !mayNeedEscape(raw.loadUnaligned(fromByteOffset: bytes.count - 8, as: UInt64.self))
    }

    /// The same for less than eight bytes: two fours that overlap, or one by one.
    @inline(__always)
    private static func areAbsent(inFewAt raw: UnsafeRawPointer, count: Int) -> Bool {
        if count >= 4 {
            let first = UInt64(raw.loadUnaligned(as: UInt32.self))
            let last = UInt64(raw.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self))
            return !mayNeedEscape(first | last << 32)
        }
        for place in 0..<count where needsEscape(raw.load(fromByteOffset: place, as: UInt8.self)) {
            return false
        }
        return true
    }

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// Whether one of eight bytes needs an escape: subtracting from a byte that is too small takes its high bit from
    /// the bytes beside it, and a difference is 0 where the byte is the one looked for.
    ///
    /// Exact as a whole: what is borrowed can only make another byte look small where one of them is.
    @inline(__always)
    private static func mayNeedEscape(_ eight: UInt64) -> Bool {
        let quote = eight ^ (ones &* UInt64(UInt8(ascii: "\"")))
        let backslash = eight ^ (ones &* UInt64(UInt8(ascii: "\\")))
        let delete = eight ^ (ones &* 0x7F)
        let small =
            ((eight &- ones &* 0x20) & ~eight) | ((quote &- ones) & ~quote)
            | ((backslash &- ones) & ~backslash) | ((delete &- ones) & ~delete)
        return small & highBits != 0
    }
}
