import Domain
import HTTPClient
import JSON
import Store

/// An incoming webhook of Slack: what it took can be neither found again nor changed.
///
/// Taken means status 200 and the body `ok`.
struct SlackWebhook: Channel {
    /// About one message a second for each channel, with short bursts, is what Slack allows; who only speaks like
    /// Slack has rules of his own.
    private var pace: Pace? {
        address.hasPrefix("https://hooks.slack.com/") ? Pace(secondsEach: 1, burstSeconds: 3) : nil
    }

    let address: String
    let client: HTTPClient

    func send(_ message: Message, _ handover: Handover) async -> SendOutcome {
        let request = HTTPClientRequest(
            .post, address, headers: [("Content-Type", "application/json")],
            body: SlackPayload.webhook(message).bytes(), maxResponseBytes: 65_536)
        do {
            return Self.outcome(of: try await client.send(request), now: message.now, pace: pace)
        } catch {
            return SendOutcome(error)
        }
    }

    static func outcome(
        of response: HTTPClientResponse, now: Timestamp, pace: Pace? = nil
    ) -> SendOutcome {
        let word = PlainText.line(response.text, limit: 80)
        if response.status == 200, word == "ok" { return .taken(SendOutcome.Taken(pace: pace)) }
        return SlackErrors.outcome(
            word: word, of: response, reason: "Slack answered \(response.words)", now: now)
    }
}
