import Domain
import HTTPServer
import JSON
import Notifications
import Postgres
import Store
import Testing

/// How lanes rest, how failing ones leave room, and who is told of a lost one.
@Suite(.timeLimit(.minutes(10))) struct LaneTests {
    private func take(
        _ outbox: Outbox, limit: Int = 9, failing: Int? = nil
    ) async throws -> [ClaimedDelivery] {
        try await outbox.pool.transaction { session in
            try DeliveryClaims.takeFromLanes(
                limit: limit, limitOfFailing: failing, leaseSeconds: 60, in: session)
        }
    }

    private func record(
        _ result: DeliveryResult, _ taken: ClaimedDelivery, _ outbox: Outbox, pace: Pace? = nil
    )
        async throws
    {
        let isOurs = try await outbox.pool.transaction { session in
            try DeliveryResults.record(result, of: taken.record, pace: pace, in: session)
        }
        #expect(isOurs)
    }

    @Test func `a burst goes out at once, and then the lane keeps the pace`() async throws {
        try await Outbox.with { outbox in
            try await outbox.addChannel(.slack, "desk", secret: "https://example.com/x")
            for number in 0..<6 { try await outbox.queue(DeliveryRequest(kind: "note-\(number)")) }
            // Slow enough that no test machine can be slower.
            let pace = Pace(secondsEach: 1000, burstSeconds: 3500)
            for _ in 0..<3 {
                let taken = try #require(await take(outbox).first)
                try await record(.sent(receipt: [:]), taken, outbox, pace: pace)
            }
            let fourth = try #require(await take(outbox).first)
            try await record(.sent(receipt: [:]), fourth, outbox, pace: pace)
            #expect(try await take(outbox).isEmpty)
            let rest = try await outbox.count(
                "SELECT extract(epoch FROM lane_free_at - clock_timestamp())::int FROM channels")
            #expect((100...500).contains(rest))
        }
    }

    @Test func `destinations that fail take a share of the places, until they succeed`() async throws {
        try await Outbox.with { outbox in
            for name in ["a", "b", "c", "d"] {
                try await outbox.addChannel(.slack, name, secret: "https://example.com/\(name)")
            }
            try await outbox.run(
                "UPDATE channels SET failures = 3, failing_since = now() WHERE name IN ('a', 'b', 'c')")
            try await outbox.queue(DeliveryRequest(kind: "note-1"))
            let taken = try await take(outbox, limit: 3, failing: 1)
            #expect(taken.count == 2)
            #expect(taken.contains { $0.destination?.name == "d" })
            let failing = try #require(taken.first { $0.destination?.name != "d" })
            #expect(failing.destination?.failures == 3)
            try await record(.retry(afterSeconds: 5, error: "no"), failing, outbox)
            #expect(try await outbox.count("SELECT count(*) FROM channels WHERE failures = 4") == 1)
            try await outbox.run(
                "UPDATE channels SET lane_free_at = now(); UPDATE deliveries SET next_attempt_at = now()")
            for one in try await take(outbox) { try await record(.sent(receipt: [:]), one, outbox) }
            let sound = try await outbox.count(
                "SELECT count(*) FROM channels WHERE failures = 0 AND failing_since IS NULL")
            #expect(sound == 4)
        }
    }

    @Test func `what lies too far ahead is freed`() async throws {
        try await Outbox.with { outbox in
            try await outbox.addChannel(.slack, "desk", secret: "https://example.com/x")
            try await outbox.queue(DeliveryRequest(kind: "note-1"))
            try await outbox.run(
                """
                UPDATE channels SET lane_free_at = now() + interval '3 days';
                UPDATE deliveries SET next_attempt_at = now() + interval '3 days'
                """)
            #expect(try await take(outbox).isEmpty)
            let freed = try await outbox.pool.transaction { try DeliveryResults.freeStuck(in: $0) }
            #expect(freed == 2)
            #expect(try await take(outbox).count == 1)
        }
    }

    /// Loses the channel `lost` and tells who was told, and how often.
    private func told(_ outbox: Outbox, _ others: [(String, Identifier?)], owner: Identifier?) async throws
        -> [String]
    {
        let gone = try Provider { _, _ in .text("no_service", status: 404) }
        let slack = try Provider.slack()
        try await outbox.addChannel(.slack, "lost", secret: gone.url(), user: owner)
        try await outbox.queue(DeliveryRequest(kind: "note-1"), DeliveryRequest(kind: "note-2"))
        for (name, user) in others {
            try await outbox.addChannel(.slack, name, secret: slack.url("/\(name)"), user: user)
        }
        try await outbox.sending(outbox.context()) {
            try await outbox.wait(
                for: 0, "SELECT count(*) FROM deliveries WHERE state = 'queued' AND kind <> 'note-1'")
            try await outbox.wait(for: 1, "SELECT count(*) FROM channels WHERE disabled_at IS NOT NULL")
            try await outbox.wait(for: 0, "SELECT count(*) FROM deliveries WHERE state = 'queued'")
        }
        return slack.requests.map(\.path).sorted()
    }

    @Test func `a lost channel is told to its owner elsewhere, once, and to nobody else`() async throws {
        try await Outbox.with { outbox in
            let paths = try await told(outbox, [("hers", Outbox.alice), ("desk", nil)], owner: Outbox.alice)
            #expect(paths == ["/hers"])
        }
    }

    @Test func `where the owner has no other channel, admins are told`() async throws {
        try await Outbox.with { outbox in
            let ada = Outbox.identifier(77)
            try await outbox.run(
                "INSERT INTO users (id, name, role) VALUES ('\(ada)', 'ada', 'admin')")
            let paths = try await told(outbox, [("adas", ada), ("desk", nil)], owner: Outbox.alice)
            #expect(paths == ["/adas"])
        }
    }
}
