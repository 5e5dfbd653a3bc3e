import Domain
import HTTPServer
import JSON
import Notifications
import Postgres
import Store
import Support
import Testing

/// Messages that are changed in place: what Slack's Web API and Discord are asked, and what is remembered.
@Suite(.timeLimit(.minutes(10))) struct PostTests {
    private static let token = "xoxb-1234567890-averyveryverysecrettoken"
    private static let taken = HTTPResponse.json(#"{"ok": true, "channel": "C9", "ts": "17.5"}"#)

    private static func error(_ word: String) -> HTTPResponse {
        .json(#"{"ok": false, "error": "\#(word)"}"#)
    }

    @discardableResult
    private func addBot(_ provider: Provider, to outbox: Outbox) async throws -> Identifier {
        try await outbox.addChannel(
            .slack, "desk", secret: Self.token,
            settings: ChannelSettings(baseURL: provider.base, conversation: "C0"))
    }

    private func addRoom(_ provider: Provider, to outbox: Outbox, thread: String? = nil) async throws {
        try await outbox.addChannel(
            .discord, "room", secret: provider.url("/api/webhooks/1/tok"),
            settings: ChannelSettings(threadID: thread))
    }

    private func paths(_ provider: Provider) -> [String] {
        provider.requests.map { "\($0.method) \($0.path)" }
    }

    /// Asks, waits until it is sent, rejects and tells.
    private func askAndReject(_ outbox: Outbox) async throws {
        let proposal = try await outbox.propose(1)
        try await outbox.ask(proposal)
        try await outbox.settled(1)
        try await outbox.reject(proposal)
        try await outbox.queue(DeliveryRequest(kind: "proposal-rejected", proposalID: proposal, priority: 3))
        try await outbox.settled(2)
    }

    @Test func `a bot's message is posted once and changed with its proposal`() async throws {
        let slack = try Provider { _, _ in Self.taken }
        try await Outbox.with { outbox in
            try await addBot(slack, to: outbox)
            try await outbox.sending(outbox.context()) { try await askAndReject(outbox) }
            #expect(paths(slack) == ["POST /api/chat.postMessage", "POST /api/chat.update"])
            #expect(slack.requests.allSatisfy { $0.headers.all("Authorization") == ["Bearer \(Self.token)"] })
            #expect(slack.bodies.map { $0["channel"]?.stringValue } == ["C0", "C9"])
            #expect(slack.bodies.map { $0["ts"]?.stringValue } == [nil, "17.5"])
            let first = try #require(
                await outbox.text("SELECT id::text FROM deliveries WHERE kind = 'approval-requested'"))
            #expect(slack.bodies[0]["client_msg_id"]?.stringValue == first)
            #expect(try await outbox.text("SELECT receipt->>'ts' FROM posts WHERE is_editable") == "17.5")
            #expect(try await outbox.text("SELECT delivery_id::text FROM posts") == first)
        }
    }

    @Test(arguments: ["message_not_found", "cant_update_message", "edit_window_closed"])
    func `what cannot be changed is answered in its thread, from then on`(word: String) async throws {
        let slack = try Provider { request, _ in
            request.path.hasSuffix("chat.update") ? Self.error(word) : Self.taken
        }
        try await Outbox.with { outbox in
            try await addBot(slack, to: outbox)
            try await outbox.sending(outbox.context()) {
                try await askAndReject(outbox)
                let proposal = Outbox.identifier(1001)
                try await outbox.queue(DeliveryRequest(kind: "proposal-rejected", proposalID: proposal))
                try await outbox.settled(3)
            }
            let update = "POST /api/chat.update"
            let post = "POST /api/chat.postMessage"
            #expect(paths(slack) == [post, update, post, post])
            #expect(slack.bodies.map { $0["thread_ts"]?.stringValue } == [nil, nil, "17.5", "17.5"])
            #expect(try await outbox.text("SELECT receipt->>'ts' FROM posts WHERE NOT is_editable") == "17.5")
        }
    }

    @Test func `where even the thread is gone a new message stands for it`() async throws {
        let slack = try Provider { request, number in
            if number == 1 { return Self.taken }
            if request.path.hasSuffix("chat.update") { return Self.error("message_not_found") }
            return number == 3
                ? Self.error("thread_not_found") : .json(#"{"ok": true, "channel": "C9", "ts": "18.0"}"#)
        }
        try await Outbox.with { outbox in
            try await addBot(slack, to: outbox)
            try await outbox.sending(outbox.context()) { try await askAndReject(outbox) }
            #expect(slack.requests.count == 4)
            #expect(slack.bodies[3]["thread_ts"] == nil)
            #expect(try await outbox.text("SELECT receipt->>'ts' FROM posts WHERE is_editable") == "18.0")
        }
    }

    @Test func `Discord's message is changed, in its thread, and nobody is mentioned`() async throws {
        let discord = try Provider { _, _ in .json(#"{"id": "998", "channel_id": "7"}"#) }
        try await Outbox.with { outbox in
            try await addRoom(discord, to: outbox, thread: "55")
            try await outbox.sending(outbox.context()) { try await askAndReject(outbox) }
            #expect(
                paths(discord) == ["POST /api/webhooks/1/tok", "PATCH /api/webhooks/1/tok/messages/998"])
            #expect(discord.requests.allSatisfy { $0.query.first("thread_id") == "55" })
            #expect(discord.requests.allSatisfy { $0.query.first("with_components") == "true" })
            #expect(
                discord.bodies.allSatisfy { $0["allowed_mentions"]?["parse"]?.arrayValue?.isEmpty == true })
        }
    }

    @Test(arguments: [(404, 10008), (429, 30046), (400, 30046)])
    func `Discord's message that is gone or too old is followed by a new one`(
        status: Int, code: Int
    ) async throws {
        let discord = try Provider { request, number in
            guard request.method != .patch else {
                return .json(#"{"code": \#(code), "message": "no"}"#, status: status)
            }
            return .json(#"{"id": "\#(100 + number)", "channel_id": "7"}"#)
        }
        try await Outbox.with { outbox in
            try await addRoom(discord, to: outbox)
            try await outbox.sending(outbox.context()) { try await askAndReject(outbox) }
            #expect(discord.requests.map(\.method) == [.post, .patch, .post])
            #expect(try await outbox.text("SELECT receipt->>'message_id' FROM posts") == "103")
            #expect(try await outbox.count("SELECT count(*) FROM channels WHERE disabled_at IS NULL") == 1)
        }
    }

    @Test func `changes that wait behind each other become one`() async throws {
        let slack = try Provider { _, _ in Self.taken }
        try await Outbox.with { outbox in
            try await addBot(slack, to: outbox)
            let proposal = try await outbox.propose(1)
            try await outbox.ask(proposal)
            try await outbox.sending(outbox.context()) { try await outbox.settled(1) }
            for kind in ["approval-counted", "proposal-approved", "proposal-released", "order-accepted"] {
                try await outbox.queue(DeliveryRequest(kind: kind, proposalID: proposal))
            }
            // What must not be overlooked keeps its own turn.
            try await outbox.queue(DeliveryRequest(kind: "order-unknown", proposalID: proposal))
            try await outbox.sending(outbox.context()) { try await outbox.settled(6) }
            let update = "POST /api/chat.update"
            let post = "POST /api/chat.postMessage"
            #expect(paths(slack) == [post, update, update, post])
            #expect(slack.bodies[3]["thread_ts"]?.stringValue == "17.5")
            #expect(
                try await outbox.count(
                    "SELECT count(*) FROM deliveries WHERE state = 'dropped' AND last_error LIKE '%later state%'"
                ) == 3)
        }
    }

    @Test func `a price that comes later changes the request in place, and is no message of its own`()
        async throws
    {
        let slack = try Provider { _, _ in Self.taken }
        let hook = try Provider { _, _ in .text("ok") }
        try await Outbox.with { outbox in
            try await addBot(slack, to: outbox)
            try await outbox.addChannel(.slack, "hook", secret: hook.url("/services/T/B/x"))
            let proposal = try await outbox.propose(1)
            try await outbox.run(
                unguarded(
                    """
                    UPDATE proposal_terms SET created_at = clock_timestamp(), checks = '[{"code": "symbol_known",
                        "outcome": "skipped", "limit": null, "value": null, "detail": "asked"}]'
                    """))
            try await outbox.ask(proposal)
            try await outbox.sending(outbox.context()) {
                try await outbox.settled(2)
                try await outbox.run(
                    "INSERT INTO quotes (symbol, bid, ask, quoted_at) VALUES ('NVDA', 118, 118.37, clock_timestamp())"
                )
                try await outbox.queue(DeliveryRequest(kind: "approval-priced", proposalID: proposal))
                try await outbox.settled(4)
            }
            #expect(paths(slack) == ["POST /api/chat.postMessage", "POST /api/chat.update"])
            let texts = slack.bodies.map { $0.serialized() }
            #expect(texts[0].contains("asked for at the broker") && !texts[0].contains("warned"))
            #expect(texts[1].contains("$118.37") && texts[1].contains("approve BUY 400 NVDA"))
            #expect(hook.requests.count == 1)
            #expect(
                try await outbox.count(
                    "SELECT count(*) FROM deliveries WHERE state = 'dropped' AND kind = 'approval-priced'")
                    == 1)
        }
    }

    @Test
    func `a price that cannot be shown in place is not posted anew; a decision is, and takes its place`()
        async throws
    {
        let slack = try Provider { request, _ in
            request.path.hasSuffix("chat.update") ? Self.error("edit_window_closed") : Self.taken
        }
        let discord = try Provider { request, number in
            request.method == .patch
                ? .json(#"{"code": 10008, "message": "Unknown Message"}"#, status: 404)
                : .json(#"{"id": "\#(100 + number)", "channel_id": "7"}"#)
        }
        try await Outbox.with { outbox in
            try await addBot(slack, to: outbox)
            try await addRoom(discord, to: outbox)
            let proposal = try await outbox.propose(1)
            try await outbox.ask(proposal)
            try await outbox.sending(outbox.context()) {
                try await outbox.settled(2)
                try await outbox.queue(DeliveryRequest(kind: "approval-priced", proposalID: proposal))
                try await outbox.settled(4)
            }
            #expect(paths(slack) == ["POST /api/chat.postMessage", "POST /api/chat.update"])
            #expect(discord.requests.map(\.method) == [.post, .patch])
            let dropped =
                "SELECT count(*) FROM deliveries WHERE kind = 'approval-priced' AND state = 'dropped'"
            #expect(try await outbox.count(dropped) == 2)
            #expect(try await outbox.count("SELECT count(*) FROM posts WHERE NOT is_editable") == 2)
            try await outbox.sending(outbox.context()) {
                try await outbox.queue(DeliveryRequest(kind: "approval-priced", proposalID: proposal))
                try await outbox.settled(6)
                try await outbox.reject(proposal)
                try await outbox.queue(DeliveryRequest(kind: "proposal-rejected", proposalID: proposal))
                try await outbox.settled(8)
            }
            #expect(try await outbox.count(dropped) == 4, "nor is it tried again")
            #expect(slack.requests.count == 3 && slack.bodies[2]["thread_ts"]?.stringValue == "17.5")
            #expect(discord.requests.map(\.method) == [.post, .patch, .post])
            #expect(
                try await outbox.count("SELECT count(*) FROM posts WHERE is_editable") == 1,
                "Discord's new message stands for the proposal")
        }
    }

    @Test func `what follows from a halt stands below its message, and its end changes it`() async throws {
        let slack = try Provider { _, _ in Self.taken }
        try await Outbox.with { outbox in
            try await addBot(slack, to: outbox)
            let subject = "halt:\(Outbox.identifier(7))"
            for (number, kind) in ["halt-opened", "command-done", "halt-cleared"].enumerated() {
                try await outbox.queue(
                    DeliveryRequest(kind: kind, subject: subject, priority: 1, data: ["kind": "flatten"]))
                try await outbox.sending(outbox.context()) { try await outbox.settled(number + 1) }
            }
            let (post, update) = ("POST /api/chat.postMessage", "POST /api/chat.update")
            #expect(paths(slack) == [post, post, update, post])
            #expect(slack.bodies.map { $0["thread_ts"]?.stringValue } == [nil, "17.5", nil, "17.5"])
            #expect(slack.bodies[2].serialized().contains("The halt is cleared"))
        }
    }

    @Test func `mails about a halt and of a report hang together by their subject`() async throws {
        let mails = try MailServer()
        try await Outbox.with { outbox in
            try await outbox.addChannel(
                .email, "post", secret: nil,
                settings: ChannelSettings(
                    smtp: "smtp://127.0.0.1:\(mails.port)", from: "us@example.com", to: "you@example.com"))
            let subjects = ["halt:\(Outbox.identifier(7))", "report:daily:2026-11-24"]
            for kind in ["halt-opened", "command-done", "halt-cleared"] {
                try await outbox.queue(DeliveryRequest(kind: kind, subject: subjects[0]))
            }
            try await outbox.queue(DeliveryRequest(kind: "daily-report", subject: subjects[1]))
            try await outbox.sending(outbox.context()) { try await outbox.settled(4) }
            let roots = try mails.taken.map { text in
                let lines = text.split(separator: "\n")
                return try #require(lines.first { $0.hasPrefix("References: ") }.map(String.init))
            }
            #expect(roots.count == 4 && Set(roots.prefix(3)).count == 1, "\(roots)")
            #expect(roots[0].contains("halt-") && roots[3].contains("report-daily-2026-11-24"), "\(roots)")
        }
    }

    @Test func `what was lost between sending and recording is sent with the same identity`() async throws {
        let slack = try Provider { _, _ in Self.taken }
        try await Outbox.with { outbox in
            try await addBot(slack, to: outbox)
            try await outbox.ask(outbox.propose(1))
            try await outbox.sending(outbox.context()) { try await outbox.settled(1) }
            // As if the server had died after Slack took it, before the commit.
            try await outbox.run(
                """
                DELETE FROM posts;
                UPDATE deliveries SET state = 'queued', finished_at = NULL, receipt = NULL, next_attempt_at = now();
                UPDATE channels SET lane_free_at = now()
                """)
            try await outbox.sending(outbox.context()) { try await outbox.settled(1) }
            #expect(slack.bodies.count == 2)
            #expect(Set(slack.bodies.map { $0["client_msg_id"]?.stringValue }).count == 1)
            #expect(try await outbox.count("SELECT count(*) FROM posts") == 1)
        }
    }

    @Test func `messages about one subject keep their order, also where a later one is more urgent`()
        async throws
    {
        let slack = try Provider.slack()
        try await Outbox.with { outbox in
            try await outbox.addChannel(.slack, "desk", secret: slack.url())
            try await outbox.queue(
                DeliveryRequest(kind: "note-1", subject: "alert:a", priority: 7),
                DeliveryRequest(kind: "note-2", priority: 5),
                DeliveryRequest(kind: "note-3", subject: "alert:a", priority: 1))
            try await outbox.sending(outbox.context()) { try await outbox.settled(3) }
            #expect(slack.texts == ["Note 1", "Note 3", "Note 2"])
        }
    }

    @Test func `what waits for its next attempt holds back its own subject only`() async throws {
        let slack = try Provider.slack()
        try await Outbox.with { outbox in
            try await outbox.addChannel(.slack, "desk", secret: slack.url())
            try await outbox.queue(
                DeliveryRequest(kind: "note-1", subject: "alert:a"),
                DeliveryRequest(kind: "note-2", subject: "alert:a", priority: 1),
                DeliveryRequest(kind: "note-3"))
            try await outbox.run(
                "UPDATE deliveries SET next_attempt_at = now() + interval '1 hour' WHERE kind = 'note-1'")
            try await outbox.sending(outbox.context()) { try await outbox.settled(1) }
            #expect(slack.texts == ["Note 3"])
            try await outbox.run("UPDATE deliveries SET next_attempt_at = now() WHERE state = 'queued'")
            try await outbox.sending(outbox.context()) { try await outbox.settled(3) }
            #expect(slack.texts == ["Note 3", "Note 1", "Note 2"])
        }
    }

    @Test func `the bot's token is in no error`() async throws {
        let slack = try Provider { request, _ in
            .text("who is \(request.headers.all("Authorization"))", status: 503)
        }
        try await Outbox.with { outbox in
            try await addBot(slack, to: outbox)
            try await outbox.queue(DeliveryRequest(kind: "note-1"))
            try await outbox.sending(outbox.context(attempts: 2)) { try await outbox.settled(1) }
            let error = try #require(await outbox.text("SELECT last_error FROM deliveries"))
            #expect(error.contains("503") && error.contains("[redacted]"))
            #expect(!error.contains("secrettoken"))
        }
    }
}
