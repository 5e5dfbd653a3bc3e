/// SHA-1 of FIPS 180-4, which libsodium leaves out: for one-time passwords and providers' old signatures only.
///
/// Collisions can be made; inside HMAC, where it is used here, that does not help an attacker.
enum SHA1 {
    static let byteCount = 20
    static let blockByteCount = 64

    /// The digest of the bytes.
    static func hash(_ message: [UInt8]) -> [UInt8] {
        var state: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0]
        let bytes = padded(message)
        for start in stride(from: 0, to: bytes.count, by: blockByteCount) {
            mix(bytes[start..<(start + blockByteCount)], into: &state)
        }
        return state.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - $0 * 8)) } }
    }

    /// A one bit, zeros, and the length in bits as the last eight bytes of a block.
    private static func padded(_ message: [UInt8]) -> [UInt8] {
        let zeros = (119 - message.count % blockByteCount) % blockByteCount
        let bits = UInt64(message.count) * 8
        let length = (0..<8).map { UInt8(truncatingIfNeeded: bits >> (56 - $0 * 8)) }
        return message + [0x80] + [UInt8](repeating: 0, count: zeros) + length
    }

    private static func mix(_ block: ArraySlice<UInt8>, into state: inout [UInt32]) {
        var words = stride(from: block.startIndex, to: block.endIndex, by: 4).map { start in
            block[start..<(start + 4)].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        }
        for index in 16..<80 {
            words.append(
                rotated(words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16], 1))
        }
        var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
        for index in 0..<80 {
            let sum = rotated(a, 5) &+ choice(index, b, c, d) &+ e &+ words[index]
            (a, b, c, d, e) = (sum, a, rotated(b, 30), c, d)
        }
        for (index, word) in [a, b, c, d, e].enumerated() { state[index] &+= word }
    }

    /// The function and constant of a round.
    private static func choice(_ round: Int, _ b: UInt32, _ c: UInt32, _ d: UInt32) -> UInt32 {
        switch round / 20 {
        case 0: ((b & c) | (~b & d)) &+ 0x5a82_7999
        case 1: (b ^ c ^ d) &+ 0x6ed9_eba1
        case 2: ((b & c) | (b & d) | (c & d)) &+ 0x8f1b_bcdc
        default: (b ^ c ^ d) &+ 0xca62_c1d6
        }
    }

    private static func rotated(_ word: UInt32, _ bits: UInt32) -> UInt32 {
        word << bits | word >> (32 - bits)
    }
}
