import CSodium

/// An Ed25519 public key.
package struct PublicKey: Sendable, Hashable {
    /// The length of a key.
    package static let byteCount = 32
    /// The length of a signature.
    package static let signatureByteCount = 64

    package let bytes: [UInt8]

    /// A key from its 32 bytes; whether they are a good point shows when verifying.
    package init(_ bytes: [UInt8]) throws(CryptographyError) {
        guard bytes.count == Self.byteCount else {
            throw CryptographyError(
                .malformedKey, "a public key has \(Self.byteCount) bytes, not \(bytes.count)")
        }
        self.bytes = bytes
    }

    /// Whether the signature is this key's for the message; false for malformed ones as well.
    package func verify(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        _ = Sodium.ready
        guard signature.count == Self.signatureByteCount else { return false }
        return crypto_sign_verify_detached(signature, message, UInt64(message.count), bytes) == 0
    }
}

extension PublicKey: CustomStringConvertible {
    /// The key in Base64.
    package var description: String { Base64.encode(bytes) }
}
