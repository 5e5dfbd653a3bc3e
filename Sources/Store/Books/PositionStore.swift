package import Domain
package import Postgres

/// Keeps what each book holds.
package enum PositionStore {
    private static let columns = """
        scope, target, symbol, qty, cost, realized_pnl, commission, last_executed_at, last_execution_id
        """

    /// The positions of these books and symbols, with the round trips under way.
    package static func find(
        _ keys: [BookKey], in session: PostgresSession
    ) throws(PostgresError) -> [BookKey: BookPosition] {
        guard !keys.isEmpty else { return [:] }
        let parameters: [PostgresValue] = [
            .texts(keys.map(\.scope.rawValue)), .texts(keys.map(\.target)), .texts(keys.map(\.symbol)),
        ]
        let rows = try session.query(
            """
            SELECT \(columns)
            FROM positions
            WHERE (scope, target, symbol) IN (
                SELECT scope, target, symbol
                FROM unnest($1::text[], $2::text[], $3::text[]) AS wanted (scope, target, symbol))
            """, parameters)
        let trips = try RoundTripStore.open(keys, in: session)
        return try positions(rows, trips)
    }

    /// Every position that is not flat, with its round trip; of one scope where one is given.
    package static func held(
        _ scope: BookKey.Scope? = nil, in session: PostgresSession
    ) throws(PostgresError) -> [BookPosition] {
        let rows = try session.query(
            """
            SELECT \(columns)
            FROM positions
            WHERE qty <> 0 AND ($1::text IS NULL OR scope = $1)
            ORDER BY scope, target, symbol
            """, [.optional(scope?.rawValue)])
        let keys = try rows.map(key)
        let found = try positions(rows, try RoundTripStore.open(keys, in: session))
        return keys.compactMap { found[$0] }
    }

    /// What each strategy, and what was not made here, ever took in USD over all symbols; the keys have no symbol.
    package static func taken(
        in session: PostgresSession
    ) throws(PostgresError) -> [(key: BookKey, realizedPnL: ExactDecimal, commission: ExactDecimal)] {
        try session.query(
            """
            SELECT scope, target, sum(realized_pnl) AS realized_pnl, sum(commission) AS commission
            FROM positions
            WHERE scope <> 'account'
            GROUP BY scope, target
            ORDER BY scope DESC, target
            """
        ).map { (row) throws(PostgresError) in
            (
                BookKey(try row.word("scope"), try row.text("target"), ""), try row.decimal("realized_pnl"),
                try row.decimal("commission")
            )
        }
    }

    /// Every position ever, flat ones included, for comparing.
    package static func all(in session: PostgresSession) throws(PostgresError) -> [BookKey: BookPosition] {
        let rows = try session.query("SELECT \(columns) FROM positions")
        return try positions(rows, try RoundTripStore.open(nil, in: session))
    }

    /// Writes positions as they are now.
    package static func save(
        _ positions: [BookPosition], in session: PostgresSession
    ) throws(PostgresError) {
        let entered = positions.filter { $0.last != nil }
        guard !entered.isEmpty else { return }
        _ = try session.execute(
            """
            INSERT INTO positions (\(columns))
            SELECT \(columns)
            FROM unnest($1::text[], $2::text[], $3::text[], $4::numeric[], $5::numeric[], $6::numeric[], $7::numeric[],
                $8::timestamptz[], $9::text[]) AS position (\(columns))
            ON CONFLICT (scope, target, symbol) DO UPDATE
            SET qty = EXCLUDED.qty, cost = EXCLUDED.cost, realized_pnl = EXCLUDED.realized_pnl,
                commission = EXCLUDED.commission, last_executed_at = EXCLUDED.last_executed_at,
                last_execution_id = EXCLUDED.last_execution_id
            """,
            [
                .texts(entered.map(\.key.scope.rawValue)), .texts(entered.map(\.key.target)),
                .texts(entered.map(\.key.symbol)), .texts(entered.map(\.qty)), .texts(entered.map(\.cost)),
                .texts(entered.map(\.realizedPnL)), .texts(entered.map(\.commission)),
                .texts(entered.compactMap { $0.last?.at }),
                .texts(entered.compactMap { $0.last?.executionID }),
            ])
    }

    /// Forgets the position of a book and symbol, where an execution turned out to belong to another.
    package static func forget(_ key: BookKey, in session: PostgresSession) throws(PostgresError) {
        _ = try session.execute(
            "DELETE FROM positions WHERE scope = $1 AND target = $2 AND symbol = $3", key.parameters)
    }

    private static func key(_ row: PostgresRow) throws(PostgresError) -> BookKey {
        BookKey(try row.word("scope"), try row.text("target"), try row.text("symbol"))
    }

    private static func positions(
        _ rows: PostgresRows, _ trips: [BookKey: RoundTrip]
    ) throws(PostgresError) -> [BookKey: BookPosition] {
        var found: [BookKey: BookPosition] = [:]
        for row in rows {
            let key = try key(row)
            found[key] = BookPosition(
                key: key, qty: try row.decimal("qty"), cost: try row.decimal("cost"),
                realizedPnL: try row.decimal("realized_pnl"), commission: try row.decimal("commission"),
                trip: trips[key],
                last: BookPlace(
                    at: try row.timestamp("last_executed_at"),
                    executionID: try row.text("last_execution_id")))
        }
        return found
    }
}

extension BookKey {
    /// Scope, target and symbol, as parameters.
    var parameters: [PostgresValue] { [.text(scope.rawValue), .text(target), .text(symbol)] }
}
