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

    /// Stores quotes, each where it is not older than the one known.
    ///
    /// One that is dated in the future is kept as it was told, because the checks must see that its clock is wrong; it
    /// gives way to the next that is not.
    package static func store(_ quotes: [Quote], in session: PostgresSession) throws(PostgresError) {
        guard !quotes.isEmpty else { return }
        _ = try session.execute(
            """
            INSERT INTO quotes (symbol, bid, ask, quoted_at)
            SELECT DISTINCT ON (symbol) symbol, bid, ask, quoted_at
            FROM unnest($1::text[], $2::numeric[], $3::numeric[], $4::timestamptz[])
                AS quote (symbol, bid, ask, quoted_at)
            ORDER BY symbol, quoted_at DESC
            ON CONFLICT (symbol) DO UPDATE
            SET bid = EXCLUDED.bid, ask = EXCLUDED.ask, quoted_at = EXCLUDED.quoted_at,
                received_at = clock_timestamp()
            WHERE quotes.quoted_at <= EXCLUDED.quoted_at
                OR quotes.quoted_at > clock_timestamp() + make_interval(secs => $5)
            """,
            [
                .texts(quotes.map(\.symbol)), .texts(quotes.map(\.bid)), .texts(quotes.map(\.ask)),
                .texts(quotes.map(\.quotedAt)), Quote.clockToleranceSeconds.postgresValue,
            ])
    }

    /// Proposals that people are asked about without a fresh price, of which the first one is among these quotes.
    ///
    /// A symbol whose quotes come all the time is not looked into; where a worker comes back after a pause, the newest
    /// proposals come first.
    package static func firstPriced(
        by quotes: [Quote], limit: Int, in session: PostgresSession
    ) throws(PostgresError) -> [(id: Identifier, expiresAt: Timestamp, quote: Quote)] {
        guard !quotes.isEmpty else { return [] }
        let rows = try session.query(
            """
            WITH news AS (
                SELECT told.symbol, known.received_at
                FROM unnest($1::text[], $2::timestamptz[]) AS told (symbol, quoted_at)
                LEFT JOIN quotes AS known ON known.symbol = told.symbol
                WHERE known.symbol IS NULL
                    OR (known.received_at < clock_timestamp() - make_interval(secs => $3)
                        AND (known.quoted_at < told.quoted_at
                            OR known.quoted_at > clock_timestamp() + make_interval(secs => $5)))
            )
            SELECT p.id, p.symbol, s.expires_at
            FROM news
            JOIN proposal_states AS s ON s.symbol = news.symbol
            JOIN proposal_terms AS p ON p.id = s.proposal_id
            WHERE s.state = 'pending' AND s.expires_at > clock_timestamp()
                AND (news.received_at IS NULL
                    OR news.received_at < p.created_at - make_interval(secs => $3))
            ORDER BY p.created_at DESC
            LIMIT $4
            """,
            [
                .texts(quotes.map(\.symbol)), .texts(quotes.map(\.quotedAt)),
                PresentQuote.graceSeconds.postgresValue, limit.postgresValue,
                Quote.clockToleranceSeconds.postgresValue,
            ])
        let bySymbol = Dictionary(quotes.map { ($0.symbol, $0) }) { $1 }
        var priced: [(id: Identifier, expiresAt: Timestamp, quote: Quote)] = []
        for row in rows {
            guard let quote = bySymbol[try row.text("symbol")] else { continue }
            priced.append((try row.identifier("id"), try row.timestamp("expires_at"), quote))
        }
        return priced
    }

    /// So many of the proposals that were blocked last are watched.
    private static let recentlyBlocked = 50

    /// The symbols whose prices matter now: of proposals that wait, of orders that are not over, and of what was blocked
    /// a moment ago, perhaps for want of a price, so that the bot's next try finds one.
    package static func symbolsOfInterest(
        limit: Int, in session: PostgresSession
    ) throws(PostgresError) -> [String] {
        let rows = try session.query(
            """
            SELECT symbol FROM orders WHERE finished_at IS NULL AND state <> 'released'
            UNION
            SELECT blocked.symbol
            FROM (
                SELECT proposal_id, symbol
                FROM proposal_states
                WHERE state = 'blocked'
                ORDER BY sequence DESC
                LIMIT \(recentlyBlocked)) AS blocked
            JOIN proposal_terms p ON p.id = blocked.proposal_id
            WHERE p.created_at > clock_timestamp() - interval '15 minutes'
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
