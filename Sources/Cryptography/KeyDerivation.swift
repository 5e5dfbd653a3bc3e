import CSodium

/// Many keys from one: libsodium's `crypto_kdf` (keyed BLAKE2b with the purpose as personalisation).
package enum KeyDerivation {
    /// The length of a master key.
    package static let masterByteCount = 32

    /// The key number `id` for a purpose; knowing one says nothing about the others or the master.
    ///
    /// `context` names the purpose in exactly eight ASCII characters; `count` is 16…64 bytes.
    package static func subkey(
        of master: SecretBytes, id: UInt64, context: String, count: Int = 32
    ) throws(CryptographyError) -> SecretBytes {
        guard master.count == masterByteCount else {
            throw CryptographyError(
                .malformedKey, "a master key has \(masterByteCount) bytes, not \(master.count)")
        }
        let purpose = context.utf8.map { CChar(truncatingIfNeeded: $0) }
        guard purpose.count == 8, purpose.allSatisfy({ $0 > 0 }) else {
            throw CryptographyError(.malformedKey, "a key's purpose is eight ASCII characters: \(context)")
        }
        guard (16...64).contains(count) else {
            throw CryptographyError(.malformedKey, "a derived key has 16 to 64 bytes, not \(count)")
        }
        return SecretBytes(count: count) { derived in
            master.withUnsafeBytes { _ = crypto_kdf_derive_from_key(derived, count, id, purpose, $0) }
        }
    }
}
