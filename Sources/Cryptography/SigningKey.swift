import CSodium

/// An Ed25519 private key; its secret lives in guarded memory and is never printed.
package struct SigningKey: Sendable {
    /// The length of a seed.
    package static let seedByteCount = 32

    /// The key others check signatures with.
    package let publicKey: PublicKey
    private let secret: SecretBytes

    /// The key that belongs to a seed of 32 bytes.
    package init(seed: SecretBytes) throws(CryptographyError) {
        guard seed.count == Self.seedByteCount else {
            throw CryptographyError(
                .malformedKey, "a signing seed has \(Self.seedByteCount) bytes, not \(seed.count)")
        }
        var publicBytes = [UInt8](repeating: 0, count: PublicKey.byteCount)
        secret = SecretBytes(count: Int(crypto_sign_SECRETKEYBYTES)) { pair in
            seed.withUnsafeBytes { _ = crypto_sign_seed_keypair(&publicBytes, pair, $0) }
        }
        publicKey = try PublicKey(publicBytes)
    }

    /// The key that belongs to a seed held in ordinary memory.
    package init(seed: [UInt8]) throws(CryptographyError) {
        try self.init(seed: SecretBytes(seed))
    }

    /// The detached signature (64 bytes) of the message.
    package func sign(_ message: [UInt8]) -> [UInt8] {
        var signature = [UInt8](repeating: 0, count: PublicKey.signatureByteCount)
        secret.withUnsafeBytes { key in
            _ = crypto_sign_detached(&signature, nil, message, UInt64(message.count), key)
        }
        return signature
    }
}

extension SigningKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "[redacted]" }
    package var debugDescription: String { "[redacted]" }
    package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
