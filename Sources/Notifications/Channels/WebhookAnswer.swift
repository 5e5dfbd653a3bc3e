import Domain
import HTTPClient
import JSON

// What all channels over HTTP have in common: how failures are told, and how long to wait.

extension SendOutcome {
    /// The outcome of a request that got no answer: worth another try, unless the request itself cannot be sent.
    init(_ error: HTTPClientError) {
        switch error.kind {
        case .invalidRequest: self = .broken(reason: error.message)
        // An address that may not be reached is the operator's to allow: the message waits for that.
        case .blocked, .resolve, .connect, .tls, .timedOut, .tooLarge, .malformed, .interrupted, .cancelled,
            .unavailable:
            self = .retry(reason: error.message, afterSeconds: nil)
        }
    }
}

extension HTTPClientResponse {
    /// The answer in a line for people: status and the beginning of the body.
    var words: String {
        let body = PlainText.line(text, limit: 160)
        return body.isEmpty ? "status \(status)" : "status \(status): \(body)"
    }

    /// What `Retry-After` asks for.
    func retryAfterSeconds(now: Timestamp) -> Double? {
        header("Retry-After").flatMap { RetryAfter.seconds($0, now: now) }
    }

    /// The body as JSON; nil where it is none.
    var json: JSONValue? { try? JSONParser.parse(body) }
}

/// The address of a webhook, perhaps at another base than its own.
enum WebhookAddress {
    /// The address with scheme, host and port of the base, where one is given.
    static func resolve(_ address: String, base: String?) -> String {
        guard let base, let scheme = address.firstRange(of: "://") else { return address }
        let rest = address[scheme.upperBound...]
        let path = rest.firstIndex(of: "/").map { String(rest[$0...]) } ?? "/"
        return (base.hasSuffix("/") ? String(base.dropLast()) : base) + path
    }
}

extension Message {
    /// The moment of sending, for what providers date relative to now.
    var now: Timestamp { writtenAt }
}
