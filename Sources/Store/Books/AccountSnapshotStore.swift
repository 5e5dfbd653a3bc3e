package import Domain
package import JSON
package import Postgres

/// Keeps the history of the account: the snapshots that are kept.
package enum AccountSnapshotStore {
    /// When the newest kept snapshot was taken; nil before the first.
    package static func newest(in session: PostgresSession) throws(PostgresError) -> Timestamp? {
        try session.query("SELECT max(received_at) AS newest FROM account_snapshots").only()
            .optionalTimestamp("newest")
    }

    /// Keeps a snapshot, with the report it was read from.
    package static func insert(
        _ snapshot: AccountSnapshot, _ report: JSONValue, in session: PostgresSession
    ) throws(PostgresError) {
        let point = snapshot.equityPoint
        _ = try session.execute(
            """
            INSERT INTO account_snapshots
                (received_at, equity, cash, buying_power, account, positions, last_equity, unrealized_pnl)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            [
                point.at.postgresValue, point.equity.postgresValue, snapshot.cash.postgresValue,
                snapshot.buyingPower.postgresValue, (report["account"] ?? .null).postgresValue,
                (report["positions"] ?? []).postgresValue, .optional(point.lastEquity),
                .optional(point.unrealizedPnL),
            ])
    }

    /// Every kept snapshot, in order.
    package static func points(in session: PostgresSession) throws(PostgresError) -> [EquityPoint] {
        try session.query(
            """
            SELECT received_at, equity, last_equity, unrealized_pnl
            FROM account_snapshots
            ORDER BY received_at, id
            """
        ).map { (row) throws(PostgresError) in
            EquityPoint(
                at: try row.timestamp("received_at"), equity: try row.decimal("equity"),
                lastEquity: try row.optionalDecimal("last_equity"),
                unrealizedPnL: try row.optionalDecimal("unrealized_pnl"))
        }
    }
}
