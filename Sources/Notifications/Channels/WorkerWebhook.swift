package import Cryptography
package import Domain
package import HTTPClient
package import JSON
package import Store

/// The execution worker's webhook (product.md section 11): Standard Webhooks, signed with the shared secret
/// and the server's own key.
///
/// The identity of the message is the order's, so that repeats are the same message.
package struct WorkerWebhook: Sendable {
    private let url: String
    private let signer: WebhookSigner
    private let client: HTTPClient
    private let timeoutSeconds: Double

    /// The webhook at a URL.
    ///
    /// Loopback may be reached, besides what the policy allows.
    package init(
        url: String, secret: String, signingKey: SigningKey, egress: EgressPolicy,
        authoritiesFile: String? = nil, timeoutSeconds: Double = 5
    ) throws(CryptographyError) {
        self.url = url
        self.timeoutSeconds = timeoutSeconds
        signer = try WebhookSigner([try WebhookKey(secret), .signing(signingKey)])
        client = HTTPClient(
            configuration: HTTPClientConfiguration(
                userAgent: "Countersign", egress: egress.allowingLoopback, authoritiesFile: authoritiesFile))
    }

    /// Hands over a released order: the first attempt over a connection that is kept, further ones each over one of
    /// their own.
    ///
    /// Should it arrive twice, that does no harm: it only tells the worker to come and claim.
    package func send(
        _ order: ReleasedOrder, id: Identifier, now: Timestamp, isFirst: Bool = false
    ) async -> SendOutcome {
        guard let body = Self.document(order) else {
            return .refused(reason: "The order's stored document is not JSON.")
        }
        do {
            let bytes = body.bytes()
            let headers = try signer.headers(
                id: id.text, timestamp: now.microseconds / 1_000_000, body: bytes)
            let request = HTTPClientRequest(
                .post, url, headers: [("Content-Type", "application/json")] + headers, body: bytes,
                timeoutSeconds: timeoutSeconds, connectTimeoutSeconds: timeoutSeconds,
                maxResponseBytes: 65_536, once: !isFirst)
            return Self.outcome(of: try await client.send(request), now: now)
        } catch let error as HTTPClientError {
            return .retry(reason: error.message, afterSeconds: nil)
        } catch {
            return .refused(reason: "The message to the worker could not be signed.")
        }
    }

    /// The message's body: the same at every attempt.
    package static func document(_ order: ReleasedOrder) -> JSONValue? {
        guard var data = (try? JSONParser.parse(order.document))?.objectValue else { return nil }
        data["signature"] = [
            "alg": "ed25519", "key_id": .string(order.keyID),
            "value": .string(Base64.encode(order.signature)),
        ]
        return [
            "type": "order.released", "timestamp": .string(order.releasedAt.rfc3339), "data": .object(data),
        ]
    }

    static func outcome(of response: HTTPClientResponse, now: Timestamp) -> SendOutcome {
        switch response.status {
        case 200...299: .sent(receipt: ["status": .integer(response.status)], restSeconds: 0)
        case 409: .sent(receipt: ["status": 409, "note": "the worker already had it"], restSeconds: 0)
        case 410: .refused(reason: "The worker answered \(response.words)")
        default:
            .retry(
                reason: "The worker answered \(response.words)",
                afterSeconds: response.retryAfterSeconds(now: now))
        }
    }
}
