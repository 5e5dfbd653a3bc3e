import Cryptography
import Testing

@Suite struct SigningTests {
    /// RFC 8032 section 7.1, tests 1 to 3.
    @Test(arguments: [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                + "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
                + "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ])
    func `signatures are those of the RFC`(
        seed: String, publicKey: String, message: String, signature: String
    ) throws {
        let key = try SigningKey(seed: #require(Hex.decode(seed)))
        let message = try #require(Hex.decode(message))
        #expect(Hex.encode(key.publicKey.bytes) == publicKey)
        #expect(Hex.encode(key.sign(message)) == signature)
        #expect(key.publicKey.verify(key.sign(message), of: message))
    }

    @Test func `one flipped bit anywhere spoils a signature`() throws {
        let key = try SigningKey(seed: [UInt8](0..<32))
        let message = Array("sell everything".utf8)
        let signature = key.sign(message)
        for index in signature.indices {
            var forged = signature
            forged[index] ^= 1
            #expect(!key.publicKey.verify(forged, of: message))
        }
        for index in message.indices {
            var forged = message
            forged[index] ^= 0x80
            #expect(!key.publicKey.verify(signature, of: forged))
        }
        let other = try SigningKey(seed: [UInt8](1..<33))
        #expect(!other.publicKey.verify(signature, of: message))
    }

    @Test func `signatures of the wrong length are refused, not read`() throws {
        let key = try SigningKey(seed: [UInt8](0..<32))
        let signature = key.sign([1])
        #expect(!key.publicKey.verify([], of: [1]))
        #expect(!key.publicKey.verify(Array(signature.dropLast()), of: [1]))
        #expect(!key.publicKey.verify(signature + [0], of: [1]))
    }

    /// Adding the group order to S gives a second spelling of a signature; accepting it would break "one signature".
    @Test func `a signature has one spelling`() throws {
        let key = try SigningKey(seed: [UInt8](0..<32))
        let order = try #require(
            Hex.decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010"))
        var forged = key.sign([1])
        var carry = 0
        for index in 0..<32 {
            let sum = Int(forged[32 + index]) + Int(order[index]) + carry
            forged[32 + index] = UInt8(sum & 0xff)
            carry = sum >> 8
        }
        #expect(carry == 0)
        #expect(!key.publicKey.verify(forged, of: [1]))
    }

    @Test func `the neutral point is nobody's key`() throws {
        let neutral = try PublicKey([1] + [UInt8](repeating: 0, count: 31))
        let signature: [UInt8] = [1] + [UInt8](repeating: 0, count: 63)
        #expect(!neutral.verify(signature, of: [1]))
    }

    @Test(arguments: [0, 31, 33, 64]) func `keys have 32 bytes`(count: Int) {
        let bytes = [UInt8](repeating: 7, count: count)
        #expect(throws: CryptographyError.self) { try SigningKey(seed: bytes) }
        #expect(throws: CryptographyError.self) { try PublicKey(bytes) }
    }

    @Test func `a key never prints`() throws {
        let seed = [UInt8](0..<32)
        let key = try SigningKey(seed: seed)
        var dumped = ""
        dump(key, to: &dumped)
        dump(SecretBytes(seed), to: &dumped)
        #expect("\(key)" == "[redacted]")
        #expect(String(reflecting: key) == "[redacted]")
        #expect("\(SecretBytes(seed))" == "[redacted]")
        #expect(!dumped.contains("01"))
        #expect(dumped.contains("[redacted]"))
    }
}
