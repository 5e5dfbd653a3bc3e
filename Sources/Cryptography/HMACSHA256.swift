import CSodium

/// HMAC-SHA-256 of RFC 2104, with keys of any length.
package enum HMACSHA256 {
    /// The length of a code.
    package static let byteCount = 32

    /// The authentication code of the message.
    package static func authenticate(_ message: [UInt8], key: SecretBytes) -> [UInt8] {
        key.withUnsafeBytes { code(of: message, key: $0, keyCount: key.count) }
    }

    /// The authentication code of the message under a key held in ordinary memory.
    package static func authenticate(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        code(of: message, key: key, keyCount: key.count)
    }

    /// Whether the code belongs to the message, in constant time.
    package static func isValid(_ code: [UInt8], of message: [UInt8], key: SecretBytes) -> Bool {
        constantTimeEquals(code, authenticate(message, key: key))
    }

    private static func code(of message: [UInt8], key: UnsafePointer<UInt8>, keyCount: Int) -> [UInt8] {
        _ = Sodium.ready
        var state = crypto_auth_hmacsha256_state()
        defer { sodium_memzero(&state, MemoryLayout.size(ofValue: state)) }
        var code = [UInt8](repeating: 0, count: byteCount)
        crypto_auth_hmacsha256_init(&state, key, keyCount)
        crypto_auth_hmacsha256_update(&state, message, UInt64(message.count))
        crypto_auth_hmacsha256_final(&state, &code)
        return code
    }
}
