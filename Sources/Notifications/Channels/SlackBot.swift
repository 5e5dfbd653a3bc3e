import Domain
import HTTPClient
import JSON
import Store

/// A Slack app that posts to one conversation with its bot's token, and changes what it posted.
///
/// The Web API answers nearly everything with status 200: only `ok` tells whether a message was taken.
struct SlackBot: Channel {
    /// Posting may go at one message a second, changing at fifty a minute.
    private var pace: Pace? {
        base.hasPrefix("https://slack.com/") ? Pace(secondsEach: 1.2, burstSeconds: 3.6) : nil
    }

    let token: String
    let conversation: String
    /// Where Slack's methods are: `https://slack.com/api`.
    let base: String
    let client: HTTPClient

    func send(_ message: Message, _ handover: Handover) async -> SendOutcome {
        guard let post = handover.post else { return await create(message, handover, below: nil) }
        switch handover.form {
        case .new: return await create(message, handover, below: nil)
        case .reply, .anew: return await create(message, handover, below: post)
        case .edit:
            guard post.isEditable else { return .unchangeable(post) }
            return await change(message, handover, post)
        }
    }

    private func change(_ message: Message, _ handover: Handover, _ post: PostRecord) async -> SendOutcome {
        let payload = SlackPayload.update(
            message, channel: conversation(of: post), timestamp: timestamp(of: post))
        switch await call("chat.update", payload, now: message.now) {
        case .ok: return .taken(SendOutcome.Taken(receipt: post.receipt, post: post, pace: pace))
        case .error(let word, _) where SlackErrors.uneditable.contains(word):
            return .unchangeable(post.closed)
        case .error(_, let outcome): return outcome
        }
    }

    /// Posts the message: by itself, which then stands for its subject, or below the one that stands.
    private func create(
        _ message: Message, _ handover: Handover, below post: PostRecord?
    ) async -> SendOutcome {
        let content =
            post.map {
                SlackPayload.reply(message, channel: conversation(of: $0), thread: timestamp(of: $0))
            } ?? SlackPayload.post(message, channel: conversation)
        switch await call("chat.postMessage", identified(content, handover), now: message.now) {
        case .ok(let answer):
            var receipt: JSONObject = ["channel": answer["channel"] ?? .string(conversation)]
            receipt["ts"] = answer["ts"]
            let standing = post ?? PostRecord(receipt: receipt, isEditable: answer["ts"] != nil)
            return .taken(SendOutcome.Taken(receipt: receipt, post: standing, pace: pace))
        case .error(let word, _) where post != nil && SlackErrors.threadless.contains(word):
            return await create(message.changed, handover, below: nil)
        case .error(_, let outcome): return outcome
        }
    }

    /// By `client_msg_id` Slack recognises a repeat and answers with the message that it already has.
    private func identified(_ content: JSONValue, _ handover: Handover) -> JSONValue {
        var object = content.objectValue ?? [:]
        object["client_msg_id"] = .string(handover.deliveryID)
        return .object(object)
    }

    private func conversation(of post: PostRecord) -> String {
        post.receipt["channel"]?.stringValue ?? conversation
    }

    private func timestamp(of post: PostRecord) -> String { post.receipt["ts"]?.stringValue ?? "" }

    enum Answer {
        case ok(JSONObject)
        case error(word: String, SendOutcome)
    }

    private func call(_ method: String, _ payload: JSONValue, now: Timestamp) async -> Answer {
        let request = HTTPClientRequest(
            .post, "\(base)/\(method)",
            headers: [
                ("Content-Type", "application/json; charset=utf-8"), ("Authorization", "Bearer \(token)"),
            ],
            body: payload.bytes(), maxResponseBytes: 262_144)
        do {
            return Self.answer(try await client.send(request), now: now)
        } catch {
            return .error(word: "", SendOutcome(error))
        }
    }

    static func answer(_ response: HTTPClientResponse, now: Timestamp) -> Answer {
        let object = response.json?.objectValue ?? [:]
        if response.isSuccess, object["ok"]?.boolValue == true { return .ok(object) }
        guard let word = object["error"]?.stringValue.map({ PlainText.line($0, limit: 80) }) else {
            // No answer of Slack's, such as a proxy's page: it says nothing about the channel.
            let wait = response.retryAfterSeconds(now: now)
            let isLimit = response.status == 429
            return .error(
                word: "",
                .retry(
                    reason: "Slack answered \(response.words)",
                    afterSeconds: isLimit ? wait ?? 30 : wait))
        }
        var reason = "Slack answered \(word)"
        if let scope = object["needed"]?.stringValue {
            reason += " (needed: \(PlainText.line(scope, limit: 80)))"
        }
        // A word that is not known says that this message was not taken, and nothing about the next.
        let outcome = SlackErrors.outcome(word: word, of: response, reason: reason, now: now)
        guard response.status == 200, case .retry = outcome, !SlackErrors.isPassing(word) else {
            return .error(word: word, outcome)
        }
        return .error(word: word, .refused(reason: reason))
    }
}
