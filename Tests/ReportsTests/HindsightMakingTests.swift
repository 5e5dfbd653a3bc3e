import Domain
import JSON
import Postgres
import Reports
import Store
import Support
import Testing

@Suite struct HindsightMakingTests {
    /// Rejected proposals of eleven symbols' worth of ten days ago, and one that was released.
    private static let proposals = """
        INSERT INTO deployment (mode, account_number) VALUES ('paper', 'SIM1');
        INSERT INTO policies (version, document, applied_by) VALUES (1, '{"preset":"guarded-5k"}', 'system');
        INSERT INTO api_keys (id, name, scope, secret_hash, hint) VALUES
            ('00000000-0000-0000-0000-000000000001', 'dee-bot', 'propose', sha256('x'), 'x');
        SET session_replication_role = replica;
        INSERT INTO proposal_terms (id, mode, proposer_key_id, proposer_name, request_hash, symbol, side, qty, type,
            limit_price, time_in_force, stop_loss_stop_price, take_profit_limit_price, strategy, notional, is_reducing,
            client_order_id, canonical_order, order_hash, tier, approvals_required, policy_version, checks, created_at,
            expires_at, validity_minutes)
        SELECT gen_random_uuid(), 'paper', '00000000-0000-0000-0000-000000000001', 'dee-bot', sha256('x'), 'NVDA', 'buy', 10, 'limit', 100,
            'day', 92, 120, 'momentum', 1000, n = 13, 'c' || n, 'o' || n,
            encode(sha256(convert_to('o' || n, 'UTF8')), 'hex'), 'standard', 1, 1, '[]',
            '2024-11-13 15:00Z', '2024-11-13 15:30Z', 15
        FROM generate_series(1, 13) AS n;
        INSERT INTO proposal_states (proposal_id, sequence, state, symbol, side, expires_at, decided_at, decided_by)
        SELECT id, sequence, CASE client_order_id WHEN 'c12' THEN 'released' WHEN 'c11' THEN 'expired' ELSE 'rejected' END,
            symbol, side, expires_at, '2024-11-13 15:10Z', 'user:alice'
        FROM proposal_terms;
        SET session_replication_role = origin;
        """

    private static func bar(_ day: String, _ prices: [Int]) -> DailyBar? {
        guard let day = CalendarDate(day), prices.count == 4 else { return nil }
        return DailyBar(
            day: day, open: ExactDecimal(prices[0]), high: ExactDecimal(prices[1]),
            low: ExactDecimal(prices[2]),
            close: ExactDecimal(prices[3]))
    }

    @Test func `bars are asked for, and what they tell is settled once and summed up with its sample`()
        async throws
    {
        try await withTestDatabase { pool in
            let now = try await pool.withSession { session in
                try session.script(Self.proposals)
                // As if it were yesterday: what is older than a hundred days is not looked at.
                try session.script(
                    """
                    SET session_replication_role = replica;
                    UPDATE proposal_terms SET created_at = d.at, expires_at = d.at + interval '30 minutes'
                    FROM (SELECT clock_timestamp() - interval '40 days' AS at) AS d
                    """)
                return try DatabaseClock.now(in: session)
            }
            let making = HindsightMaking(pool: pool)
            let first = try await making.run()
            #expect(first.settled == 0 && first.isWaiting)
            let wanted = try await pool.withSession { try BarStore.wanted(limit: 5, in: $0) }
            #expect(wanted.map(\.symbol) == ["NVDA"])
            let day = MarketCalendar.nyse.bookDay(of: now.adding(minutes: -40 * 24 * 60))
            let days = try #require(wanted.first)
            #expect(days.from <= day && days.until >= day.adding(days: 30))
            let bars = [
                try #require(Self.bar(day.description, [101, 102, 99, 100])),
                try #require(Self.bar(day.adding(days: 3).description, [110, 121, 109, 120])),
            ]
            try await pool.withSession {
                try BarStore.store(bars, of: "NVDA", days.from...days.until, in: $0)
            }
            let second = try await making.run()
            // Ten rejected and one expired; neither the released one nor the one that reduces.
            #expect(second.settled == 11 && !second.isWaiting)
            #expect(try await making.run().settled == 0)
            let figures = try await pool.withSession { session in
                try HindsightStore.figures(after: now.adding(minutes: -90 * 24 * 60), until: now, in: session)
            }
            let rejected = try #require(figures.first { $0.state == .rejected })
            #expect(rejected.assessable == 10 && rejected.entered == 10 && rejected.reachedTarget == 10)
            #expect(rejected.total == ExactDecimal(2000))
            #expect(figures.map(\.state) == [.expired, .rejected])
        }
    }

    @Test func `what is settled is never changed`() async throws {
        try await withTestDatabase { pool in
            try await pool.withSession { session in
                try session.script(Self.proposals)
                let id = try session.query("SELECT id FROM proposals LIMIT 1").only().identifier("id")
                let result = Hindsight.Result(
                    outcome: .notEntered, enteredOn: nil, exitedOn: nil, exitPrice: nil, pnl: nil,
                    isAmbiguous: false)
                for _ in 1...2 { try HindsightStore.insert([(id, result)], in: session) }
                #expect(throws: PostgresError.self) {
                    try session.script("UPDATE hindsights SET outcome = 'not_entered'")
                }
            }
        }
    }
}
