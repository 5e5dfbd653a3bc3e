import Cryptography
import Testing

@Suite struct PasswordHashTests {
    private let cheap = PasswordHash.Cost(operations: 1, memoryBytes: 8_192)

    @Test func `a password fits its hash and no other`() throws {
        let hash = try PasswordHash.create("correct horse", cost: cheap)
        #expect(hash.hasPrefix("$argon2id$v=19$m=8,t=1,p=1$"))
        #expect(PasswordHash.verify("correct horse", against: hash))
        #expect(!PasswordHash.verify("correct horsf", against: hash))
        #expect(!PasswordHash.verify("correct hors", against: hash))
        #expect(!PasswordHash.verify("", against: hash))
    }

    @Test func `the salt makes every hash new`() throws {
        let first = try PasswordHash.create("1234", cost: cheap)
        let second = try PasswordHash.create("1234", cost: cheap)
        #expect(first != second)
    }

    @Test func `letters after a zero count`() throws {
        let hash = try PasswordHash.create("pin\u{0}one", cost: cheap)
        #expect(PasswordHash.verify("pin\u{0}one", against: hash))
        #expect(!PasswordHash.verify("pin\u{0}two", against: hash))
        #expect(!PasswordHash.verify("pin", against: hash))
    }

    /// Made by the Python package `cryptography` from "größer als 8 Zeichen".
    @Test func `reads what another implementation wrote`() {
        let hash =
            "$argon2id$v=19$m=8192,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$sZBKv90LOsdFYS71B+6SQKs/2W1KyltY0Y4yFaBB9oE"
        #expect(PasswordHash.verify("größer als 8 Zeichen", against: hash))
        #expect(!PasswordHash.verify("grosser als 8 Zeichen", against: hash))
    }

    @Test func `the default cost is two passes over 64 MiB`() throws {
        let hash = try PasswordHash.create("a password")
        #expect(hash.hasPrefix("$argon2id$v=19$m=65536,t=2,p=1$"))
        #expect(!PasswordHash.needsRehash(hash))
        #expect(PasswordHash.needsRehash(hash, cost: cheap))
    }

    @Test func `an old cost asks for a new hash`() throws {
        let hash = try PasswordHash.create("a password", cost: cheap)
        #expect(PasswordHash.needsRehash(hash))
        #expect(!PasswordHash.needsRehash(hash, cost: cheap))
    }

    @Test(arguments: [
        "", "plain", "$argon2id$", "$argon2id$v=19$m=8,t=1,p=1$AAAA$", "$2b$12$aaaaaaaaaaaaaaaaaaaaaa",
    ])
    func `text that is no hash fits nothing`(text: String) {
        #expect(!PasswordHash.verify("", against: text))
        #expect(!PasswordHash.verify(text, against: text))
        #expect(PasswordHash.needsRehash(text))
    }

    @Test func `a text longer than any hash is not read past its end`() {
        #expect(!PasswordHash.verify("x", against: String(repeating: "$argon2id", count: 1_000)))
    }

    @Test func `a cost no machine can pay is an error`() {
        #expect(throws: CryptographyError.self) {
            try PasswordHash.create("x", cost: PasswordHash.Cost(operations: 1, memoryBytes: 1 << 60))
        }
    }
}
