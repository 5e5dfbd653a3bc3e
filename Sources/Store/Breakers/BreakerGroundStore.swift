package import Domain
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

    /// The newest trading day of the books; nil before the first snapshot.
    package static func newestDay(in session: PostgresSession) throws(PostgresError) -> Day? {
        try session.query(
            """
            SELECT day::text AS day, start_equity, capital_flows, high_water_mark
            FROM account_days
            ORDER BY account_days.day DESC
            LIMIT 1
            """
        ).first.map { (row) throws(PostgresError) in
            Day(
                day: try row.value("day") { CalendarDate($0) }, startEquity: try row.decimal("start_equity"),
                capitalFlows: try row.decimal("capital_flows"),
                highWaterMark: try row.decimal("high_water_mark"))
        }
    }

    /// Round trips of the whole account that lost money, since the last that made some.
    ///
    /// One that came out even neither adds to the row nor ends it.
    package static func lossesInARow(
        since: Timestamp?, in session: PostgresSession
    ) throws(PostgresError) -> Int {
        try session.query(
            streakSQL, [.text("account"), .text(""), .optional(since)]
        ).only().int("losses")
    }

    /// The same for each strategy that ever traded.
    package static func lossesInARowByStrategy(
        since: [String: Timestamp], in session: PostgresSession
    ) throws(PostgresError) -> [String: Int] {
        let rows = try session.query("SELECT DISTINCT target FROM positions WHERE scope = 'strategy'")
        var losses: [String: Int] = [:]
        for row in rows {
            let strategy = try row.text("target")
            losses[strategy] = try session.query(
                streakSQL, [.text("strategy"), .text(strategy), .optional(since[strategy])]
            ).only().int("losses")
        }
        return losses
    }

    private static let streakSQL = """
        SELECT count(*) AS losses
        FROM round_trips t
        WHERE t.scope = $1 AND t.target = $2 AND t.closed_at IS NOT NULL
          AND t.realized_pnl < t.commission
          AND t.closed_at > coalesce($3::timestamptz, '-infinity')
          AND (t.closed_at, t.closing_execution_id) > coalesce((
            SELECT (won.closed_at, won.closing_execution_id)
            FROM round_trips won
            WHERE won.scope = $1 AND won.target = $2 AND won.closed_at IS NOT NULL
              AND won.realized_pnl > won.commission
            ORDER BY won.closed_at DESC, won.closing_execution_id DESC
            LIMIT 1), ('-infinity'::timestamptz, ''::text))
        """

    /// Differences from the broker that were confirmed and that nobody settled.
    package static func mismatches(in session: PostgresSession) throws(PostgresError) -> Int {
        try session.query(
            """
            SELECT count(*) AS mismatches
            FROM reconcile_mismatches
            WHERE cleared_at IS NULL AND confirmed_at IS NOT NULL
            """
        ).only().int("mismatches")
    }
}
