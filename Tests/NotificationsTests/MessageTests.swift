import Cryptography
import Domain
import JSON
import Notifications
import Postgres
import Store
import Testing

@Suite(.timeLimit(.minutes(10))) struct MessageTests {
    private let links = MessageLinks(publicURL: "https://gate.example.com/", key: Outbox.linkKey)

    private func message(
        _ kind: String, in outbox: Outbox, proposal: Identifier?, data: JSONObject = [:],
        for user: Identifier? = nil
    ) async throws -> Message {
        try await outbox.queue(
            DeliveryRequest(kind: kind, proposalID: proposal, data: data))
        let writer = MessageWriter(links: links)
        return try await outbox.pool.withSession { session in
            let record = try #require(try DeliveryQueries.list(limit: 1, in: session).first)
            return writer.message(on: try Subject.load(of: record, in: session), for: user)
        }
    }

    private func value(_ label: String, of message: Message) -> String? {
        message.facts.first { $0.label == label }?.value
    }

    @Test func `a request says everything that a decision takes`() async throws {
        try await Outbox.with { outbox in
            let id = try await outbox.propose(1, mode: .live)
            let message = try await message("approval-requested", in: outbox, proposal: id)
            #expect(message.headline.hasPrefix("LIVE: approve BUY 400 NVDA, $47,280 by "))
            #expect(message.matter == "BUY 400 NVDA LIMIT 118.20 DAY, about $47,280")
            #expect(message.summary.hasPrefix("Real money. dee-bot asks for approval. Decide by "))
            #expect(message.summary.contains(" New York / ") && message.summary.contains(" UTC, in 27 min"))
            #expect(message.summary.hasSuffix("it is cancelled automatically and nothing is sent."))
            #expect(value("Bot", of: message) == "dee-bot")
            #expect(value("Strategy", of: message) == "gap_and_go")
            #expect(value("Price now", of: message) == "not known; the bot's $118.05")
            #expect(value("Approvals", of: message) == "0 of 1")
            #expect(value("Checks", of: message) == "1 warns, 1 passed")
            #expect(value("Check code", of: message)?.count == 6)
            #expect(message.warnings == ["The market closes in 20 minutes."])
            #expect(message.rationale == "Gap and go.")
            #expect(message.link == "https://gate.example.com/proposals/\(id)")
            for part in [
                message.headline, "Review: https://gate.example.com/", "Why, says the bot", "- The market",
            ] {
                #expect(message.plainText.contains(part), "\(part)")
            }
        }
    }

    @Test func `a contradiction says what does not fit, without addresses of others`() async throws {
        try await Outbox.with { outbox in
            let id = try await outbox.propose(1)
            let words = "The broker has b2 at https://evil.example too."
            let message = try await message(
                "order-contradicted", in: outbox, proposal: id, data: ["contradiction": .string(words)])
            let told = message.results.first { $0.label == "Contradiction" }?.value
            #expect(told == "The broker has b2 at https: //evil.example too.")
        }
    }

    @Test func `an outcome says who, when, how and what became of it`() async throws {
        try await Outbox.with { outbox in
            let id = try await outbox.propose(1)
            try await outbox.reject(id)
            let message = try await message("proposal-rejected", in: outbox, proposal: id)
            #expect(message.title == "BUY 400 NVDA rejected by alice")
            #expect(message.summary.contains("Rejected. Nothing was sent."))
            let decision = try #require(message.results.first { $0.label == "Rejected" }?.value)
            #expect(decision.hasPrefix("by alice at ") && decision.contains(" New York / "))
            #expect(decision.hasSuffix(" UTC, with the PIN: too <b>late</b>"))
            #expect(message.linkLabel == "Receipt")
        }
    }

    @Test func `expired is never called rejected`() async throws {
        try await Outbox.with { outbox in
            let id = try await outbox.propose(1, expiresInMinutes: -1)
            try await outbox.run(
                """
                UPDATE proposal_states SET state = 'expired', decided_at = clock_timestamp(), decided_by = 'system',
                    reason = 'nobody answered in time' WHERE proposal_id = '\(id)'
                """)
            let text = try await message("proposal-expired", in: outbox, proposal: id).plainText
            #expect(text.contains("BUY 400 NVDA expired, nobody answered"))
            #expect(text.contains("Expired: at "))
            #expect(!text.lowercased().contains("reject"))
        }
    }

    @Test func `news of an order come with the particulars they were queued with`() async throws {
        try await Outbox.with { outbox in
            let id = try await outbox.propose(1)
            let message = try await message(
                "order-filled", in: outbox, proposal: id,
                data: ["filled_qty": "400", "filled_avg_price": "118.1", "broker_status": "filled"])
            #expect(message.title == "BUY 400 NVDA filled at $118.10")
            let order = try #require(message.results.first { $0.label == "Order" }?.value)
            #expect(order.contains("400 of 400 at $118.10 on average"))
            #expect(message.tone == .good)
        }
    }

    @Test func `every kind in use has a title of its own`() async throws {
        try await Outbox.with { outbox in
            let id = try await outbox.propose(1)
            var titles: Set<String> = []
            let kinds =
                ProposalState.allCases.filter { $0 != .pending && $0 != .blocked }.map {
                    "proposal-\($0.rawValue)"
                }
                + OrderState.allCases.map { "order-\($0.rawValue.replacing("_", with: "-"))" }
                + [
                    "approval-requested", "approval-counted", "order-found", "order-contradicted",
                    "order-astray",
                    "order-status-not-known", "something-new",
                ]
            for kind in kinds {
                let message = try await message(kind, in: outbox, proposal: id)
                #expect(!message.summary.isEmpty, "\(kind)")
                #expect(
                    titles.insert("\(message.title) \(message.summary)").inserted, "\(kind): \(message.title)"
                )
            }
        }
    }

    @Test func `messages without a proposal stand on their data`() async throws {
        try await Outbox.with { outbox in
            let halt = try await message(
                "halt-opened", in: outbox, proposal: nil,
                data: [
                    "scope": "symbol", "target": "NVDA", "reason": "drawdown", "cause": "manual",
                    "opened_by": "user:alice", "opened_at": "2026-11-20T19:00:00Z", "allows_reducing": false,
                ])
            #expect(halt.title == "Trading is halted: symbol NVDA")
            #expect(value("When", of: halt) == "Fri 2026-11-20 14:00 New York / 19:00 UTC")
            #expect(value("By", of: halt) == "alice")
            #expect(halt.link == "https://gate.example.com/halts")
            let unknown = try await message("worker-silent", in: outbox, proposal: nil)
            #expect(unknown.title == "Worker silent")
        }
    }

    @Test func `a person's channel links to that person's token, which opens a day beyond the deadline`()
        async throws
    {
        try await Outbox.with { outbox in
            let id = try await outbox.propose(1)
            let message = try await message("approval-requested", in: outbox, proposal: id, for: Outbox.alice)
            let link = try #require(message.link)
            let prefix = "https://gate.example.com/r/"
            #expect(link.hasPrefix(prefix))
            #expect(link.utf8.count < 512)
            let token = try #require(Base64URL.decode(String(link.dropFirst(prefix.count))))
            let review = try #require(
                ReviewLink(token: token) { HMACSHA256.isValid($1, of: $0, key: Outbox.linkKey) })
            #expect(review.subjectID == id)
            #expect(review.userID == Outbox.alice)
            let record = try await outbox.pool.withSession { try ProposalQueries.find(id, in: $0) }
            let deadline = try #require(record).expiresAt
            #expect(abs(review.expiresAt.seconds(since: deadline) - 86_400) <= 1)
            let other = SecretBytes([UInt8](repeating: 3, count: 32))
            #expect(ReviewLink(token: token) { HMACSHA256.isValid($1, of: $0, key: other) } == nil)
        }
    }
}
