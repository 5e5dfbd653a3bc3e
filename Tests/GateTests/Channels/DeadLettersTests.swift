import Domain
import Gate
import JSON
import Postgres
import Store
import Testing

/// Sending again what was given up.
@Suite struct DeadLettersTests {
    private func slack() -> NewChannel {
        NewChannel(kind: .slack, name: "desk", secret: "https://hooks.slack.com/services/T0/B0/topsecret")
    }

    /// Queues messages of these kinds and gives them up.
    private func giveUp(_ kinds: [String], notAfter: Timestamp? = nil, _ desk: Desk) async throws {
        try await desk.ground.pool.transaction { session in
            try DeliveryQueue.enqueue(
                kinds.map { DeliveryRequest(kind: $0, notAfter: notAfter) }, in: session)
        }
        try await desk.ground.attack(
            "UPDATE deliveries SET state = 'dead', finished_at = now(), attempts = 20 WHERE state = 'queued'")
    }

    private func find(_ kind: String, _ desk: Desk) async throws -> DeliveryRecord {
        try await desk.ground.pool.withSession { session in
            let id = try session.query("SELECT id FROM deliveries WHERE kind = $1", [.text(kind)]).only()
                .identifier("id")
            return try #require(try DeliveryQueries.find(id, in: session))
        }
    }

    @Test func `one message is sent again on demand, and the journal knows by whom`() async throws {
        try await Desk.with { desk in
            _ = try await Channels(desk.ground.context).add(slack(), by: "cli:root")
            try await giveUp(["note-1"], desk)
            let letters = DeadLetters(desk.ground.context)
            let dead = try await find("note-1", desk)
            let again = try await letters.retry(dead.id, by: "user:alice")
            #expect(again.state == .queued && again.attempts == 0)
            #expect(try await refusal { _ = try await letters.retry(dead.id, by: "x") }?.code == .conflict)
            #expect(
                try await refusal { _ = try await letters.retry(desk.alice.id, by: "x") }?.code == .notFound)
            #expect(try await desk.ground.journalKinds().last == "delivery.retried")
        }
    }

    @Test func `nothing comes back after its time or for a disabled channel`() async throws {
        try await Desk.with { desk in
            let channels = try Channels(desk.ground.context)
            _ = try await channels.add(slack(), by: "cli:root")
            try await giveUp(["late"], notAfter: Timestamp(seconds: 1_700_000_000), desk)
            try await giveUp(["note-1"], desk)
            let letters = DeadLetters(desk.ground.context)
            let late = try await find("late", desk)
            #expect(try await refusal { _ = try await letters.retry(late.id, by: "x") }?.code == .conflict)
            try await channels.disable(named: "desk", reason: "gone", by: "cli:root")
            let note = try await find("note-1", desk)
            #expect(try await refusal { _ = try await letters.retry(note.id, by: "x") }?.code == .conflict)
            #expect(
                try await refusal { _ = try await letters.retryAll(of: "desk", by: "x") }?.code == .conflict)
        }
    }

    @Test func `all of a destination come back but those that are too late`() async throws {
        try await Desk.with { desk in
            _ = try await Channels(desk.ground.context).add(slack(), by: "cli:root")
            try await giveUp(["late"], notAfter: Timestamp(seconds: 1_700_000_000), desk)
            // A question about nothing that is pending.
            try await giveUp(["note-1", "note-2", "approval-counted"], desk)
            let letters = DeadLetters(desk.ground.context)
            let trial = try await letters.retryAll(of: "Desk", isTrial: true, by: "cli:root")
            #expect(trial.destination == "desk" && trial.queued == 2 && trial.leftOut == 2)
            #expect(
                try await desk.ground.count("SELECT count(*) FROM deliveries WHERE state = 'queued'") == 0)
            #expect(try await letters.retryAll(of: "desk", by: "cli:root") == trial)
            #expect(
                try await desk.ground.count("SELECT count(*) FROM deliveries WHERE state = 'queued'") == 2)
            #expect(try await desk.ground.journalKinds().last == "deliveries.retried")
            let again = try await letters.retryAll(of: "desk", by: "cli:root")
            #expect(again.queued == 0 && again.leftOut == 2)
            #expect(try await letters.retryAll(of: "worker", by: "cli:root").queued == 0)
            #expect(try await refusal { _ = try await letters.retryAll(of: "x", by: "y") }?.code == .notFound)
        }
    }

    @Test func `a mended channel is taken into use again, with a new secret`() async throws {
        try await Desk.with { desk in
            let channels = try Channels(desk.ground.context)
            let before = try await channels.add(slack(), by: "cli:root")
            #expect(try await channels.enable(named: "desk", by: "cli:root") == nil)
            try await giveUp(["note-1"], desk)
            try await channels.disable(named: "desk", reason: "gone", by: "cli:root")
            let wrong = try await refusal {
                _ = try await channels.enable(named: "desk", secret: "xoxb-1-2", by: "cli:root")
            }
            #expect(wrong?.faults.map(\.pointer) == ["/url"])
            let enabled = try #require(
                try await channels.enable(
                    named: "desk", secret: "https://hooks.slack.com/services/T0/B0/other", by: "cli:root"))
            #expect(enabled.channel.id == before.id && enabled.channel.disabledAt == nil)
            #expect(enabled.deadLetters == 1)
            #expect(try await desk.ground.journalKinds().last == "channel.enabled")
        }
    }

    @Test func `the channel of a disabled person stays out of use`() async throws {
        try await Desk.with { desk in
            let channels = try Channels(desk.ground.context)
            let hers = NewChannel(
                kind: .slack, name: "hers", userName: "alice",
                secret: "https://hooks.slack.com/services/T0/B0/topsecret")
            _ = try await channels.add(hers, by: "cli:root")
            try await desk.identity.disableUser(named: "alice", by: "cli:root")
            let refused = try await refusal { _ = try await channels.enable(named: "hers", by: "cli:root") }
            #expect(refused?.code == .conflict)
        }
    }
}
