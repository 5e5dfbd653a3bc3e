import Cryptography
import Testing

@Suite struct HashTests {
    /// FIPS 180-4 examples of NIST.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func `SHA-256 gives the digests of the standard`(message: String, digest: String) {
        #expect(Hex.encode(SHA256.hash(Array(message.utf8))) == digest)
        #expect(SHA256.hexadecimal(message) == digest)
    }

    @Test func `SHA-256 of a million letters`() {
        let digest = SHA256.hash([UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000))
        #expect(Hex.encode(digest) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    /// Of what fills a block and its padding just so, and a byte less or more; computed by Python's own SHA-256.
    @Test(arguments: [
        (55, "e7313d333c272e639f790978283f9eb392e843d0f29b7016828bb1daa4aac70b"),
        (56, "4324d65f3c103567f5589c710bc08f8523f929a9272e3af36fc968e52abc6c27"),
        (63, "81c80242132f230c3bd41b3e63bbcff16107339549214a99614ff26664625055"),
        (64, "39e3d7b6b5d075d37d053ad89b24b41bef4f3c29760c84447cab3f3be1882241"),
        (65, "aacca6ff74fdbb296d165a45cecfa04e5127bc008770fbbdd48006f2d2fae95e"),
        (119, "9ce7368e4daf32341631b492e80359dc9f594b48453cd0dd5bf0b19279cc177e"),
        (120, "7836b787757e95e58b3ca5aec90b1b004e8deba1e50e9675af9cabf1a13a04b5"),
        (127, "a8d23e75d936f303d248888d9b165ee543f4cbafcad3c9dd2a79bd84faa11d07"),
        (128, "d2742f1f4ac6bb7ca2b239ee18402ba8b3f9f8e652d2a72973c2b9ba11c08cf6"),
        (129, "307f8fc2c1622b92762e818d39a185d4d667ad49a4b07ceae1f4afa008a93ec4"),
        (1000, "1e9bc38cbf860b9ec31918b065f9b52476c549a782e0e7990bed8ce3868d2371"),
    ])
    func `SHA-256 around the borders of blocks`(count: Int, digest: String) {
        #expect(Hex.encode(SHA256.hash(Self.message(count))) == digest)
    }

    /// The digest of all digests in a row, computed by Python's own SHA-256.
    @Test func `SHA-256 of every length up to 1024`() {
        let digests = (0...1024).flatMap { SHA256.hash(Self.message($0)) }
        let digest = "66b93985351e0d35eb39e3c4698e513dae169491196dde1bcca4f2d58b5c84e7"
        #expect(Hex.encode(SHA256.hash(digests)) == digest)
    }

    /// The digests of all codes in a row, computed by Python's own hashes and RFC 2104 written out.
    @Test func `HMAC with keys and messages around the borders of blocks`() {
        var codes: (sha256: [UInt8], sha1: [UInt8]) = ([], [])
        for (keyCount, shorter) in zip(
            [0, 1, 31, 32, 63, 64, 65, 131, 200], [0, 1, 19, 20, 63, 64, 65, 131, 200])
        {
            for count in [0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 1000] {
                codes.sha256 += HMACSHA256.authenticate(Self.message(count), key: Self.message(keyCount))
                codes.sha1 += HMACSHA1.authenticate(
                    Self.message(count), key: SecretBytes(Self.message(shorter)))
            }
        }
        #expect(
            Hex.encode(SHA256.hash(codes.sha256))
                == "9a3abeecb3dd218ecaaecda47e2f68cfa462afc6a50e81bb72070100efebaf46")
        #expect(
            Hex.encode(SHA256.hash(codes.sha1))
                == "9e8f8ae9edd18a5d019b5f5b4f58078a56cff71df1eec2b5422b477d6889b203")
    }

    @Test func `many threads hash and authenticate at once`() async {
        let digest = SHA256.hash(Self.message(5000))
        let code = HMACSHA256.authenticate(Self.message(5000), key: [1, 2, 3])
        let results = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    (0..<500).allSatisfy { _ in
                        SHA256.hash(Self.message(5000)) == digest
                            && HMACSHA256.authenticate(Self.message(5000), key: [1, 2, 3]) == code
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(results == [Bool](repeating: true, count: 8))
    }

    private static func message(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7 + 3) }
    }

    /// RFC 4231, cases 1, 2, 3, 6 (a key longer than a block) and one empty key (computed with another library).
    @Test(arguments: [
        (
            String(repeating: "0b", count: 20), "4869205468657265",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            String(repeating: "aa", count: 20), String(repeating: "dd", count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            String(repeating: "aa", count: 131),
            "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d20"
                + "48617368204b6579204669727374",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        ("6b", "", "8bb990c40a7d61cb97597a942125025be50ac8beb74436e3735b98893a7f6620"),
    ])
    func `HMAC-SHA-256 gives the codes of the RFC`(key: String, message: String, code: String) throws {
        let key = try #require(Hex.decode(key))
        let message = try #require(Hex.decode(message))
        #expect(Hex.encode(HMACSHA256.authenticate(message, key: key)) == code)
        #expect(Hex.encode(HMACSHA256.authenticate(message, key: SecretBytes(key))) == code)
    }

    @Test func `a code is valid for its message and key only`() {
        let key = SecretBytes(Array("key".utf8))
        let code = HMACSHA256.authenticate([1, 2, 3], key: key)
        #expect(HMACSHA256.isValid(code, of: [1, 2, 3], key: key))
        #expect(!HMACSHA256.isValid(code, of: [1, 2, 4], key: key))
        #expect(!HMACSHA256.isValid(code, of: [1, 2, 3], key: SecretBytes(Array("kez".utf8))))
        #expect(!HMACSHA256.isValid(Array(code.prefix(31)), of: [1, 2, 3], key: key))
        #expect(!HMACSHA256.isValid([], of: [1, 2, 3], key: key))
    }

    @Test func `comparison sees every byte and the length`() {
        #expect(constantTimeEquals([UInt8](), []))
        #expect(constantTimeEquals([1, 2, 3], [1, 2, 3]))
        #expect(!constantTimeEquals([1, 2, 3], [1, 2]))
        #expect(!constantTimeEquals([1, 2, 3], [1, 2, 2]))
        #expect(!constantTimeEquals([0, 2, 3], [1, 2, 3]))
        #expect(constantTimeEquals("token", "token"))
        #expect(!constantTimeEquals("token", "tokem"))
    }
}
