// Which word on the account a report of a period goes by.

import Domain
import Postgres
import Store
import Support
import Testing

@testable import Reports

@Suite struct AccountPartTests {
    private func word(_ cash: String) -> String {
        #"{"account_number": "SIM1", "status": "ACTIVE", "equity": "\#(cash)", "cash": "\#(cash)", "buying_power": "0"}"#
    }

    @Test func `the newest word counts until somebody trades, then the last of the period`() async throws {
        let day = try #require(CalendarDate("2024-11-26"))
        let period = try #require(ReportPeriod(day: day))
        let evening = period.end.adding(minutes: 240)
        try await withTestDatabase { pool in
            try await pool.withSession { session in
                try session.script(
                    """
                    INSERT INTO account_state (worker_id, account, positions, open_orders, clock, received_at)
                    VALUES ('w1', '\(word("200"))', '[]', '[]', NULL, '\(evening.adding(minutes: -5).rfc3339)');
                    INSERT INTO account_snapshots (received_at, equity, cash, buying_power, account, positions)
                    VALUES ('\(period.end.adding(minutes: -10).rfc3339)', 100, 100, 0, '\(word("100"))', '[]');
                    """)
                func cash() throws -> String? {
                    try AccountPart.read(period, now: evening, in: session)?.snapshot.cash.description
                }
                #expect(try cash() == "200")
                for (name, at) in [("before", period.end), ("after", period.end.adding(minutes: 30))] {
                    try session.execute(
                        """
                        INSERT INTO executions (execution_id, kind, part, symbol, side, qty, price, executed_at)
                        VALUES ($1, 'fill', 'external', 'NVDA', 'buy', 1, 118, $2)
                        """, [.text(name), at.postgresValue])
                    #expect(try cash() == (name == "before" ? "200" : "100"))
                }
            }
        }
    }
}
