package import Domain
package import Postgres

/// Keeps which symbols the broker does not trade.
package enum UntradedSymbolStore {
    /// Stores what the worker learnt: symbols that the broker does not trade, and those that it does after all.
    ///
    /// Nothing of it lasts for longer than it is said: a quote clears what was held to be unknown, and being told
    /// that the symbol is traded clears both.
    package static func store(
        untraded: [String: UntradedReason], traded: Set<String>, quoted: Set<String>,
        in session: PostgresSession
    ) throws(PostgresError) {
        if !untraded.isEmpty {
            let pairs = untraded.sorted { $0.key < $1.key }
            _ = try session.execute(
                """
                INSERT INTO untraded_symbols (symbol, reason)
                SELECT symbol, reason
                FROM unnest($1::text[], $2::text[]) AS told (symbol, reason)
                ON CONFLICT (symbol) DO UPDATE
                SET reason = EXCLUDED.reason, last_seen_at = clock_timestamp()
                """, [.texts(pairs.map(\.key)), .texts(pairs.map(\.value.rawValue))])
        }
        guard !traded.isEmpty || !quoted.isEmpty else { return }
        _ = try session.execute(
            """
            DELETE FROM untraded_symbols
            WHERE symbol = ANY ($1::text[])
                OR (symbol = ANY ($2::text[]) AND reason = 'unknown')
            """, [.texts(traded), .texts(quoted)])
    }

    /// Those of the symbols that the broker does not trade, with the reason.
    ///
    /// What was told longer than a day ago counts no more: symbols change.
    package static func find(
        _ symbols: Set<String>, in session: PostgresSession
    ) throws(PostgresError) -> [String: UntradedReason] {
        try session.read(find(symbols))
    }

    /// `find`, among other statements.
    package static func find(_ symbols: Set<String>) -> PostgresReading<[String: UntradedReason]> {
        PostgresReading(
            """
            SELECT symbol, reason
            FROM untraded_symbols
            WHERE symbol = ANY ($1::text[]) AND last_seen_at > clock_timestamp() - interval '1 day'
            """, [.texts(symbols)]
        ) { (rows) throws(PostgresError) in
            var reasons: [String: UntradedReason] = [:]
            for row in rows { reasons[try row.text("symbol")] = try row.word("reason") }
            return reasons
        }
    }
}
