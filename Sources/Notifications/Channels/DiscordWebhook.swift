import Domain
import HTTPClient
import JSON
import Store

/// A webhook of Discord.
///
/// `wait=true` brings the message's identity, by which it is changed later; `with_components=true` keeps the link
/// button from being dropped without a word.
struct DiscordWebhook: Channel {
    let address: String
    let client: HTTPClient
    /// The server's own host, for the form of `User-Agent` that Discord asks for; others may be turned away.
    let host: String
    /// The thread of the webhook's channel that messages go to.
    var threadID: String?

    func send(_ message: Message, _ handover: Handover) async -> SendOutcome {
        guard handover.form == .edit, let post = handover.post else {
            return await create(handover.form == .anew ? message.changed : message, handover.form)
        }
        guard post.isEditable, let id = post.receipt["message_id"]?.stringValue, Self.isIdentity(id) else {
            return .unchangeable(post.closed)
        }
        let answer = await call(
            .patch, "/messages/\(id)", "with_components=true", DiscordPayload.edit(message))
        switch answer {
        case .failure(let error): return SendOutcome(error)
        case .success(let response):
            // Gone, or too old to be changed often.
            if let code = response.json?["code"]?.intValue, Self.uneditable.contains(code) {
                return .unchangeable(post.closed)
            }
            return Self.outcome(of: response, now: message.now, standing: post)
        }
    }

    /// A reply stands by itself, too: a webhook cannot answer a message.
    private func create(_ message: Message, _ form: MessageForm) async -> SendOutcome {
        let payload = form == .reply ? DiscordPayload.followUp(message) : DiscordPayload.post(message)
        switch await call(.post, "", "wait=true&with_components=true", payload) {
        case .failure(let error): return SendOutcome(error)
        case .success(let response):
            return Self.outcome(of: response, now: message.now, standsForSubject: form != .reply)
        }
    }

    /// A webhook's own query, such as a thread's, stays.
    private func call(
        _ method: HTTPClientRequest.Method, _ path: String, _ query: String, _ payload: JSONValue
    ) async -> Result<HTTPClientResponse, HTTPClientError> {
        let parts = address.split(separator: "?", maxSplits: 1)
        var base = parts.first.map(String.init) ?? address
        if base.hasSuffix("/") { base.removeLast() }
        let own = parts.count > 1 ? "&\(parts[1])" : ""
        let thread = threadID.map { "&thread_id=\($0)" } ?? ""
        let request = HTTPClientRequest(
            method, "\(base)\(path)?\(query)\(thread)\(own)",
            headers: [
                ("Content-Type", "application/json"), ("User-Agent", "DiscordBot (https://\(host), 1)"),
            ],
            body: payload.bytes(), maxResponseBytes: 262_144)
        do throws(HTTPClientError) {
            return .success(try await client.send(request))
        } catch {
            return .failure(error)
        }
    }

    static func outcome(
        of response: HTTPClientResponse, now: Timestamp, standing: PostRecord? = nil,
        standsForSubject: Bool = false
    ) -> SendOutcome {
        if response.isSuccess {
            return .taken(taken(response, standing: standing, standsForSubject: standsForSubject))
        }
        let code = response.json?["code"]?.intValue
        let reason = "Discord answered \(words(response, code))"
        if response.status == 429 {
            return .retry(reason: reason, afterSeconds: wait(response, now: now) ?? 30)
        }
        if let code, slow.contains(code) {
            return .retry(reason: reason, afterSeconds: wait(response, now: now) ?? 30)
        }
        let told = reason.asSentence
        if let advice = code.flatMap({ gone[$0] }) { return .broken(reason: "\(told) \(advice)") }
        switch response.status {
        case 401, 403, 404: return .broken(reason: "\(told) Make a new webhook in the channel's settings.")
        case 400...499 where response.status != 408:
            return .refused(
                reason: "\(told) Discord does not take this message as it is; others may still arrive.")
        default: return .retry(reason: reason, afterSeconds: wait(response, now: now))
        }
    }

    private static func taken(
        _ response: HTTPClientResponse, standing: PostRecord?, standsForSubject: Bool
    ) -> SendOutcome.Taken {
        var taken = SendOutcome.Taken(restSeconds: rest(response))
        if let standing {
            taken.receipt = standing.receipt
            taken.post = standing
            return taken
        }
        taken.receipt["message_id"] = response.json?["id"]?.stringValue.map(JSONValue.string)
        taken.receipt["channel_id"] = response.json?["channel_id"]?.stringValue.map(JSONValue.string)
        if standsForSubject, taken.receipt["message_id"] != nil {
            taken.post = PostRecord(receipt: taken.receipt)
        }
        return taken
    }

    /// An empty bucket is waited for before Discord has to say no.
    private static func rest(_ response: HTTPClientResponse) -> Double {
        guard response.header("X-RateLimit-Remaining") == "0",
            let text = response.header("X-RateLimit-Reset-After"), let rest = Double(text), rest > 0
        else { return 0 }
        return min(rest, 60)
    }

    /// The body's figure has the fraction that the header's lacks.
    private static func wait(_ response: HTTPClientResponse, now: Timestamp) -> Double? {
        response.json?["retry_after"]?.numberText.flatMap { RetryAfter.seconds($0, now: now) }
            ?? response.retryAfterSeconds(now: now)
            ?? response.header("X-RateLimit-Reset-After").flatMap { RetryAfter.seconds($0, now: now) }
    }

    private static func words(_ response: HTTPClientResponse, _ code: Int?) -> String {
        guard let code else { return response.words }
        let message = response.json?["message"]?.stringValue.map { PlainText.line($0, limit: 120) } ?? ""
        return "status \(response.status), code \(code): \(message)"
    }

    private static func isIdentity(_ text: String) -> Bool {
        (1...20).contains(text.utf8.count) && text.utf8.allSatisfy { (48...57).contains($0) }
    }

    /// Unknown message; too many changes of one that is older than an hour; written by somebody else.
    private static let uneditable: Set<Int> = [10008, 30046, 50005]
    /// Limits that Discord reports as errors: of a channel, of announcements, of a resource.
    private static let slow: Set<Int> = [20016, 20028, 20029, 40062]
    private static let gone: [Int: String] = [
        10003: "The webhook's channel or thread is gone: make a new webhook.",
        10004: "The webhook's server is gone.",
        10015: "The webhook was deleted: make a new one in the channel's settings.",
        50001: "The webhook may not write there any more.",
        50013: "The webhook may not write there any more.",
        50027: "The webhook's address is not valid any more: make a new one in the channel's settings.",
        160_005: "The thread is locked: unlock it, or choose another.",
        220_001: "The webhook belongs to a forum: set the channel up with --thread-id.",
        220_002: "The webhook belongs to a forum, which takes a thread's name only.",
        220_003: "The webhook cannot write to a thread of another channel: check --thread-id.",
    ]
}
