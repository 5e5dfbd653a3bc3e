import Domain
import JSON
import Postgres
import Reports
import Store
import Support
import Testing

/// What orders of every type that were not traded would have made, from the database to the weekly report.
@Suite struct HindsightEntryTests {
    private typealias Proposal = PastOrders.Proposal

    /// A trading day about forty days ago, and the two after it.
    private static func days(before now: Timestamp) throws -> [MarketSession] {
        let calendar = MarketCalendar.nyse
        let first = try #require(calendar.session(before: NewYork.date(now).adding(days: -40)))
        let second = try #require(calendar.session(after: first.date))
        return [first, second, try #require(calendar.session(after: second.date))]
    }

    /// An hour after the opening of the first day.
    private static func proposals(_ at: Timestamp) -> [Proposal] {
        [
            Proposal(name: "limit", limit: "100", at: at),
            Proposal(name: "market", state: "expired", type: "market", at: at),
            Proposal(name: "early", type: "market", at: at.adding(minutes: -70)),
            Proposal(name: "stop", type: "stop", stop: "104", at: at),
            Proposal(name: "far", type: "stop", stop: "110", at: at),
            Proposal(name: "stop-limit", type: "stop_limit", limit: "104", stop: "103", at: at),
            Proposal(
                name: "unfilled", state: "released", limit: "100", at: at, order: ("canceled", 0)),
            Proposal(name: "filled", state: "released", limit: "100", at: at, order: ("filled", 10)),
            Proposal(name: "partly", state: "released", limit: "100", at: at, order: ("canceled", 4)),
            Proposal(name: "open", state: "released", limit: "100", at: at, order: ("accepted", 0)),
            Proposal(name: "exit", limit: "100", isReducing: true, at: at),
        ]
    }

    private static let bars = [[101, 105, 99, 104], [106, 110, 103, 108], [109, 121, 108, 120]]

    @Test func `orders of every type are settled, released ones only where nothing was filled`() async throws
    {
        try await withTestDatabase { pool in
            let now = try await pool.withSession { try DatabaseClock.now(in: $0) }
            let days = try Self.days(before: now)
            let at = days[0].opensAt.adding(minutes: 60)
            try await pool.withSession { session in
                try session.script(PastOrders.ground + PastOrders.sql(Self.proposals(at)))
                // Decided ten minutes after they were made: "early" just at the opening, the other one after it.
                try session.script("ANALYZE")
            }
            let making = HindsightMaking(pool: pool)
            #expect(try await making.run().isWaiting)
            let bars = try zip(days, Self.bars).map { day, prices in
                try #require(
                    DailyBar(
                        day: day.date, open: ExactDecimal(prices[0]), high: ExactDecimal(prices[1]),
                        low: ExactDecimal(prices[2]), close: ExactDecimal(prices[3])))
            }
            try await pool.withSession { session in
                let wanted = try #require(try BarStore.wanted(limit: 5, in: session).first)
                try BarStore.store(bars, of: "NVDA", wanted.from...wanted.until, in: session)
            }
            #expect(try await making.run().settled == 7)
            let (settled, report) = try await pool.withSession { session in
                let rows = try session.query(
                    """
                    SELECT p.client_order_id || ' ' || h.outcome || coalesce(' ' || h.pnl, '') AS told
                    FROM hindsights h
                    JOIN proposals p ON p.id = h.proposal_id
                    """)
                let week = NewYork.date(now).isoWeek
                return (
                    try Set(rows.map { try $0.text("told") }),
                    try WeeklyReport.read(week, in: session)
                        ?? WeeklyReport.read(week.adding(weeks: -1), in: session)
                )
            }
            // 120 less the entry, ten times: at 100, at the second open, at the first, at the stop, at the limit.
            let expected: Set = [
                "limit target 200", "market target 140", "early target 190", "stop target 160",
                "far not_entered", "stop-limit target 160", "unfilled target 200",
            ]
            #expect(settled == expected)
            let hindsight = try #require(report?["hindsight"])
            #expect(hindsight["total"]?["assessable"] == 7 && hindsight["total"]?["entered"] == 6)
            let groups = hindsight["groups"]?.arrayValue ?? []
            #expect(groups.map { $0["state"]?.stringValue } == ["expired", "rejected", "released"])
            #expect(groups.last?["assessable"] == 1)
            #expect(hindsight["left_out"] == ["reducing": 1, "partly_filled": 1, "under_way": 1])
            #expect(hindsight["total"]?["total"] == .null && hindsight["sample_limit"] == 20)
            let part = ReportSheet.weekly(try #require(report)).sections.last
            #expect(part?.rows.contains { $0[0].text == "Released, never filled" } == true)
            let words =
                "Left out: 1 that would have reduced a position, 1 filled in part, whose price is known, "
                + "1 not over yet, commissions."
            #expect(part?.note?.hasSuffix(words) == true, "\(part?.note ?? "")")
        }
    }
}
