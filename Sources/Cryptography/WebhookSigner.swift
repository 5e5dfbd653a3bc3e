/// Signs outgoing messages as Standard Webhooks 1.0.0 says: HMAC-SHA-256 (`v1`) and Ed25519 (`v1a`).
package struct WebhookSigner: Sendable {
    private let keys: [WebhookKey]

    /// A signer with every key that receivers may check with: old and new while rotating, shared and private.
    package init(_ keys: [WebhookKey]) throws(CryptographyError) {
        guard !keys.isEmpty else {
            throw CryptographyError(.malformedKey, "signing a webhook takes at least one key")
        }
        for case .verifying in keys {
            throw CryptographyError(.malformedKey, "a public key (whpk_) cannot sign")
        }
        self.keys = keys
    }

    /// A signer from keys in text form (`whsec_…`, `whsk_…`).
    package init(texts: [String]) throws(CryptographyError) {
        var keys: [WebhookKey] = []
        for text in texts { keys.append(try WebhookKey(text)) }
        try self.init(keys)
    }

    /// The value of `webhook-signature`: one item for each key, separated by spaces.
    ///
    /// `id` stays the same over retries, `timestamp` (seconds since 1970) is this attempt's.
    package func signature(
        id: String, timestamp: Int64, body: [UInt8]
    ) throws(CryptographyError) -> String {
        guard WebhookContent.isSignable(id: id), timestamp >= 0 else {
            throw CryptographyError(
                .unsignable, "a webhook id is 1 to 255 letters, digits, hyphens or underscores")
        }
        let content = WebhookContent.bytes(id: id, timestamp: timestamp, body: body)
        return keys.compactMap { Self.item(of: content, $0) }.joined(separator: " ")
    }

    /// The three headers of a message.
    package func headers(
        id: String, timestamp: Int64, body: [UInt8]
    ) throws(CryptographyError) -> [(String, String)] {
        [
            ("webhook-id", id),
            ("webhook-timestamp", String(timestamp)),
            ("webhook-signature", try signature(id: id, timestamp: timestamp, body: body)),
        ]
    }

    private static func item(of content: [UInt8], _ key: WebhookKey) -> String? {
        switch key {
        case .shared(let secret): "v1," + Base64.encode(HMACSHA256.authenticate(content, key: secret))
        case .signing(let key): "v1a," + Base64.encode(key.sign(content))
        case .verifying: nil
        }
    }
}

/// What is signed: identifier, timestamp and raw body joined by full stops.
enum WebhookContent {
    static func bytes(id: String, timestamp: Int64, body: [UInt8]) -> [UInt8] {
        Array("\(id).\(timestamp).".utf8) + body
    }

    /// Without a full stop nobody can move the border between identifier and timestamp.
    static func isSignable(id: String) -> Bool {
        (1...255).contains(id.utf8.count)
            && id.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}
