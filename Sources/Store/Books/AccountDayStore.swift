package import Domain
package import Postgres

/// A trading day with what was traded on it.
package struct DayRecord: Sendable, Hashable {
    package let day: AccountDay
    /// Executions of the account.
    package let executions: Int
    /// Round trips that ended on it, and how many of them made and lost money after commissions.
    package let trades: Int
    package let wins: Int
    package let losses: Int
    /// Profit taken in USD, before commissions.
    package let realizedPnL: ExactDecimal
    package let commission: ExactDecimal
}

/// Keeps the trading days of the account.
package enum AccountDayStore {
    private static let columns = """
        day, start_equity, end_equity, capital_flows, income, fees, unrealized_pnl, high_water_mark, high_water_at,
        drawdown, max_drawdown, low_equity, high_equity, snapshots, first_at, last_at
        """

    /// The newest day; nil before the first snapshot.
    package static func newest(in session: PostgresSession) throws(PostgresError) -> AccountDay? {
        try session.query("SELECT \(columns) FROM account_days ORDER BY day DESC LIMIT 1").first.map(day)
    }

    /// The newest days until one, the oldest first.
    package static func newest(
        _ count: Int, until last: CalendarDate? = nil, in session: PostgresSession
    ) throws(PostgresError) -> [AccountDay] {
        try session.query(
            """
            SELECT \(columns)
            FROM account_days
            WHERE $2::date IS NULL OR day <= $2
            ORDER BY day DESC
            LIMIT $1
            """, [.int(Int64(count)), .optional(last?.description)]
        ).map(day).reversed()
    }

    /// Every day, the oldest first.
    package static func all(in session: PostgresSession) throws(PostgresError) -> [AccountDay] {
        try session.query("SELECT \(columns) FROM account_days ORDER BY day").map(day)
    }

    /// The days of a span with what was traded on them, the oldest first.
    ///
    /// A day without a snapshot has no row: without the account's worth there is nothing to say of it.
    package static func records(
        _ days: ClosedRange<CalendarDate>, in session: PostgresSession
    ) throws(PostgresError) -> [DayRecord] {
        try session.query(
            """
            SELECT \(columns), booked.executions, booked.realized_pnl, booked.commission, ended.trades, ended.wins,
                ended.losses
            FROM account_days d,
                LATERAL (
                    SELECT count(*) AS executions, coalesce(sum(b.realized_pnl), 0) AS realized_pnl,
                        coalesce(sum(b.commission), 0) AS commission
                    FROM bookings b
                    WHERE b.trading_day = d.day AND b.scope = 'account') AS booked (executions, realized_pnl, commission),
                LATERAL (
                    SELECT count(*) AS trades, count(*) FILTER (WHERE t.realized_pnl > t.commission) AS wins,
                        count(*) FILTER (WHERE t.realized_pnl < t.commission) AS losses
                    FROM round_trips t
                    WHERE t.trading_day = d.day AND t.scope = 'account' AND t.closed_at IS NOT NULL)
                    AS ended (trades, wins, losses)
            WHERE day BETWEEN $1 AND $2
            ORDER BY day
            """, [.text(days.lowerBound.description), .text(days.upperBound.description)]
        ).map { (row) throws(PostgresError) in
            DayRecord(
                day: try day(row), executions: try row.int("executions"), trades: try row.int("trades"),
                wins: try row.int("wins"), losses: try row.int("losses"),
                realizedPnL: try row.decimal("realized_pnl"), commission: try row.decimal("commission"))
        }
    }

    /// Writes days as they are now.
    package static func save(_ days: [AccountDay], in session: PostgresSession) throws(PostgresError) {
        for day in days { try save(day, in: session) }
    }

    /// Empties the days, to be written anew.
    package static func forgetAll(in session: PostgresSession) throws(PostgresError) {
        _ = try session.execute("DELETE FROM account_days")
    }

    private static func save(_ day: AccountDay, in session: PostgresSession) throws(PostgresError) {
        _ = try session.execute(
            """
            INSERT INTO account_days (\(columns))
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
            ON CONFLICT (day) DO UPDATE
            SET end_equity = EXCLUDED.end_equity, capital_flows = EXCLUDED.capital_flows, income = EXCLUDED.income,
                fees = EXCLUDED.fees, unrealized_pnl = EXCLUDED.unrealized_pnl,
                high_water_mark = EXCLUDED.high_water_mark, high_water_at = EXCLUDED.high_water_at,
                drawdown = EXCLUDED.drawdown, max_drawdown = EXCLUDED.max_drawdown,
                low_equity = EXCLUDED.low_equity, high_equity = EXCLUDED.high_equity,
                snapshots = EXCLUDED.snapshots, last_at = EXCLUDED.last_at
            """,
            [
                .text(day.day.description), day.startEquity.postgresValue, day.endEquity.postgresValue,
                day.capitalFlows.postgresValue, day.income.postgresValue, day.fees.postgresValue,
                .optional(day.unrealizedPnL), day.highWaterMark.postgresValue,
                day.highWaterAt.postgresValue,
                day.drawdown.postgresValue, day.maxDrawdown.postgresValue, day.lowEquity.postgresValue,
                day.highEquity.postgresValue, .int(Int64(day.snapshots)), day.firstAt.postgresValue,
                day.lastAt.postgresValue,
            ])
    }

    private static func day(_ row: PostgresRow) throws(PostgresError) -> AccountDay {
        AccountDay(
            day: try row.value("day") { CalendarDate($0) }, startEquity: try row.decimal("start_equity"),
            endEquity: try row.decimal("end_equity"), capitalFlows: try row.decimal("capital_flows"),
            income: try row.decimal("income"), fees: try row.decimal("fees"),
            unrealizedPnL: try row.optionalDecimal("unrealized_pnl"),
            highWaterMark: try row.decimal("high_water_mark"),
            highWaterAt: try row.timestamp("high_water_at"),
            drawdown: try row.decimal("drawdown"), maxDrawdown: try row.decimal("max_drawdown"),
            lowEquity: try row.decimal("low_equity"), highEquity: try row.decimal("high_equity"),
            snapshots: try row.int("snapshots"), firstAt: try row.timestamp("first_at"),
            lastAt: try row.timestamp("last_at"))
    }
}
