package import Cryptography
package import Domain
package import HTTPServer
import JSON

/// Where the server's webhook arrives: it is checked, answered at once, and only wakes the worker.
///
/// What to do stands in the sync, so a message that is lost, late or sent again changes nothing.
package struct WorkerEndpoint: Sendable {
    private let secret: WebhookVerifier?
    private let mode: TradingMode
    private let now: @Sendable () -> Timestamp
    private let serverKey: @Sendable () async -> PublicKey?
    private let wake: @Sendable () async -> Void
    private let status: @Sendable () async -> String

    /// An endpoint for that worker; `secret` is the shared `whsec_…`, where one is set.
    package init(
        secret: String?, worker: ExecutionWorker, mode: TradingMode, now: @escaping @Sendable () -> Timestamp
    ) throws(CryptographyError) {
        self.secret = try secret.map { (text) throws(CryptographyError) in try WebhookVerifier(texts: [text])
        }
        self.mode = mode
        self.now = now
        serverKey = { await worker.key }
        wake = { await worker.wake() }
        status = { await worker.status.rawValue }
    }

    /// The routes: the webhook at any path, and `/healthz`.
    package func router() -> Router {
        var router = Router()
        router.on(.get, "/healthz") { _ in
            .json((["status": .string(await status())] as JSONValue).serialized())
        }
        for pattern in ["/", "/{a}", "/{a}/{b}"] { router.on(.post, pattern) { await receive($0) } }
        return router
    }

    /// Answers one message.
    package func receive(_ request: HTTPRequest) async -> HTTPResponse {
        guard let key = await serverKey() else {
            return Self.answer(503, "The worker has not met its server yet.")
        }
        guard isAuthentic(request, key) else { return Self.answer(401, "The signature does not hold.") }
        guard let message = try? JSONParser.parse(request.body), let type = message["type"]?.stringValue
        else {
            return Self.answer(400, "The message is no JSON with a type.")
        }
        guard type == "order.released" else { return Self.answer(200, "ignored: \(type.prefix(64))") }
        do {
            let order = try SignedOrder(message["data"] ?? .null, key: key, mode: mode)
            guard request.headers.first("webhook-id") == order.id else {
                return Self.answer(400, "The message's identity is not the order's.")
            }
            await wake()
            return .json((["order_id": .string(order.id)] as JSONValue).serialized())
        } catch {
            return Self.answer(422, error.description)
        }
    }

    /// The shared secret's signature must hold where there is one, and the server's own where it is sent.
    private func isAuthentic(_ request: HTTPRequest, _ key: PublicKey) -> Bool {
        let signature = request.headers.first("webhook-signature") ?? ""
        let carriesOwn = signature.split(separator: " ").contains { $0.hasPrefix("v1a,") }
        if let secret, !holds(secret, request) { return false }
        guard carriesOwn else { return secret != nil }
        guard let verifier = try? WebhookVerifier([.verifying(key)]) else { return false }
        return holds(verifier, request)
    }

    private func holds(_ verifier: WebhookVerifier, _ request: HTTPRequest) -> Bool {
        do throws(WebhookVerifier.Failure) {
            try verifier.verify(
                id: request.headers.first("webhook-id"),
                timestamp: request.headers.first("webhook-timestamp"),
                signature: request.headers.first("webhook-signature"), body: request.body,
                now: now().microseconds / 1_000_000)
            return true
        } catch {
            return false
        }
    }

    private static func answer(_ status: Int, _ detail: String) -> HTTPResponse {
        .json((["detail": .string(detail)] as JSONValue).serialized(), status: status)
    }
}
