import CSodium

/// Passwords and PINs at rest: Argon2id in libsodium's self-describing text.
///
/// One computation takes the cost's memory (64 MiB by default) and about a tenth of a second of one core, so run
/// few at a time and limit the length of what you pass.
package enum PasswordHash {
    /// How much work one guess costs.
    package struct Cost: Sendable, Hashable {
        package let operations: UInt64
        package let memoryBytes: Int

        /// Two passes over 64 MiB: for people who wait, on a small server.
        package static let interactive = Cost(
            operations: UInt64(crypto_pwhash_OPSLIMIT_INTERACTIVE),
            memoryBytes: Int(crypto_pwhash_MEMLIMIT_INTERACTIVE))

        package init(operations: UInt64, memoryBytes: Int) {
            self.operations = operations
            self.memoryBytes = memoryBytes
        }
    }

    /// The text to store, with a fresh salt in it.
    package static func create(
        _ password: String, cost: Cost = .interactive
    ) throws(CryptographyError) -> String {
        _ = Sodium.ready
        var text = [CChar](repeating: 0, count: Int(crypto_pwhash_STRBYTES))
        let characters = password.utf8.map { CChar(bitPattern: $0) }
        let status = crypto_pwhash_str(
            &text, characters, UInt64(characters.count), cost.operations, cost.memoryBytes)
        guard status == 0 else {
            throw CryptographyError(
                .outOfMemory, "the password could not be hashed with \(cost.memoryBytes) bytes of memory")
        }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Whether the password made the stored text; false for text that is no hash.
    package static func verify(_ password: String, against hash: String) -> Bool {
        _ = Sodium.ready
        let characters = password.utf8.map { CChar(bitPattern: $0) }
        return crypto_pwhash_str_verify(padded(hash), characters, UInt64(characters.count)) == 0
    }

    /// Whether the stored text was made with another cost or method and should be made anew at the next login.
    package static func needsRehash(_ hash: String, cost: Cost = .interactive) -> Bool {
        _ = Sodium.ready
        return crypto_pwhash_str_needs_rehash(padded(hash), cost.operations, cost.memoryBytes) != 0
    }

    /// libsodium reads up to `STRBYTES` characters of the text: give it that many, ended by zeros.
    private static func padded(_ hash: String) -> [CChar] {
        let length = Int(crypto_pwhash_STRBYTES)
        let characters = hash.utf8.prefix(length - 1).map { CChar(bitPattern: $0) }
        return characters + [CChar](repeating: 0, count: length - characters.count)
    }
}
