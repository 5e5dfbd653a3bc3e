import Cryptography
import Testing

@Suite struct WebhookTests {
    private let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    private let signing =
        "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg=="
    private let publicKey = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="
    private let id = "msg_p5jXN8AQM9LWM0D4loKWxJek"
    private let timestamp: Int64 = 1_614_265_330
    private let body = Array(#"{"test": 2432232314}"#.utf8)
    private let shared = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    private let asymmetric =
        "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=="

    private func verify(
        _ signature: String?, keys: [String]? = nil, id: String? = nil, timestamp: String? = nil,
        body: [UInt8]? = nil, now: Int64? = nil
    ) throws {
        let verifier = try WebhookVerifier(texts: keys ?? [secret, publicKey])
        try verifier.verify(
            id: id ?? self.id, timestamp: timestamp ?? String(self.timestamp), signature: signature,
            body: body ?? self.body, now: now ?? self.timestamp)
    }

    @Test func `signs as the specification's example`() throws {
        let signer = try WebhookSigner(texts: [secret])
        #expect(try signer.signature(id: id, timestamp: timestamp, body: body) == shared)
    }

    @Test func `signs as the example of the svix documentation`() throws {
        let signer = try WebhookSigner(texts: ["whsec_plJ3nmyCDGBKInavdOK15jsl"])
        let body = Array(#"{"event_type":"ping","data":{"success":true}}"#.utf8)
        let signature = try signer.signature(id: "msg_loFOjxBNrRLzqYUf", timestamp: 1_731_705_121, body: body)
        #expect(signature == "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=")
    }

    @Test func `signs with a private key, and with both`() throws {
        #expect(
            try WebhookSigner(texts: [signing]).signature(id: id, timestamp: timestamp, body: body)
                == asymmetric)
        let both = try WebhookSigner(texts: [secret, signing])
        let headers = try both.headers(id: id, timestamp: timestamp, body: body)
        #expect(headers.map(\.0) == ["webhook-id", "webhook-timestamp", "webhook-signature"])
        #expect(headers.map(\.1) == [id, "1614265330", shared + " " + asymmetric])
    }

    @Test func `either kind of key accepts its own signature`() throws {
        try verify(shared, keys: [secret])
        try verify(asymmetric, keys: [publicKey])
        try verify(asymmetric, keys: [signing])
        try verify(shared + " " + asymmetric, keys: [publicKey])
    }

    @Test func `malformed and unknown items do not hide a good one`() throws {
        try verify("v1 v2,abc ,, v1,!!! nonsense v1a, v1,AAAA \(shared)")
    }

    @Test func `an old key in the list still opens the door`() throws {
        try verify(shared, keys: ["whsec_" + Base64.encode([UInt8](repeating: 1, count: 32)), secret])
    }

    @Test(arguments: [
        "", "v1", "v1,", "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "v1a,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "v1,h0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE",
    ])
    func `other signatures are refused`(signature: String) {
        #expect(throws: WebhookVerifier.Failure.notAuthentic) { try verify(signature) }
    }

    @Test func `a shared secret is not checked as a public key or the other way round`() {
        #expect(throws: WebhookVerifier.Failure.notAuthentic) { try verify(shared, keys: [publicKey]) }
        #expect(throws: WebhookVerifier.Failure.notAuthentic) { try verify(asymmetric, keys: [secret]) }
    }

    @Test func `changing anything spoils it`() {
        let failure = WebhookVerifier.Failure.notAuthentic
        #expect(throws: failure) { try verify(shared, id: "msg_other") }
        #expect(throws: failure) { try verify(shared, timestamp: "1614265331") }
        #expect(throws: failure) { try verify(shared, body: body + [10]) }
        #expect(throws: failure) { try verify(shared, body: []) }
        #expect(throws: failure) { try verify(asymmetric, body: body + [10]) }
    }

    @Test func `the tolerance is exact on both sides`() throws {
        try verify(shared, now: timestamp + 300)
        try verify(shared, now: timestamp - 300)
        #expect(throws: WebhookVerifier.Failure.tooOld) { try verify(shared, now: timestamp + 301) }
        #expect(throws: WebhookVerifier.Failure.tooNew) { try verify(shared, now: timestamp - 301) }
    }

    @Test(arguments: [
        "", "01614265330", "+1614265330", " 1614265330", "1614265330.0", "1e9", "-1", "99999999999999",
    ])
    func `a timestamp has one spelling`(text: String) {
        #expect(throws: WebhookVerifier.Failure.malformed) { try verify(shared, timestamp: text) }
    }

    @Test func `missing headers are malformed`() throws {
        let verifier = try WebhookVerifier(texts: [secret])
        let time = String(timestamp)
        let malformed = WebhookVerifier.Failure.malformed
        #expect(throws: malformed) {
            try verifier.verify(id: nil, timestamp: time, signature: shared, body: body, now: timestamp)
        }
        #expect(throws: malformed) {
            try verifier.verify(id: id, timestamp: nil, signature: shared, body: body, now: timestamp)
        }
        #expect(throws: malformed) {
            try verifier.verify(id: id, timestamp: time, signature: nil, body: body, now: timestamp)
        }
    }

    @Test func `an endless list of signatures is not read to its end`() {
        let list = String(repeating: "v1,AAAA ", count: 16) + shared
        #expect(throws: WebhookVerifier.Failure.notAuthentic) { try verify(list) }
    }

    @Test(arguments: ["", "a.b", "a b", "a\r\nb", "é", String(repeating: "a", count: 256)])
    func `an identifier that could move the border is neither signed nor accepted`(id: String) throws {
        let signer = try WebhookSigner(texts: [secret])
        #expect(throws: CryptographyError.self) {
            try signer.signature(id: id, timestamp: timestamp, body: body)
        }
        #expect(throws: WebhookVerifier.Failure.malformed) { try verify(shared, id: id) }
    }

    @Test(arguments: [
        "", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_AAAA", "whsec_not base64", "whsk_AAAA",
        "whpk_AAAA",
        "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvw==",
    ])
    func `keys that are none are refused without repeating them`(text: String) {
        let error = #expect(throws: CryptographyError.self) { try WebhookKey(text) }
        #expect(error?.code == .malformedKey)
        if text.count > 10 { #expect(error?.description.contains(text) == false) }
    }

    @Test func `a public key cannot sign and nothing signs with no key`() {
        #expect(throws: CryptographyError.self) { try WebhookSigner(texts: [publicKey]) }
        #expect(throws: CryptographyError.self) { try WebhookSigner([]) }
        #expect(throws: CryptographyError.self) { try WebhookVerifier([]) }
    }

    @Test func `keys have text forms, but do not print`() throws {
        let made = WebhookKey.makeSharedText()
        try verify(
            WebhookSigner(texts: [made]).signature(id: id, timestamp: timestamp, body: body), keys: [made])
        guard case .verifying(let key) = try WebhookKey(publicKey) else {
            Issue.record("whpk_ is a public key")
            return
        }
        #expect(WebhookKey.text(of: key) == publicKey)
        #expect("\(try WebhookKey(signing)) \(try WebhookKey(secret))" == "[redacted] [redacted]")
    }
}
