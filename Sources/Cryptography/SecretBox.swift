import CSodium

/// Authenticated encryption with XChaCha20-Poly1305; a box is nonce (24), ciphertext, tag (16).
///
/// The nonce is random and long enough never to repeat. Associated data is not in the box but must be the same
/// when opening: use it to bind a box to its place (table, row, column).
package struct SecretBox: Sendable {
    /// The length of a key.
    package static let keyByteCount = 32
    /// How much longer a box is than its content.
    package static let overheadByteCount = nonceByteCount + tagByteCount

    private static let nonceByteCount = 24
    private static let tagByteCount = 16
    private let key: SecretBytes

    /// A box maker with the key.
    package init(key: SecretBytes) throws(CryptographyError) {
        guard key.count == Self.keyByteCount else {
            throw CryptographyError(
                .malformedKey, "a box key has \(Self.keyByteCount) bytes, not \(key.count)")
        }
        self.key = key
    }

    /// Encrypts under a fresh nonce.
    package func seal(_ plaintext: [UInt8], associated: [UInt8] = []) -> [UInt8] {
        let nonce = SecureRandom.bytes(Self.nonceByteCount)
        var sealed = [UInt8](repeating: 0, count: plaintext.count + Self.tagByteCount)
        key.withUnsafeBytes { key in
            _ = crypto_aead_xchacha20poly1305_ietf_encrypt(
                &sealed, nil, plaintext, UInt64(plaintext.count), associated, UInt64(associated.count), nil,
                nonce, key)
        }
        return nonce + sealed
    }

    /// Decrypts, or throws `.notAuthentic` when anything about the box is not as it was sealed.
    package func open(_ box: [UInt8], associated: [UInt8] = []) throws(CryptographyError) -> [UInt8] {
        guard box.count >= Self.overheadByteCount else {
            throw CryptographyError(.notAuthentic, "the box is too short to be one")
        }
        let nonce = Array(box.prefix(Self.nonceByteCount))
        let sealed = Array(box.dropFirst(Self.nonceByteCount))
        var plaintext = [UInt8](repeating: 0, count: sealed.count - Self.tagByteCount)
        let status = key.withUnsafeBytes { key in
            crypto_aead_xchacha20poly1305_ietf_decrypt(
                &plaintext, nil, nil, sealed, UInt64(sealed.count), associated, UInt64(associated.count),
                nonce, key)
        }
        guard status == 0 else {
            throw CryptographyError(
                .notAuthentic, "the box was changed, or sealed with another key or for another place")
        }
        return plaintext
    }
}
