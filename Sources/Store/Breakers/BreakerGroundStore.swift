package import Domain
package import JSON
package import Postgres

/// Reads what the breakers look at from the books.
package enum BreakerGroundStore {
    /// What the newest trading day says of the account.
    package struct Day: Sendable, Hashable {
        package let day: CalendarDate
        package let startEquity: ExactDecimal
        package let capitalFlows: ExactDecimal
        package let highWaterMark: ExactDecimal
    }

    /// The account as reported last, nil before the first report, and the newest trading day of the books, nil before the
    /// first snapshot.
    ///
    /// Both in one statement, which sees both as they were at one moment: of two, the second would see what was committed
    /// after the first, and money put in meanwhile would be taken off an equity that does not show it yet: a loss of its
    /// size that never was.
    package static var accountAndDay:
        PostgresReading<(account: (report: JSONValue, receivedAt: Timestamp)?, day: Day?)>
    {
        PostgresReading(
            """
            SELECT s.account, s.positions, s.open_orders, s.clock, s.received_at,
                d.day::text AS day, d.start_equity, d.capital_flows, d.high_water_mark
            FROM account_state s
            FULL JOIN (
                SELECT day, start_equity, capital_flows, high_water_mark
                FROM account_days
                ORDER BY account_days.day DESC
                LIMIT 1) d ON true
            """
        ) { (rows) throws(PostgresError) in
            guard let row = rows.first else { return (nil, nil) }
            let account =
                try row.isNull("received_at") ? nil : try CheckingStore.accountState(row)
            guard try !row.isNull("day") else { return (account, nil) }
            let day = Day(
                day: try row.value("day") { CalendarDate($0) }, startEquity: try row.decimal("start_equity"),
                capitalFlows: try row.decimal("capital_flows"),
                highWaterMark: try row.decimal("high_water_mark"))
            return (account, day)
        }
    }

    /// Round trips of the whole account that lost money, since the last that made some, and since the breaker's halt was
    /// cleared last.
    ///
    /// One that came out even neither adds to the row nor ends it.
    package static var lossesInARow: PostgresReading<Int> {
        PostgresReading(streakSQL("account", target: "''")) { (rows) throws(PostgresError) in
            try rows.only().int("losses")
        }
    }

    /// The same for each strategy that ever traded.
    package static func lossesInARowByStrategy(
        in session: PostgresSession
    ) throws(PostgresError) -> [String: Int] {
        let rows = try session.query("SELECT DISTINCT target FROM positions WHERE scope = 'strategy'")
        var losses: [String: Int] = [:]
        for row in rows {
            let strategy = try row.text("target")
            losses[strategy] = try session.query(
                streakSQL("strategy", target: "$1"), [.text(strategy)]
            ).only().int("losses")
        }
        return losses
    }

    /// Between the last win and the end of time: of a bound at both ends the planner expects few rows and walks the index,
    /// of one bound alone a third of all, and reads the whole table.
    private static func streakSQL(_ scope: String, target: String) -> String {
        """
        WITH won AS (
            SELECT closed_at, closing_execution_id
            FROM round_trips
            WHERE scope = '\(scope)' AND target = \(target) AND closed_at IS NOT NULL AND realized_pnl > commission
            ORDER BY closed_at DESC, closing_execution_id DESC
            LIMIT 1
        ), counted AS (
            SELECT coalesce((
                SELECT counted_since
                FROM breakers
                WHERE kind = 'consecutive_losses' AND target = \(target)), '-infinity') AS since
        )
        SELECT count(*) AS losses
        FROM round_trips t
        WHERE t.scope = '\(scope)' AND t.target = \(target) AND t.closed_at IS NOT NULL
          AND t.realized_pnl < t.commission
          AND t.closed_at BETWEEN (SELECT greatest(since, (SELECT closed_at FROM won)) FROM counted) AND 'infinity'
          AND t.closed_at > (SELECT since FROM counted)
          AND NOT EXISTS (
            SELECT
            FROM won
            WHERE (t.closed_at, t.closing_execution_id) <= (won.closed_at, won.closing_execution_id))
        """
    }

    /// Differences from the broker that were confirmed and that nobody settled.
    package static var mismatches: PostgresReading<Int> {
        PostgresReading(
            """
            SELECT count(*) AS mismatches
            FROM reconcile_mismatches
            WHERE cleared_at IS NULL AND confirmed_at IS NOT NULL
            """
        ) { (rows) throws(PostgresError) in try rows.only().int("mismatches") }
    }
}
