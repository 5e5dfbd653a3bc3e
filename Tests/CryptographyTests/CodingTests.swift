import Cryptography
import Testing

@Suite struct CodingTests {
    /// RFC 4648 section 10.
    @Test(arguments: [
        ("", "", ""), ("f", "Zg==", "66"), ("fo", "Zm8=", "666f"), ("foo", "Zm9v", "666f6f"),
        ("foob", "Zm9vYg==", "666f6f62"), ("fooba", "Zm9vYmE=", "666f6f6261"),
        ("foobar", "Zm9vYmFy", "666f6f626172"),
    ])
    func `the examples of the RFC go there and back`(text: String, base64: String, hex: String) {
        let bytes = Array(text.utf8)
        #expect(Base64.encode(bytes) == base64)
        #expect(Base64.decode(base64) == bytes)
        #expect(Hex.encode(bytes) == hex)
        #expect(Hex.decode(hex) == bytes)
        let unpadded = String(base64.prefix { $0 != "=" })
        #expect(Base64URL.encode(bytes) == unpadded)
        #expect(Base64URL.decode(unpadded) == bytes)
    }

    @Test func `the two alphabets are not mixed`() {
        let bytes: [UInt8] = [0xfb, 0xff, 0xfe]
        #expect(Base64.encode(bytes) == "+//+")
        #expect(Base64URL.encode(bytes) == "-__-")
        #expect(Base64.decode("-__-") == nil)
        #expect(Base64URL.decode("+//+") == nil)
    }

    @Test(arguments: [
        "Zg", "Zg=", "Zg===", "Zh==", "Zm9v\n", " Zm9v", "Zm 9v", "Zm9vZ", "====", "Zg==Zg==", "Zm9v\u{0}",
        "Zm9vé", "4\u{FFFD}2915", "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}", "é\u{FFFD}Zm9v",
    ])
    func `Base64 that nobody would have written is refused`(text: String) {
        #expect(Base64.decode(text) == nil)
    }

    @Test(arguments: [
        "Zg==", "Zh", "Z", "Zm9v\n", "Zm9v=", "Zm9vé", "4\u{FFFD}2915", "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}",
    ])
    func `Base64URL that nobody would have written is refused`(text: String) {
        #expect(Base64URL.decode(text) == nil)
    }

    @Test(arguments: ["0", "0g", "0x00", "00 00", "00:00", " 00", "00\n", "é", "００"])
    func `hexadecimal is digits only`(text: String) {
        #expect(Hex.decode(text) == nil)
    }

    @Test func `hexadecimal is read in both cases and written in lower`() {
        #expect(Hex.decode("DeadBEEF") == [0xde, 0xad, 0xbe, 0xef])
        #expect(Hex.encode([0xde, 0xad, 0xbe, 0xef]) == "deadbeef")
    }

    @Test func `all lengths go there and back`() {
        for count in 0..<100 {
            let bytes = SecureRandom.bytes(count)
            #expect(bytes.count == count)
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
            #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
            #expect(Hex.decode(Hex.encode(bytes)) == bytes)
        }
    }

    @Test func `random numbers stay below the bound and reach all of it`() {
        var seen = Set<UInt32>()
        for _ in 0..<2_000 { seen.insert(SecureRandom.below(6)) }
        #expect(seen == Set(0..<6))
        #expect(SecureRandom.below(1) == 0)
    }

    @Test func `tokens differ and have 256 bits`() {
        let tokens = Set((0..<100).map { _ in SecureRandom.token() })
        #expect(tokens.count == 100)
        #expect(tokens.allSatisfy { Base64URL.decode($0)?.count == 32 })
    }
}
