import JSON
import Logging
import Testing

/// What is taken out of a text, and what stays.
struct RedactorTests {
    private let secret = "p@ss\"w\\rd\n/ü+%"

    @Test func `a known secret is taken out wherever it stands`() {
        let redactor = Redactor(secrets: ["swordfish", "sword-1"])
        #expect(
            redactor.redact("swordfish, xswordfishx swordfishswordfish")
                == "[redacted], x[redacted]x [redacted]")
        #expect(redactor.redact("swordfis") == "swordfis")
    }

    @Test func `overlapping secrets leave nothing of either`() {
        let redactor = Redactor(secrets: ["abcdefgh", "efghijkl", "abcdef"])
        #expect(redactor.redact("-abcdefghijkl-") == "-[redacted]-")
    }

    @Test func `a secret too short to be one is left`() {
        #expect(Redactor(secrets: ["12345", ""]).redact("12345") == "12345")
        #expect(Redactor(secrets: ["123456"]).redact("123456") == "[redacted]")
    }

    @Test func `a secret is found escaped for JSON`() {
        let redactor = Redactor(secrets: [secret])
        let document: JSONValue = ["password_was": .string(secret)]
        #expect(redactor.redact(document.serialized()) == #"{"password_was":"[redacted]"}"#)
        #expect(redactor.redact(#"x=p@ss\"w\\rd\n\/\u00fc\u002b%"#) == "x=[redacted]")
    }

    @Test(arguments: [
        "p%40ss%22w%5Crd%0A%2F%C3%BC%2B%25", "p%40ss%22w%5crd%0a/%c3%bc%2b%25", "p@ss%22w%5Crd%0A/ü%2B%25",
        #"p%40ss\"w\\rd%0A/ü%2b%25"#,
    ])
    func `a secret is found encoded for addresses`(encoded: String) {
        #expect(Redactor(secrets: [secret]).redact("?x=\(encoded)&y=1") == "?x=[redacted]&y=1")
    }

    @Test func `a blank encoded as plus is still the secret`() {
        #expect(Redactor(secrets: ["two words"]).redact("x=two+words") == "x=[redacted]")
    }

    @Test(arguments: [
        ("key csk_live_abc123DEF456 used", "key csk_[redacted] used"),
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw==", "whsec_[redacted]"),
        ("xoxb-123-abc xoxp-9-Zz9", "xoxb-[redacted] xoxp-[redacted]"),
        (
            "POST https://hooks.slack.com/services/T0/B0/xyz: 404",
            "POST https://hooks.slack.com/[redacted] 404"
        ),
        (
            "https://discord.com/api/webhooks/123/abc-DEF_1?wait=true",
            "https://discord.com/api/webhooks/[redacted]?wait=true"
        ),
        (
            "https%3A%2F%2Fhooks.slack.com%2Fservices%2FT%2FB%2Fx",
            "https%3A%2F%2Fhooks.slack.com%2F[redacted]"
        ),
        (#"https:\/\/hooks.slack.com\/services\/T\/B\/x"}"#, #"https:\/\/hooks.slack.com\/[redacted]"}"#),
        ("GET /r/AbCdEfGhIjKlMnOpQrStUv HTTP/1.1", "GET /r/[redacted] HTTP/1.1"),
        ("Authorization: Bearer abc.def-ghi", "Authorization: Bearer [redacted]"),
        ("authorization: bearer ABCDEFG", "authorization: bearer [redacted]"),
        ("postgres://app:s3cret@db:5432/x?y", "postgres://app:[redacted]@db:5432/x?y"),
        ("host=db password=s3cret dbname=x", "host=db password=[redacted] dbname=x"),
        ("nonce=1&pin=482915&verdict=approve", "nonce=[redacted]&pin=[redacted]&verdict=approve"),
    ])
    func `what looks like a secret is taken out`(text: String, expected: String) {
        #expect(Redactor().redact(text) == expected)
    }

    @Test(arguments: [
        "shipping=1", "/proposals/7c9e6679-7425-40de-944b-e07fc1f90ae7", "/r/short", "forbearer abcdefgh",
        "csk_",
        "https://example.com:8080/a@b", "time 12:30://", "", "ü%zz\\", "2026-11-21T07:25:24+00:00",
    ])
    func `what does not look like one stays`(text: String) {
        #expect(Redactor().redact(text) == text)
    }

    @Test func `members that hold secrets by their name are emptied`() {
        let document: JSONValue = [
            "Authorization": "x", "pin": 1, "totp": nil, "note": "pin", "a": ["token": ["b"]],
        ]
        let redacted = Redactor().redact(document)
        #expect(redacted["Authorization"] == "[redacted]" && redacted["pin"] == "[redacted]")
        #expect(redacted["a"]?["token"] == "[redacted]")
        #expect(redacted["totp"] == .null && redacted["note"] == "pin")
    }

    @Test func `a secret learned later is found from then on`() {
        let redactor = Redactor()
        #expect(redactor.redact("later-secret") == "later-secret")
        redactor.add(["later-secret"])
        #expect(redactor.redact("later-secret") == "[redacted]")
    }

    @Test func `any mix of encodings of a random secret is found`() {
        var random = SplitMix64(seed: 20_261_121)
        let alphabet = Array("aB3/+%&=\"\\\n üß€😀")
        for _ in 0..<300 {
            let secret = String((0..<8).compactMap { _ in alphabet.randomElement(using: &random) })
            let encoded = secret.utf8.map { percentEncoded($0, using: &random) }.joined()
            let redacted = Redactor(secrets: [secret]).redact("<\(encoded)>")
            #expect(redacted == "<[redacted]>", "secret \(secret) encoded \(encoded), seed 20261121")
        }
    }

    private func percentEncoded(_ byte: UInt8, using random: inout SplitMix64) -> String {
        let mustBe = byte >= 0x80 || byte <= 0x20 || "%+\\".utf8.contains(byte)
        guard mustBe || Bool.random(using: &random) else { return String(UnicodeScalar(byte)) }
        let digits = String(Int(byte) + 0x100, radix: 16, uppercase: Bool.random(using: &random)).dropFirst()
        return "%" + digits
    }
}

private struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
