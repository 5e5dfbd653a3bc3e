import Domain
import HTTPClient
import JSON
import Store
import Testing

@testable import Notifications

/// What follows from the answers of providers.
struct AnswerTests {
    private let now = Timestamp(seconds: 1_795_000_000)

    private func response(_ status: Int, _ body: String, _ headers: [(String, String)] = [])
        -> HTTPClientResponse
    {
        HTTPClientResponse(status: status, headers: headers, body: Array(body.utf8))
    }

    private func word(_ outcome: SendOutcome) -> String {
        switch outcome {
        case .taken: "sent"
        case .retry(_, let seconds): "retry" + (seconds.map { " \($0)" } ?? "")
        case .refused: "refused"
        case .unchangeable: "unchangeable"
        case .broken: "broken"
        }
    }

    @Test(arguments: [
        (200, "ok", "sent"), (200, "invalid_token", "broken"), (200, "<html>", "retry"),
        (500, "rollup_error", "retry"),
        (400, "invalid_payload", "refused"), (400, "invalid_blocks", "refused"),
        (404, "no_service", "broken"),
        (410, "channel_is_archived", "broken"), (403, "channel_is_archived", "broken"),
        (403, "action_prohibited", "broken"),
        (429, "", "retry 30.0"), (400, "whatever", "refused"), (302, "", "retry"),
    ]) func `Slack: the body before the status`(status: Int, body: String, expected: String) {
        #expect(word(SlackWebhook.outcome(of: response(status, body), now: now)) == expected)
    }

    @Test(arguments: [
        (204, "", "sent"), (404, #"{"code": 10015, "message": "Unknown Webhook"}"#, "broken"),
        (401, #"{"code": 50027, "message": "Invalid Webhook Token"}"#, "broken"),
        (400, #"{"code": 50035, "message": "Invalid Form Body"}"#, "refused"), (502, "bad gateway", "retry"),
        (429, #"{"message": "limited", "retry_after": 64.57, "global": false}"#, "retry 64.57"),
    ]) func `Discord: codes, and the exact wait`(status: Int, body: String, expected: String) {
        #expect(word(DiscordWebhook.outcome(of: response(status, body), now: now)) == expected)
    }

    @Test func `Discord's empty bucket rests the lane`() {
        let answer = response(
            200, #"{"id": "1"}"#, [("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset-After", "1.25")])
        #expect(
            DiscordWebhook.outcome(of: answer, now: now)
                == .sent(receipt: ["message_id": "1"], restSeconds: 1.25))
        let standing = DiscordWebhook.outcome(of: answer, now: now, standsForSubject: true)
        guard case .taken(let taken) = standing else { return #expect(Bool(false), "not taken") }
        #expect(taken.post == PostRecord(receipt: ["message_id": "1"]))
    }

    @Test(arguments: [
        (200, #"{"ok": true, "ts": "1.2", "channel": "C1"}"#, "sent"),
        (200, #"{"ok": false, "error": "ratelimited"}"#, "retry 30.0"),
        (429, #"{"ok": false, "error": "ratelimited"}"#, "retry 30.0"),
        (429, "", "retry 30.0"),
        (200, #"{"ok": false, "error": "internal_error"}"#, "retry"),
        (200, #"{"ok": false, "error": "service_unavailable"}"#, "retry"),
        (200, #"{"ok": false, "error": "request_timeout"}"#, "retry"),
        (503, "<html>", "retry"), (404, "<html>", "retry"), (200, "<html>", "retry"), (200, "{}", "retry"),
        (200, #"{"ok": false, "error": "invalid_auth"}"#, "broken"),
        (200, #"{"ok": false, "error": "account_inactive"}"#, "broken"),
        (200, #"{"ok": false, "error": "token_revoked"}"#, "broken"),
        (200, #"{"ok": false, "error": "missing_scope", "needed": "chat:write"}"#, "broken"),
        (200, #"{"ok": false, "error": "channel_not_found"}"#, "broken"),
        (200, #"{"ok": false, "error": "not_in_channel"}"#, "broken"),
        (200, #"{"ok": false, "error": "is_archived"}"#, "broken"),
        (200, #"{"ok": false, "error": "restricted_action_read_only_channel"}"#, "broken"),
        (200, #"{"ok": false, "error": "invalid_blocks"}"#, "refused"),
        (200, #"{"ok": false, "error": "msg_too_long"}"#, "refused"),
        (200, #"{"ok": false, "error": "never_heard_of"}"#, "refused"),
    ]) func `Slack's Web API: ok, not the status`(status: Int, body: String, expected: String) {
        switch SlackBot.answer(response(status, body), now: now) {
        case .ok: #expect(expected == "sent")
        case .error(_, let outcome): #expect(word(outcome) == expected)
        }
    }

    @Test func `Slack's Retry-After counts, whichever way it is written`() {
        let body = #"{"ok": false, "error": "ratelimited"}"#
        for (text, seconds) in [("7", 7.0), ("2.5", 2.5), ("Wed, 18 Nov 2026 13:47:00 GMT", nil)] {
            let answer = SlackBot.answer(response(429, body, [("Retry-After", text)]), now: now)
            guard case .error(_, .retry(_, let wait)) = answer else {
                #expect(Bool(false), "not a retry: \(text)")
                continue
            }
            if let seconds { #expect(wait == seconds) } else { #expect(wait != nil && wait != 30) }
        }
    }

    @Test(arguments: [
        (404, 10008), (400, 30046), (400, 20028), (404, 10003), (400, 220_001), (400, 50006),
    ]) func `Discord's codes say what to do`(status: Int, code: Int) {
        let body = #"{"code": \#(code), "message": "m"}"#
        let outcome = DiscordWebhook.outcome(of: response(status, body), now: now)
        switch code {
        case 20028: #expect(word(outcome) == "retry 30.0")
        case 50006, 30046: #expect(word(outcome) == "refused")
        default: #expect(word(outcome) == "broken")
        }
    }

    @Test(arguments: [
        (SMTPError.Kind.temporary, 451, "retry"), (.permanent, 550, "broken"), (.permanent, 535, "broken"),
        (.permanent, 554, "refused"), (.permanent, 552, "refused"), (.transport(.connect), 0, "retry"),
        (.transport(.tls), 0, "retry"),
    ]) func `mail by the server's code`(kind: SMTPError.Kind, code: Int, expected: String) {
        let error = SMTPError(kind, sent: .no, code: code == 0 ? nil : code, "said so")
        #expect(word(EmailChannel.outcome(of: error)) == expected)
    }

    @Test(arguments: [
        ("https://hooks.slack.com/services/T/B/x", nil, "https://hooks.slack.com/services/T/B/x"),
        ("https://hooks.slack.com/services/T/B/x", "http://127.0.0.1:9", "http://127.0.0.1:9/services/T/B/x"),
        (
            "https://hooks.slack.com/services/T/B/x", "http://127.0.0.1:9/",
            "http://127.0.0.1:9/services/T/B/x"
        ),
        ("https://hooks.slack.com", "http://a/b", "http://a/b/"),
    ]) func `another base keeps the path`(address: String, base: String?, expected: String) {
        #expect(WebhookAddress.resolve(address, base: base) == expected)
    }
}
