import Domain
import HTTPServer
import JSON
import Notifications
import Postgres
import Store
import Testing

@Suite(.timeLimit(.minutes(10))) struct ReadingTests {
    private func reading(_ outbox: Outbox) -> DeliveryReading {
        DeliveryReading(
            pool: outbox.pool, links: MessageLinks(publicURL: Outbox.publicURL, key: Outbox.linkKey))
    }

    @Test func `without a channel the message is kept, and reads as it would have been sent`() async throws {
        try await Outbox.with { outbox in
            let id = try await outbox.propose(1)
            try await outbox.ask(id)
            let (items, next) = try await reading(outbox).list()
            #expect(items.map(\.state) == [.kept])
            #expect(next == nil)
            let preview = try #require(await reading(outbox).preview(items[0].id))
            #expect(preview.text.hasPrefix("PAPER: approve BUY 400 NVDA, $47,280 by "))
            #expect(preview.text.contains("Review: https://gate.example.com/proposals/\(id)"))
        }
    }

    @Test func `a preview never shows a person's own link`() async throws {
        try await Outbox.with { outbox in
            try await outbox.addChannel(
                .slack, "alice", secret: "https://example.com/hook", user: Outbox.alice)
            try await outbox.ask(outbox.propose(1))
            let record = try #require(await reading(outbox).list().items.first)
            #expect(record.destinationName == "alice")
            #expect(record.json["channel_kind"] == "slack")
            let preview = try #require(await reading(outbox).preview(record.id))
            #expect(!preview.text.contains("/r/"))
            #expect(preview.text.contains("/proposals/"))
        }
    }

    @Test func `lists go from the newest on, page by page and by state`() async throws {
        try await Outbox.with { outbox in
            for number in 0..<5 { try await outbox.queue(DeliveryRequest(kind: "note-\(number)")) }
            let first = try await reading(outbox).list(limit: 3)
            #expect(first.items.map(\.kind) == ["note-4", "note-3", "note-2"])
            let rest = try await reading(outbox).list(before: first.next, limit: 3)
            #expect(rest.items.map(\.kind) == ["note-1", "note-0"])
            #expect(rest.next == nil)
            #expect(try await reading(outbox).list(DeliveryFilter(state: .dead)).items.isEmpty)
            try await outbox.run(
                "UPDATE deliveries SET state = 'dead', finished_at = now() WHERE kind < 'note-2'")
            let counts = try await reading(outbox).counts()
            #expect(counts == (queued: 0, dead: 2))
        }
    }

    @Test func `what waits for a channel that a person disabled is given up`() async throws {
        try await Outbox.with { outbox in
            try await outbox.addChannel(.slack, "desk", secret: "https://example.com/x")
            try await outbox.queue(DeliveryRequest(kind: "note-1"))
            try await outbox.run("UPDATE channels SET disabled_at = now(), disabled_reason = 'by alice'")
            try await outbox.sending(outbox.context()) { try await outbox.settled(1) }
            #expect(try await outbox.text("SELECT state FROM deliveries") == "dead")
        }
    }
}
