import Domain
import Gate
import Postgres
import Store
import Testing

/// Reminders before time runs out, and requests that reached nobody.
@Suite struct RemindingTests {
    private static let hook = "https://hooks.slack.com/services/T0/B0/topsecret"

    /// Stores a pending proposal that was created and ends so many minutes from now, and asks for it.
    private func propose(_ desk: Desk, created: Int, expires: Int, seconds: Int = 30) async throws
        -> Identifier
    {
        let key = desk.ground.context.newIdentifier(at: Timestamp(seconds: 1_800_000_000))
        let id = desk.ground.context.newIdentifier(at: Timestamp(seconds: 1_800_000_000))
        try await desk.ground.attack(
            """
            INSERT INTO policies (version, document, applied_by) VALUES (1, '{}', 'test') ON CONFLICT DO NOTHING;
            INSERT INTO api_keys (id, name, scope, secret_hash, hint)
            VALUES ('\(key)', 'bot-\(key)', 'propose', sha256('\(key)'), 'k');
            INSERT INTO proposal_terms (id, mode, proposer_key_id, proposer_name, request_hash, symbol, side, qty,
                type, limit_price, time_in_force, strategy, notional, is_reducing, client_order_id,
                canonical_order, order_hash, tier, approvals_required, policy_version, checks, created_at,
                expires_at, validity_minutes)
            VALUES ('\(id)', 'paper', '\(key)', 'dee-bot', sha256('r'), 'NVDA', 'buy', 1, 'limit', 1,
                'day', 's', 1, false, 'cs-\(id)', '\(id)', encode(sha256('\(id)'), 'hex'), 'standard', 1, 1, '[]',
                clock_timestamp() + make_interval(mins => \(created)),
                clock_timestamp() + make_interval(mins => \(expires), secs => \(seconds)), 15);
            """)
        try await desk.ground.pool.transaction { session in
            try DeliveryQueue.enqueue(
                [DeliveryRequest(kind: "approval-requested", proposalID: id, priority: 1)], in: session)
        }
        return id
    }

    private func addChannel(_ desk: Desk, _ name: String = "desk") async throws {
        _ = try await Channels(desk.ground.context).add(
            NewChannel(kind: .slack, name: name, secret: Self.hook), by: "cli:root")
    }

    @Test func `whoever is asked is reminded at ten and at two minutes, once across servers`() async throws {
        try await Desk.with { desk in
            try await addChannel(desk)
            let ten = try await propose(desk, created: -20, expires: 9)
            let two = try await propose(desk, created: -20, expires: 1)
            _ = try await propose(desk, created: -20, expires: 11)
            let servers = [Reminding(desk.ground.context), Reminding(desk.ground.context)]
            let first = try await servers[0].look()
            #expect(Set(first.reminded) == [ten, two])
            #expect(try await servers[1].look().reminded.isEmpty)
            #expect(try await servers[0].look().reminded.isEmpty)
            let count = try await desk.ground.count(
                "SELECT count(*) FROM deliveries WHERE kind = 'approval-reminder' AND not_after IS NOT NULL")
            #expect(count == 2)
        }
    }

    @Test func `short timeouts, ended proposals and an empty desk are not reminded`() async throws {
        try await Desk.with { desk in
            _ = try await propose(desk, created: -20, expires: 9)
            let reminding = Reminding(desk.ground.context)
            // Nobody to remind.
            #expect(try await reminding.look().reminded.isEmpty)
            try await addChannel(desk)
            let ended = try await propose(desk, created: -20, expires: 8)
            try await desk.ground.attack(
                """
                UPDATE proposal_states SET state = 'withdrawn', decided_at = clock_timestamp(), decided_by = 'x'
                WHERE proposal_id = '\(ended)'
                """)
            _ = try await propose(desk, created: -2, expires: 9)
            _ = try await propose(desk, created: -1, expires: 1)
            #expect(try await reminding.look().reminded.count == 1)
        }
    }

    @Test func `a request that no channel took in a minute is told to the others, once`() async throws {
        try await Desk.with { desk in
            try await addChannel(desk)
            let lost = try await propose(desk, created: -2, expires: 30)
            let heard = try await propose(desk, created: -2, expires: 31)
            let young = try await propose(desk, created: 0, expires: 32)
            try await desk.ground.attack(
                "UPDATE deliveries SET state = 'sent', finished_at = now() WHERE proposal_id = '\(heard)'")
            try await addChannel(desk, "other")
            let found = try await Reminding(desk.ground.context).look()
            #expect(found.unheard == [lost])
            #expect(try await Reminding(desk.ground.context).look().unheard.isEmpty)
            let told = try await desk.ground.pool.withSession { session in
                (
                    try session.query(
                        """
                        SELECT c.name FROM deliveries d JOIN channels c ON c.id = d.channel_id
                        WHERE d.kind = 'approval-unheard'
                        """
                    ).map { try $0.text("name") },
                    try session.read(ApprovalNoticeStore.unheard(among: [lost, heard, young]))
                )
            }
            // The one that still has the request waiting is not told twice.
            #expect(told.0 == ["other"])
            #expect(told.1 == [lost])
            // Heard at last, it is no news any more.
            try await desk.ground.attack(
                "UPDATE deliveries SET state = 'sent', finished_at = now() WHERE kind = 'approval-requested'")
            let still = try await desk.ground.pool.withSession { session in
                try session.read(ApprovalNoticeStore.unheard(among: [lost]))
            }
            #expect(still.isEmpty)
        }
    }
}
