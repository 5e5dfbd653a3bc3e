import Domain
import HTTPClient
import JSON

/// A webhook of Discord.
///
/// `wait=true` brings the message's identity, by which it can be changed later; `with_components=true` keeps
/// the link button from being dropped without a word.
struct DiscordWebhook: Channel {
    let address: String
    let client: HTTPClient
    /// The server's own host, for the form of `User-Agent` that Discord asks for; others may be turned away.
    let host: String

    func send(_ message: Message, deliveryID: String) async -> SendOutcome {
        let separator = address.contains("?") ? "&" : "?"
        let request = HTTPClientRequest(
            .post, "\(address)\(separator)wait=true&with_components=true",
            headers: [
                ("Content-Type", "application/json"), ("User-Agent", "DiscordBot (https://\(host), 1)"),
            ],
            body: DiscordPayload.post(message).bytes(), maxResponseBytes: 262_144)
        do {
            return Self.outcome(of: try await client.send(request), now: message.now)
        } catch {
            return SendOutcome(error)
        }
    }

    static func outcome(of response: HTTPClientResponse, now: Timestamp) -> SendOutcome {
        if response.isSuccess { return taken(response) }
        let code = response.json?["code"]?.intValue
        let reason = "Discord answered \(words(response, code))"
        if response.status == 429 {
            return .retry(reason: reason, afterSeconds: wait(response, now: now) ?? 30)
        }
        if let code, gone.contains(code) { return .broken(reason: reason) }
        switch response.status {
        case 401, 403, 404: return .broken(reason: reason)
        case 400...499 where response.status != 408: return .refused(reason: reason)
        default: return .retry(reason: reason, afterSeconds: wait(response, now: now))
        }
    }

    private static func taken(_ response: HTTPClientResponse) -> SendOutcome {
        var receipt = JSONObject()
        receipt["message_id"] = response.json?["id"]?.stringValue.map(JSONValue.string)
        receipt["channel_id"] = response.json?["channel_id"]?.stringValue.map(JSONValue.string)
        guard response.header("X-RateLimit-Remaining") == "0",
            let text = response.header("X-RateLimit-Reset-After"),
            let rest = Double(text), rest > 0
        else { return .sent(receipt: receipt, restSeconds: 0) }
        return .sent(receipt: receipt, restSeconds: min(rest, 60))
    }

    /// The body's figure has the fraction that the header's lacks.
    private static func wait(_ response: HTTPClientResponse, now: Timestamp) -> Double? {
        response.json?["retry_after"]?.numberText.flatMap { RetryAfter.seconds($0, now: now) }
            ?? response.retryAfterSeconds(now: now)
    }

    private static func words(_ response: HTTPClientResponse, _ code: Int?) -> String {
        guard let code else { return response.words }
        let message = response.json?["message"]?.stringValue.map { PlainText.line($0, limit: 120) } ?? ""
        return "status \(response.status), code \(code): \(message)"
    }

    /// Unknown channel, guild and webhook, invalid token, missing access and permissions.
    private static let gone: Set<Int> = [10003, 10004, 10015, 50001, 50013, 50027]
}
