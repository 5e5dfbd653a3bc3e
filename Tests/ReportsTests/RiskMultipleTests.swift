import Domain
import JSON
import Postgres
import Reports
import Support
import Testing

/// R multiples as reports tell them: profit divided by what was risked at the stop that people approved.
@Suite struct RiskMultipleTests {
    /// Ten shares each, bought at 100 on Tuesday 2024-11-26: with a stop at 92 sold at 116, at 92.8, without a stop at 110.
    private static func with(
        _ body: @escaping @Sendable (PostgresPool) async throws -> Void
    ) async throws {
        try await withTestDatabase { pool in
            let at = try #require(Timestamp(rfc3339: "2024-11-26T15:00:00Z"))
            let proposals = ["won", "lost", "bare"].map { name in
                PastOrders.Proposal(
                    name: name, state: "released", limit: "100", protection: name == "bare" ? nil : "92",
                    at: at, order: ("filled", 10))
            }
            try await pool.withSession { session in
                try session.script(PastOrders.ground + PastOrders.sql(proposals))
                for (name, exit) in [("won", "116"), ("lost", "92.8"), ("bare", "110"), ("foreign", "99")] {
                    try session.script(
                        """
                        SET session_replication_role = replica;
                        INSERT INTO round_trips
                        VALUES ('account', '', '\(name.uppercased())', '\(name)-in', 'long', '2024-11-26 15:20Z',
                            (SELECT id FROM orders WHERE client_order_id = '\(name)'), 10, 1000, 10, 10 * \(exit),
                            10 * \(exit) - 1000, 0, false, '2024-11-26 19:00Z', '\(name)-out', '2024-11-26');
                        SET session_replication_role = origin
                        """)
                }
            }
            try await body(pool)
        }
    }

    @Test func `each round trip of a day has its own, and null where no stop was given`() async throws {
        try await Self.with { pool in
            let day = try #require(CalendarDate("2024-11-26"))
            let report = try #require(try await pool.withSession { try DailyReport.read(day, in: $0) })
            let trips = report["positions_closed"]?.arrayValue ?? []
            func multiple(_ symbol: String) -> JSONValue? {
                trips.first { $0["symbol"] == .string(symbol) }?["r_multiple"]
            }
            // 160 / (8 × 10) and −72 / (8 × 10).
            #expect(multiple("WON") == "2" && multiple("LOST") == "-0.9")
            #expect(multiple("BARE") == .null && multiple("FOREIGN") == .null && trips.count == 4)
            let closed = ReportSheet.daily(report).sections.first { $0.title == "Closed today" }
            let column = try #require(closed?.columns.firstIndex(of: "R multiple"))
            let shown = Set((closed?.rows ?? []).map { "\($0[0].text) \($0[column].text)" })
            let words: Set = ["WON +2.00", "LOST −0.90", "BARE no stop given", "FOREIGN no stop given"]
            #expect(shown == words)
        }
    }

    @Test func `a week tells the average of those with a stop, and that they are too few`() async throws {
        try await Self.with { pool in
            let week = try #require(ISOWeek("2024-W48"))
            let report = try #require(try await pool.withSession { try WeeklyReport.read(week, in: $0) })
            let figure = report["trades"]?["r_multiple"]
            // (2 − 0.9) / 2
            #expect(figure?["value"] == "0.55" && figure?["count"] == 2 && figure?["without_stop"] == 2)
            #expect(figure?["standing"] == "insufficient")
            #expect(report["largest_gain"]?["r_multiple"] == "2")
            let answers = report["questions"]?.arrayValue?.compactMap { $0["answer"]?.stringValue } ?? []
            #expect(
                answers.contains { $0.contains("+$160 on WON") && $0.contains("+2.00 times what was risked") }
            )
            let ended = ReportSheet.weekly(report).sections.first { $0.title == "Round trips that ended" }
            #expect(
                ended?.facts.first { $0.label == "R multiple, average" }?.value.text
                    == "+0.55 (insufficient data: 2 round trips; 2 without a stop left out)")
            try await pool.withSession { session in
                try session.script("UPDATE round_trips SET order_id = NULL")
                let bare = try WeeklyReport.read(week, in: session)?["trades"]?["r_multiple"]
                #expect(bare?["value"] == .null && bare?["standing"] == "insufficient")
            }
        }
    }
}
