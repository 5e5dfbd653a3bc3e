package import Domain
package import JSON
package import Postgres

/// Keeps what the worker tells of the account and the market.
package enum AccountStateStore {
    /// Stores the newest report; its history stands in `AccountSnapshotStore`.
    package static func store(
        _ report: JSONValue, _ snapshot: AccountSnapshot, by workerID: String, in session: PostgresSession
    ) throws(PostgresError) {
        _ = try session.execute(
            """
            INSERT INTO account_state (worker_id, account, positions, open_orders, clock, received_at)
            VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (only_one) DO UPDATE
            SET worker_id = EXCLUDED.worker_id, account = EXCLUDED.account, positions = EXCLUDED.positions,
                open_orders = EXCLUDED.open_orders, clock = coalesce(EXCLUDED.clock, account_state.clock),
                received_at = EXCLUDED.received_at
            """,
            [
                .text(workerID), (report["account"] ?? .null).postgresValue,
                (report["positions"] ?? []).postgresValue, (report["open_orders"] ?? []).postgresValue,
                .optional(snapshot.clock.map { _ in report["clock"] ?? .null }),
                snapshot.receivedAt.postgresValue,
            ])
    }

    /// Stores quotes, each where it is not older than the one known; none is newer than now.
    package static func store(_ quotes: [Quote], in session: PostgresSession) throws(PostgresError) {
        guard !quotes.isEmpty else { return }
        _ = try session.execute(
            """
            INSERT INTO quotes (symbol, bid, ask, quoted_at)
            SELECT DISTINCT ON (symbol) symbol, bid, ask, least(quoted_at, clock_timestamp())
            FROM unnest($1::text[], $2::numeric[], $3::numeric[], $4::timestamptz[])
                AS quote (symbol, bid, ask, quoted_at)
            ORDER BY symbol, quoted_at DESC
            ON CONFLICT (symbol) DO UPDATE
            SET bid = EXCLUDED.bid, ask = EXCLUDED.ask, quoted_at = EXCLUDED.quoted_at,
                received_at = clock_timestamp()
            WHERE quotes.quoted_at <= EXCLUDED.quoted_at
            """,
            [
                .texts(quotes.map(\.symbol)), .texts(quotes.map(\.bid)), .texts(quotes.map(\.ask)),
                .texts(quotes.map(\.quotedAt)),
            ])
    }

    /// The symbols whose prices matter now: of proposals that wait and of orders that are not over.
    package static func symbolsOfInterest(
        limit: Int, in session: PostgresSession
    ) throws(PostgresError) -> [String] {
        let rows = try session.query(
            """
            SELECT symbol FROM orders WHERE finished_at IS NULL AND state <> 'released'
            UNION
            SELECT symbol
            FROM (
                SELECT symbol, side, opening_qty, reducing_qty FROM exposure
                UNION ALL
                SELECT symbol, side, opening_qty, reducing_qty FROM exposure_changes
                ) AS part
            GROUP BY symbol, side
            HAVING sum(opening_qty) <> 0 OR sum(reducing_qty) <> 0
            LIMIT $1
            """, [.int(Int64(limit))])
        return try rows.map { (row) throws(PostgresError) in try row.text("symbol") }
    }
}
