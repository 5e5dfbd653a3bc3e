/// Checks incoming messages signed after Standard Webhooks 1.0.0.
package struct WebhookVerifier: Sendable {
    /// Why a message is refused.
    package enum Failure: String, Error, Sendable, Hashable {
        /// A `webhook-…` header is missing or malformed.
        case malformed
        /// The timestamp is older than the tolerance: a replay, or a clock that is behind.
        case tooOld
        /// The timestamp is further in the future than the tolerance.
        case tooNew
        /// No signature in the list belongs to a key we know.
        case notAuthentic
    }

    /// More signatures than anybody rotates; a longer list is somebody keeping us busy.
    private static let signatureLimit = 16

    private let keys: [WebhookKey]
    private let toleranceSeconds: Int64

    /// A verifier that accepts any of the keys; a private key stands for its public half.
    package init(_ keys: [WebhookKey], toleranceSeconds: Int64 = 300) throws(CryptographyError) {
        guard !keys.isEmpty else {
            throw CryptographyError(.malformedKey, "verifying a webhook takes at least one key")
        }
        self.keys = keys
        self.toleranceSeconds = toleranceSeconds
    }

    /// A verifier from keys in text form (`whsec_…`, `whpk_…`).
    package init(texts: [String], toleranceSeconds: Int64 = 300) throws(CryptographyError) {
        var keys: [WebhookKey] = []
        for text in texts { keys.append(try WebhookKey(text)) }
        try self.init(keys, toleranceSeconds: toleranceSeconds)
    }

    /// Returns when the headers' signature belongs to the body and the message is fresh at `now` (seconds since 1970).
    package func verify(
        id: String?, timestamp: String?, signature: String?, body: [UInt8], now: Int64
    ) throws(Failure) {
        guard let id, WebhookContent.isSignable(id: id), let signature, let timestamp,
            let seconds = Self.seconds(timestamp)
        else { throw .malformed }
        guard seconds >= now - toleranceSeconds else { throw .tooOld }
        guard seconds <= now + toleranceSeconds else { throw .tooNew }
        let content = WebhookContent.bytes(id: id, timestamp: seconds, body: body)
        let items = signature.split(separator: " ").prefix(Self.signatureLimit)
        guard items.contains(where: { isValid($0, of: content) }) else { throw .notAuthentic }
    }

    /// Digits only and no leading zero, so that one number has one spelling.
    private static func seconds(_ text: String) -> Int64? {
        guard (1...12).contains(text.utf8.count), let seconds = Int64(text), String(seconds) == text,
            seconds >= 0
        else { return nil }
        return seconds
    }

    /// A malformed or unknown item is merely not valid: the next one may be.
    private func isValid(_ item: Substring, of content: [UInt8]) -> Bool {
        let parts = item.split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let bytes = Base64.decode(String(parts[1])) else { return false }
        return keys.contains { key in
            switch (parts[0], key) {
            case ("v1", .shared(let secret)): HMACSHA256.isValid(bytes, of: content, key: secret)
            case ("v1a", .verifying(let key)): key.verify(bytes, of: content)
            case ("v1a", .signing(let key)): key.publicKey.verify(bytes, of: content)
            default: false
            }
        }
    }
}
