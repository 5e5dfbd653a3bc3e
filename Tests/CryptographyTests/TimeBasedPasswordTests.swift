import Cryptography
import Testing

@Suite struct TimeBasedPasswordTests {
    private let rfc = SecretBytes(Array("12345678901234567890".utf8))

    /// RFC 2202, cases 1, 2, 3 and 6.
    @Test(arguments: [
        (String(repeating: "0b", count: 20), "4869205468657265", "b617318655057264e28bc0b6fb378c8ef146be00"),
        (
            "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
        ),
        (
            String(repeating: "aa", count: 20), String(repeating: "dd", count: 50),
            "125d7342b9ac11cd91a39af48aa17b4f63f175d3"
        ),
        (
            String(repeating: "aa", count: 80),
            "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d20"
                + "48617368204b6579204669727374",
            "aa4ae5e15272d00e95705637ce8a3b55ed402112"
        ),
    ])
    func `HMAC-SHA-1 gives the codes of the RFC`(key: String, message: String, code: String) throws {
        let key = SecretBytes(try #require(Hex.decode(key)))
        let message = try #require(Hex.decode(message))
        #expect(Hex.encode(HMACSHA1.authenticate(message, key: key)) == code)
    }

    /// Twilio's example: how its callbacks are signed.
    @Test func `HMAC-SHA-1 checks a provider's signature`() {
        let message =
            "https://mycompany.com/myapp.php?foo=1&bar=2CallSidCA1234567890ABCDECaller+14158675309Digits1234"
            + "From+14158675309To+18005551212"
        let code = HMACSHA1.authenticate(Array(message.utf8), key: SecretBytes(Array("12345".utf8)))
        #expect(Base64.encode(code) == "RSOYDt4T1cUTdK1PDd93/VVr8B8=")
    }

    /// RFC 6238, appendix B: the last six of its eight digits.
    @Test(arguments: [
        (59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"),
        (2_000_000_000, "279037"), (20_000_000_000, "353130"),
    ])
    func `codes are those of the RFC`(seconds: Int64, code: String) {
        let passwords = TimeBasedPassword(secret: rfc)
        #expect(passwords.code(step: TimeBasedPassword.step(at: seconds)) == code)
    }

    /// RFC 4226, appendix D.
    @Test func `the first ten codes are those of the RFC`() {
        let passwords = TimeBasedPassword(secret: rfc)
        #expect(
            (0..<10).map { passwords.code(step: $0) } == [
                "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871",
                "520489",
            ])
    }

    @Test func `a code fits its own step and the ones beside it`() {
        let passwords = TimeBasedPassword(secret: rfc)
        let code = passwords.code(step: 1_000)
        for seconds in [29_970, 29_999, 30_000, 30_029, 30_030, 30_059] as [Int64] {
            #expect(passwords.matchingStep(of: code, at: seconds) == 1_000)
        }
        for seconds in [29_969, 30_060, 0, -1] as [Int64] {
            #expect(passwords.matchingStep(of: code, at: seconds) == nil)
        }
    }

    @Test func `a code that was used, and any before it, fits no more`() {
        let passwords = TimeBasedPassword(secret: rfc)
        let code = passwords.code(step: 1_000)
        #expect(passwords.matchingStep(of: code, at: 30_000, after: 999) == 1_000)
        #expect(passwords.matchingStep(of: code, at: 30_000, after: 1_000) == nil)
        #expect(passwords.matchingStep(of: code, at: 30_000, after: 1_001) == nil)
    }

    @Test(arguments: ["", "0", "7552240", " 755224", "755 224", "７５５２２４", "aaaaaa"])
    func `what is no code fits nothing`(text: String) {
        #expect(TimeBasedPassword(secret: rfc).matchingStep(of: text, at: 0) == nil)
    }

    @Test func `the address escapes what people are called`() {
        #expect(
            TimeBasedPassword(secret: rfc).address(issuer: "Counter & Sign", account: "zoë@example.com")
                == "otpauth://totp/Counter%20%26%20Sign:zo%C3%AB%40example.com"
                + "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Counter%20%26%20Sign"
                + "&algorithm=SHA1&digits=6&period=30")
    }

    /// RFC 4648 section 10, without padding.
    @Test(arguments: [
        ("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB"),
        ("foobar", "MZXW6YTBOI"),
    ])
    func `Base32 goes there and back`(text: String, encoded: String) {
        #expect(Base32.encode(Array(text.utf8)) == encoded)
        #expect(Base32.decode(encoded) == Array(text.utf8))
    }

    @Test(arguments: ["M", "MZ", "MZX", "MZXQ====", "mzxq", "MZXW6Y", "MZXQ ", "MZX1", "MZXR", "MZXQé"])
    func `Base32 that nobody would have written is refused`(text: String) {
        #expect(Base32.decode(text) == nil)
    }

    @Test func `all lengths go there and back`() {
        for count in 0..<140 {
            let bytes = SecureRandom.bytes(count)
            #expect(Base32.decode(Base32.encode(bytes)) == bytes)
        }
    }

    /// A chain over all lengths around the ends of blocks; computed with another implementation.
    @Test func `HMAC-SHA-1 is right at every length`() {
        var code: [UInt8] = []
        for count in 0..<140 {
            let key = SecretBytes([UInt8](repeating: UInt8(ascii: "k"), count: count))
            let message = code + [UInt8](repeating: UInt8(count), count: count)
            code = HMACSHA1.authenticate(message, key: key)
        }
        #expect(Hex.encode(code) == "79803ee1ea540044a5885b039428a45b6e1878b6")
    }
}
