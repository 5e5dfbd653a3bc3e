package import Domain
package import JSON
package import Postgres

/// Reads what only reports ask for.
package enum ReportQueries {
    /// Halts that were open at some time of a period, the oldest first.
    package static func halts(
        _ period: ReportPeriod, in session: PostgresSession
    ) throws(PostgresError) -> [HaltRecord] {
        try session.query(
            """
            SELECT \(HaltStore.columns)
            FROM halts
            WHERE opened_at <= $2 AND (cleared_at IS NULL OR cleared_at > $1)
            ORDER BY opened_at, id
            """, period.parameters
        ).map { (row) throws(PostgresError) in try HaltRecord(row) }
    }

    /// The last kept word on the account until an instant, in the form in which `AccountSnapshot.parse` reads it;
    /// without open orders, which are not kept.
    package static func account(
        until instant: Timestamp, in session: PostgresSession
    ) throws(PostgresError) -> (report: JSONValue, receivedAt: Timestamp)? {
        try session.query(
            """
            SELECT account, positions, received_at
            FROM account_snapshots
            WHERE received_at <= $1
            ORDER BY received_at DESC, id DESC
            LIMIT 1
            """, [instant.postgresValue]
        ).first.map { (row) throws(PostgresError) in
            (
                [
                    "account": try row.json("account"), "positions": try row.json("positions"),
                    "open_orders": [],
                ], try row.timestamp("received_at")
            )
        }
    }

    /// Whether anything was executed after an instant.
    package static func hasTraded(
        after instant: Timestamp, in session: PostgresSession
    ) throws(PostgresError) -> Bool {
        try session.query(
            "SELECT EXISTS (SELECT FROM executions WHERE kind = 'fill' AND executed_at > $1) AS has_traded",
            [instant.postgresValue]
        ).only().bool("has_traded")
    }

    /// How many executions the account's books have of these trading days; a person's corrections are none.
    package static func executions(
        _ days: ClosedRange<CalendarDate>, in session: PostgresSession
    ) throws(PostgresError) -> Int {
        try session.query(
            """
            SELECT count(*) AS executions
            FROM bookings b
            JOIN executions e ON e.execution_id = b.execution_id
            WHERE b.trading_day BETWEEN $1 AND $2 AND b.scope = 'account' AND e.kind = 'fill'
            """, [.text(days.lowerBound.description), .text(days.upperBound.description)]
        ).only().int("executions")
    }

    /// How many positions were newly opened on a day, as the limits count them.
    package static func openedPositions(
        on day: CalendarDate, in session: PostgresSession
    ) throws(PostgresError) -> Int {
        try session.query(
            "SELECT coalesce(sum(orders), 0)::bigint AS opened FROM opened_positions WHERE day = $1",
            [.text(day.description)]
        ).only().int("opened")
    }

    /// The policy that was in force at an instant; nil where none was.
    package static func policy(
        at instant: Timestamp, in session: PostgresSession
    ) throws(PostgresError) -> (version: Int, document: JSONValue)? {
        try session.query(
            """
            SELECT version, document
            FROM policies
            WHERE applied_at <= $1
            ORDER BY version DESC
            LIMIT 1
            """, [instant.postgresValue]
        ).first.map { (row) throws(PostgresError) in (try row.int("version"), try row.json("document")) }
    }
}
