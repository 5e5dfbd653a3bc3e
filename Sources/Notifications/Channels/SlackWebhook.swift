import Domain
import HTTPClient
import JSON

/// An incoming webhook of Slack.
///
/// Taken means status 200 and the body `ok`; errors are told by the body first, because statuses differ
/// between Slack and what speaks like it.
struct SlackWebhook: Channel {
    let address: String
    let client: HTTPClient

    func send(_ message: Message, deliveryID: String) async -> SendOutcome {
        let request = HTTPClientRequest(
            .post, address, headers: [("Content-Type", "application/json")],
            body: SlackPayload.webhook(message).bytes(), maxResponseBytes: 65_536)
        do {
            return Self.outcome(of: try await client.send(request), now: message.now)
        } catch {
            return SendOutcome(error)
        }
    }

    static func outcome(of response: HTTPClientResponse, now: Timestamp) -> SendOutcome {
        let word = PlainText.line(response.text, limit: 80)
        if response.status == 200, word == "ok" { return .sent(receipt: [:], restSeconds: 0) }
        let reason = "Slack answered \(response.words)"
        if response.status == 429 || word.hasPrefix("rate") && word.hasSuffix("limited") {
            return .retry(reason: reason, afterSeconds: response.retryAfterSeconds(now: now) ?? 30)
        }
        if gone.contains(word) { return .broken(reason: reason) }
        if ours.contains(word) { return .refused(reason: reason) }
        switch response.status {
        case 401, 403, 404, 410: return .broken(reason: reason)
        case 400...499 where response.status != 408: return .refused(reason: reason)
        default: return .retry(reason: reason, afterSeconds: response.retryAfterSeconds(now: now))
        }
    }

    /// The webhook, its channel or its workspace is gone, or closed to us.
    private static let gone: Set<String> = [
        "action_prohibited", "invalid_token", "channel_not_found", "no_service", "no_service_id", "no_team",
        "no_active_hooks", "channel_is_archived", "posting_to_general_channel_denied", "team_disabled",
        "user_not_found",
    ]
    /// The payload is wrong: our fault, and the next message may be right.
    private static let ours: Set<String> = [
        "invalid_payload", "no_text", "too_many_attachments", "invalid_blocks", "invalid_blocks_format",
        "msg_too_long",
    ]
}
