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
