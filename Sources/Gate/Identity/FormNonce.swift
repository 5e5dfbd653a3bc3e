package import Cryptography
package import Domain

/// The nonce of a form: it shows that the page was served to this browser, for this purpose, not long ago.
///
/// Issue time in seconds (8 bytes, big-endian) and an HMAC-SHA-256 over it and all that it is bound to, in Base64URL.
/// Nothing is stored; any server of the deployment can check it.
package struct FormNonce: Sendable {
    /// To what a browser is bound.
    package enum Binding: Sendable, Hashable {
        /// Somebody logged in: the hash of the session's token.
        case session([UInt8])
        /// The holder of a personal link: its token.
        case link(String)
        /// A stranger at the login page: the value of the cookie that came with the form.
        case browser(String)
    }

    /// How long a form may stand open.
    package static let lifetimeSeconds = 12 * 60 * 60
    /// How far the clocks of two servers may differ.
    private static let skewSeconds = 300
    private static let codeStart = 8

    private let key: SecretBytes

    /// Nonces under `GateSecrets.nonceKey`.
    package init(key: SecretBytes) { self.key = key }

    /// A nonce for the form `purpose` ("decide") on the page `page` (a proposal's identity).
    package func make(_ binding: Binding, purpose: String, page: String, at now: Timestamp) -> String {
        let seconds = UInt64(max(0, now.microseconds / 1_000_000))
        let issued = (0..<8).map { UInt8(truncatingIfNeeded: seconds >> UInt64(56 - 8 * $0)) }
        return Base64URL.encode(
            issued + HMACSHA256.authenticate(Self.message(issued, binding, purpose, page), key: key))
    }

    /// Whether the nonce is one that `make` made for the same binding, purpose and page in the last 12 hours.
    package func isValid(
        _ nonce: String, _ binding: Binding, purpose: String, page: String, at now: Timestamp
    ) -> Bool {
        guard nonce.utf8.count <= 64, let bytes = Base64URL.decode(nonce),
            bytes.count == Self.codeStart + HMACSHA256.byteCount
        else { return false }
        let issued = Array(bytes.prefix(Self.codeStart))
        let message = Self.message(issued, binding, purpose, page)
        guard HMACSHA256.isValid(Array(bytes.dropFirst(Self.codeStart)), of: message, key: key),
            let seconds = Int64(exactly: issued.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }),
            seconds < 1 << 40
        else { return false }
        let age = now.seconds(since: Timestamp(seconds: seconds))
        return age >= -Self.skewSeconds && age < Self.lifetimeSeconds
    }

    /// Each part with its length before it, so that no two sets of parts give the same bytes.
    private static func message(_ issued: [UInt8], _ binding: Binding, _ purpose: String, _ page: String)
        -> [UInt8]
    {
        let (kind, value): (String, [UInt8]) =
            switch binding {
            case .session(let hash): ("session", hash)
            case .link(let token): ("link", Array(token.utf8))
            case .browser(let cookie): ("browser", Array(cookie.utf8))
            }
        let parts: [[UInt8]] = [
            Array("form-nonce-1".utf8), Array(kind.utf8), value, Array(purpose.utf8), Array(page.utf8),
            issued,
        ]
        return parts.flatMap { part in Array("\(part.count):".utf8) + part }
    }
}
