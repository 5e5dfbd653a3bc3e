import Cryptography
import Domain
import Gate
import Testing

@Suite struct FormNonceTests {
    private let nonces = FormNonce(key: SecretBytes([UInt8](repeating: 3, count: 32)))
    private let now = Timestamp(seconds: 1_795_000_000)
    private let session = FormNonce.Binding.session([UInt8](repeating: 9, count: 32))

    private func isValid(_ nonce: String, at time: Timestamp) -> Bool {
        nonces.isValid(nonce, session, purpose: "decide", page: "p1", at: time)
    }

    @Test func `fits its session, purpose and page and nothing else`() {
        let nonce = nonces.make(session, purpose: "decide", page: "p1", at: now)
        #expect(isValid(nonce, at: now))
        let other = FormNonce.Binding.session([UInt8](repeating: 8, count: 32))
        #expect(!nonces.isValid(nonce, other, purpose: "decide", page: "p1", at: now))
        #expect(!nonces.isValid(nonce, session, purpose: "revoke", page: "p1", at: now))
        #expect(!nonces.isValid(nonce, session, purpose: "decide", page: "p2", at: now))
        #expect(!nonces.isValid(nonce, session, purpose: "decidep", page: "1", at: now))
        #expect(!nonces.isValid(nonce, .link("p1"), purpose: "decide", page: "p1", at: now))
        let foreign = FormNonce(key: SecretBytes([UInt8](repeating: 4, count: 32)))
        #expect(!foreign.isValid(nonce, session, purpose: "decide", page: "p1", at: now))
    }

    @Test func `a link and a browser with the same text are not the same`() {
        let nonce = nonces.make(.link("x"), purpose: "login", page: "", at: now)
        #expect(nonces.isValid(nonce, .link("x"), purpose: "login", page: "", at: now))
        #expect(!nonces.isValid(nonce, .browser("x"), purpose: "login", page: "", at: now))
    }

    @Test func `is good for twelve hours and not from the future`() {
        let nonce = nonces.make(session, purpose: "decide", page: "p1", at: now)
        #expect(isValid(nonce, at: now.adding(seconds: 12 * 3600 - 1)))
        #expect(!isValid(nonce, at: now.adding(seconds: 12 * 3600)))
        #expect(isValid(nonce, at: now.adding(seconds: -300)))
        #expect(!isValid(nonce, at: now.adding(seconds: -301)))
    }

    @Test func `no changed byte is taken`() throws {
        let nonce = nonces.make(session, purpose: "decide", page: "p1", at: now)
        let bytes = try #require(Base64URL.decode(nonce))
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            #expect(!isValid(Base64URL.encode(changed), at: now))
        }
        #expect(!isValid("", at: now))
        #expect(!isValid(nonce + "A", at: now))
        #expect(!isValid(String(repeating: "A", count: 100_000), at: now))
    }
}
