/// HMAC-SHA-1 of RFC 2104: for one-time passwords, and for providers that sign with nothing better.
///
/// Collisions of SHA-1 can be made; inside HMAC that does not help an attacker.
package enum HMACSHA1 {
    /// The length of a code.
    package static let byteCount = 20

    /// The authentication code of the message.
    package static func authenticate(_ message: [UInt8], key: SecretBytes) -> [UInt8] {
        AuthenticationCode.sha1.compute(message, key: key)
    }
}
