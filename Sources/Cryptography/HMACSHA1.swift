/// HMAC-SHA-1 of RFC 2104: for one-time passwords, and for providers that sign with nothing better.
package enum HMACSHA1 {
    /// The length of a code.
    package static let byteCount = SHA1.byteCount

    /// The authentication code of the message.
    package static func authenticate(_ message: [UInt8], key: SecretBytes) -> [UInt8] {
        var block = key.expose()
        if block.count > SHA1.blockByteCount { block = SHA1.hash(block) }
        block += [UInt8](repeating: 0, count: SHA1.blockByteCount - block.count)
        let inner = SHA1.hash(block.map { $0 ^ 0x36 } + message)
        return SHA1.hash(block.map { $0 ^ 0x5c } + inner)
    }
}
