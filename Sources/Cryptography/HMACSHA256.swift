/// HMAC-SHA-256 of RFC 2104, with keys of any length.
package enum HMACSHA256 {
    /// The length of a code.
    package static let byteCount = 32

    /// The authentication code of the message.
    package static func authenticate(_ message: [UInt8], key: SecretBytes) -> [UInt8] {
        AuthenticationCode.sha256.compute(message, key: key)
    }

    /// The authentication code of the message under a key held in ordinary memory.
    package static func authenticate(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        AuthenticationCode.sha256.compute(message, key: key, keyCount: key.count)
    }

    /// Whether the code belongs to the message, in constant time.
    package static func isValid(_ code: [UInt8], of message: [UInt8], key: SecretBytes) -> Bool {
        constantTimeEquals(code, authenticate(message, key: key))
    }
}
