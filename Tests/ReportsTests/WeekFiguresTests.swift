import Domain
import JSON
import Postgres
import Reports
import Support
import Testing

/// How fast was decided and how well orders were executed, from rows whose times and prices are known.
@Suite struct WeekFiguresTests {
    private static let day = "2024-11-26T15:00:00Z"

    private static func report(_ sql: String, _ proposals: [PastOrders.Proposal]) async throws -> JSONValue {
        try await withTestDatabase { pool in
            try await pool.withSession { session in
                try session.script(PastOrders.ground + PastOrders.sql(proposals))
                try session.script(
                    "SET session_replication_role = replica;\n\(sql)\n;SET session_replication_role = origin")
                let week = try #require(ISOWeek("2024-W48"))
                return try #require(try WeeklyReport.read(week, in: session))
            }
        }
    }

    @Test func `approvals under five seconds are counted, to the millisecond, and quick rejections are not`()
        async throws
    {
        let at = try #require(Timestamp(rfc3339: Self.day))
        let decisions: [(person: String, verdict: String, seconds: String)] = [
            ("alice", "approve", "4.999"), ("bob", "approve", "5"), ("bob", "reject", "2"),
            ("alice", "approve", "41"), ("alice", "approve", "1801"),
        ]
        var proposals = decisions.indices.map { index in
            PastOrders.Proposal(
                name: "p\(index)", state: decisions[index].verdict == "approve" ? "lapsed" : "rejected",
                limit: "100", at: at)
        }
        proposals.append(PastOrders.Proposal(name: "silent", state: "expired", limit: "100", at: at))
        let sql =
            """
            INSERT INTO users (id, name, role) VALUES
                ('00000000-0000-0000-0000-00000000000a', 'alice', 'approver'),
                ('00000000-0000-0000-0000-00000000000b', 'bob', 'approver');
            UPDATE proposal_terms SET proposer_name = 'shorgan-bot' WHERE client_order_id IN ('p3', 'silent');
            """
            + decisions.enumerated().map { index, each in
                """
                INSERT INTO decisions (id, proposal_id, user_id, verdict, order_hash, method, decided_at)
                SELECT gen_random_uuid(), p.id, u.id, '\(each.verdict)', p.order_hash, 'pin',
                    p.created_at + interval '\(each.seconds) seconds'
                FROM proposals p, users u
                WHERE p.client_order_id = 'p\(index)' AND u.name = '\(each.person)';
                """
            }.joined(separator: "\n")
        let report = try await Self.report(sql, proposals)
        let figures = try #require(report["decisions"])
        #expect(figures["hasty_approvals"] == 1 && figures["hasty_within_seconds"] == 5)
        #expect(figures["approved"] == 4 && figures["rejected"] == 1 && figures["expired"] == 1)
        #expect(figures["median_seconds"] == "5" && figures["slowest_seconds"] == "1801")
        #expect(figures["slowest"]?["by"] == "alice")
        let people = figures["by_person"]?.arrayValue ?? []
        #expect(people.map { $0["hasty_approvals"]?.intValue } == [1, 0])
        #expect(people.map { $0["median_seconds"] } == ["41", "3.5"])
        let bots = figures["by_bot"]?.arrayValue ?? []
        #expect(bots.map { $0["name"] } == ["dee-bot", "shorgan-bot"])
        #expect(bots.map { $0["slowest_seconds"] } == ["1801", "41"])
        #expect(bots.map { $0["expired"]?.intValue } == [0, 1])
        // Under 5 s, to 30 s, to 1 min, to 5, 15 and 30 min, longer.
        let times = figures["time_to_decide"]?.arrayValue?.compactMap { $0["count"]?.intValue }
        #expect(times == [2, 1, 1, 0, 0, 0, 1])
    }

    @Test func `slippage is told against the price approved and the price sent, by strategy and in all`()
        async throws
    {
        let at = try #require(Timestamp(rfc3339: Self.day))
        let proposals =
            ["buy", "sell"].map {
                PastOrders.Proposal(name: $0, state: "released", limit: "100", at: at, order: ("filled", 10))
            } + [
                PastOrders.Proposal(
                    name: "none", state: "released", limit: "100", at: at, order: ("canceled", 0))
            ]
        let report = try await Self.report(
            """
            UPDATE orders SET approved_price = 100, submitted_at = released_at;
            UPDATE orders SET claim_quote = '{"bid": "100", "ask": "101"}' WHERE client_order_id = 'buy';
            INSERT INTO executions (execution_id, kind, order_id, strategy, part, symbol, side, qty, price, executed_at)
            SELECT o.client_order_id, 'fill', o.id, CASE o.client_order_id WHEN 'buy' THEN 'momentum' ELSE 'pairs' END,
                'entry', 'NVDA', o.client_order_id, 10, CASE o.client_order_id WHEN 'buy' THEN 101 ELSE 100.5 END,
                o.finished_at
            FROM orders o
            WHERE o.filled_qty > 0;
            UPDATE proposal_terms SET strategy = 'pairs' WHERE client_order_id = 'sell'
            """, proposals)
        // Bought a dollar dearer, sold half a dollar dearer: (10 − 5) / 2,000.
        #expect(report["execution"]?["slippage_approved_bps"] == "25")
        #expect(report["execution"]?["slippage_sent_bps"] == "49.7512")
        #expect(report["execution"]?["fill_rate"]?.decimalValue?.rounded(scale: 4).description == "0.6667")
        let strategies = report["strategies"]?.arrayValue ?? []
        #expect(strategies.map { $0["strategy"] } == ["momentum", "pairs"])
        #expect(strategies.map { $0["slippage_approved_bps"] } == ["100", "-50"])
        #expect(strategies.map { $0["slippage_sent_bps"] } == ["49.7512", .null])
    }
}
