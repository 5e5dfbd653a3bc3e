import Cryptography
import Testing

@Suite struct SecretTests {
    private let key = SecretBytes([UInt8](0x80...0x9f))

    /// draft-irtf-cfrg-xchacha-03, appendix A.3.1.
    @Test func `opens the box of the draft`() throws {
        let nonce = "404142434445464748494a4b4c4d4e4f5051525354555657"
        let ciphertext =
            "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39"
            + "ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9"
            + "21f9664c97637da9768812f615c68b13b52e"
        let tag = "c0875924c1c7987947deafd8780acf49"
        let box = try #require(Hex.decode(nonce + ciphertext + tag))
        let associated = try #require(Hex.decode("50515253c0c1c2c3c4c5c6c7"))
        let plaintext = try SecretBox(key: key).open(box, associated: associated)
        #expect(
            String(decoding: plaintext, as: UTF8.self)
                == "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
                + "sunscreen would be it.")
    }

    @Test(arguments: [0, 1, 15, 16, 17, 1_000]) func `what is sealed comes back`(count: Int) throws {
        let box = try SecretBox(key: key)
        let content = SecureRandom.bytes(count)
        let sealed = box.seal(content, associated: [1])
        #expect(sealed.count == count + SecretBox.overheadByteCount)
        #expect(try box.open(sealed, associated: [1]) == content)
    }

    @Test func `the same content never looks the same`() throws {
        let box = try SecretBox(key: key)
        #expect(box.seal([1, 2, 3]) != box.seal([1, 2, 3]))
    }

    @Test func `any change of the box is noticed`() throws {
        let box = try SecretBox(key: key)
        let sealed = box.seal([1, 2, 3], associated: [9])
        for index in sealed.indices {
            var forged = sealed
            forged[index] ^= 0x10
            #expect(throws: CryptographyError.self) { try box.open(forged, associated: [9]) }
        }
        for count in 0..<sealed.count {
            #expect(throws: CryptographyError.self) {
                try box.open(Array(sealed.prefix(count)), associated: [9])
            }
        }
        #expect(throws: CryptographyError.self) { try box.open(sealed + [0], associated: [9]) }
    }

    @Test func `a box opens only at its place and with its key`() throws {
        let sealed = try SecretBox(key: key).seal([1, 2, 3], associated: Array("user 1".utf8))
        #expect(throws: CryptographyError.self) {
            try SecretBox(key: key).open(sealed, associated: Array("user 2".utf8))
        }
        #expect(throws: CryptographyError.self) { try SecretBox(key: key).open(sealed) }
        #expect(throws: CryptographyError.self) {
            try SecretBox(key: .random(count: 32)).open(sealed, associated: Array("user 1".utf8))
        }
    }

    @Test(arguments: [0, 31, 33]) func `a box key has 32 bytes`(count: Int) {
        #expect(throws: CryptographyError.self) { try SecretBox(key: .random(count: count)) }
    }

    /// Computed with another implementation of keyed BLAKE2b (salt = number, personalisation = purpose).
    @Test(arguments: [
        (UInt64(0), 32, "c13fcc2e6cd0cd0f82d93b163a5696c5105378f8c629d36baf3ae0239de9c280"),
        (1, 16, "3c387fab802aae447033073e76ee002c"),
        (
            1_099_511_627_781, 64,
            "c34f2c77a4262f183bfd82c28bf3c9932e54ecf19306070660817926ff8dcc3b"
                + "97656754e10c0f45002e03858b98ad8cf717e85da01a464a125e90606f7242c3"
        ),
    ])
    func `derived keys are keyed BLAKE2b`(id: UInt64, count: Int, expected: String) throws {
        let master = SecretBytes([UInt8](0..<32))
        let derived = try KeyDerivation.subkey(of: master, id: id, context: "KDF test", count: count)
        #expect(Hex.encode(derived.expose()) == expected)
    }

    @Test func `numbers and purposes give different keys`() throws {
        let master = SecretBytes.random(count: 32)
        let first = try KeyDerivation.subkey(of: master, id: 1, context: "sessions")
        #expect(try KeyDerivation.subkey(of: master, id: 1, context: "sessions") == first)
        #expect(try KeyDerivation.subkey(of: master, id: 2, context: "sessions") != first)
        #expect(try KeyDerivation.subkey(of: master, id: 1, context: "channels") != first)
    }

    @Test(arguments: ["", "short", "too long!", "ümlaut7"]) func `a purpose has eight ASCII characters`(
        context: String
    ) {
        #expect(throws: CryptographyError.self) {
            try KeyDerivation.subkey(of: .random(count: 32), id: 1, context: context)
        }
    }

    @Test(arguments: [(31, 32), (33, 32), (32, 15), (32, 65)])
    func `derivation refuses other lengths`(master: Int, count: Int) {
        #expect(throws: CryptographyError.self) {
            try KeyDerivation.subkey(of: .random(count: master), id: 1, context: "sessions", count: count)
        }
    }
}
