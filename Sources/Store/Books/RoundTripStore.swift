package import Domain
package import Postgres

/// Keeps round trips, those under way and those that ended.
package enum RoundTripStore {
    private static let columns = """
        scope, target, symbol, opening_execution_id, direction, opened_at, order_id, entry_qty, entry_value, exit_qty,
        exit_value, realized_pnl, commission, is_adjusted, closed_at, closing_execution_id, trading_day
        """

    /// The round trips under way in these books, or in all where none are named.
    package static func open(
        _ keys: [BookKey]?, in session: PostgresSession
    ) throws(PostgresError) -> [BookKey: RoundTrip] {
        let rows = try session.query(
            """
            SELECT \(columns)
            FROM round_trips
            WHERE closed_at IS NULL
              AND ($1::text[] IS NULL
                OR (scope, target, symbol) IN (
                SELECT scope, target, symbol
                FROM unnest($1::text[], $2::text[], $3::text[]) AS wanted (scope, target, symbol)))
            """,
            [
                keys.map { .texts($0.map(\.scope.rawValue)) } ?? .null,
                keys.map { .texts($0.map(\.target)) } ?? .null,
                keys.map { .texts($0.map(\.symbol)) } ?? .null,
            ])
        var trips: [BookKey: RoundTrip] = [:]
        for row in rows {
            let trip = try trip(row)
            trips[trip.key] = trip
        }
        return trips
    }

    /// Round trips that ended, the newest first.
    ///
    /// Of one scope, and of one target and within some trading days where they are given.
    package static func closed(
        _ scope: BookKey.Scope, target: String? = nil, days: ClosedRange<CalendarDate>? = nil, limit: Int,
        in session: PostgresSession
    ) throws(PostgresError) -> [RoundTrip] {
        try session.query(
            """
            SELECT \(columns)
            FROM round_trips
            WHERE closed_at IS NOT NULL AND scope = $1 AND ($2::text IS NULL OR target = $2)
              AND ($3::date IS NULL OR trading_day BETWEEN $3 AND $4::date)
            ORDER BY closed_at DESC, closing_execution_id DESC
            LIMIT $5
            """,
            [
                .text(scope.rawValue), .optional(target), .optional(days?.lowerBound.description),
                .optional(days?.upperBound.description), .int(Int64(limit)),
            ]
        ).map(trip)
    }

    /// The stops that orders had when people approved them, by order; those without one are left out.
    package static func stops(
        of trips: [RoundTrip], in session: PostgresSession
    ) throws(PostgresError) -> [Identifier: ExactDecimal] {
        let orders = trips.compactMap(\.orderID)
        guard !orders.isEmpty else { return [:] }
        let rows = try session.query(
            """
            SELECT o.id, p.stop_loss_stop_price
            FROM orders o
            JOIN proposal_terms p ON p.id = o.proposal_id
            WHERE o.id = ANY ($1::uuid[]) AND p.stop_loss_stop_price IS NOT NULL
            """, [.texts(orders)])
        var stops: [Identifier: ExactDecimal] = [:]
        for row in rows { stops[try row.identifier("id")] = try row.decimal("stop_loss_stop_price") }
        return stops
    }

    /// Every round trip, for comparing.
    package static func all(in session: PostgresSession) throws(PostgresError) -> [RoundTrip] {
        try session.query("SELECT \(columns) FROM round_trips").map(trip)
    }

    /// Writes round trips as they are now; `day` tells the trading day of an instant.
    package static func save(
        _ trips: [RoundTrip], day: (Timestamp) -> CalendarDate, in session: PostgresSession
    ) throws(PostgresError) {
        guard !trips.isEmpty else { return }
        _ = try session.execute(
            """
            INSERT INTO round_trips (\(columns))
            SELECT \(columns)
            FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::uuid[],
                $8::numeric[], $9::numeric[], $10::numeric[], $11::numeric[], $12::numeric[], $13::numeric[],
                $14::boolean[], $15::timestamptz[], $16::text[], $17::date[]) AS trip (\(columns))
            ON CONFLICT (scope, target, symbol, opening_execution_id) DO UPDATE
            SET entry_qty = EXCLUDED.entry_qty, entry_value = EXCLUDED.entry_value, exit_qty = EXCLUDED.exit_qty,
                exit_value = EXCLUDED.exit_value, realized_pnl = EXCLUDED.realized_pnl,
                commission = EXCLUDED.commission, is_adjusted = EXCLUDED.is_adjusted,
                closed_at = EXCLUDED.closed_at, closing_execution_id = EXCLUDED.closing_execution_id,
                trading_day = EXCLUDED.trading_day
            """,
            [
                .texts(trips.map(\.key.scope.rawValue)), .texts(trips.map(\.key.target)),
                .texts(trips.map(\.key.symbol)), .texts(trips.map(\.openingExecutionID)),
                .texts(trips.map(\.direction.rawValue)), .texts(trips.map(\.openedAt)),
                .textArray(trips.map { $0.orderID?.text }), .texts(trips.map(\.entryQty)),
                .texts(trips.map(\.entryValue)), .texts(trips.map(\.exitQty)), .texts(trips.map(\.exitValue)),
                .texts(trips.map(\.realizedPnL)), .texts(trips.map(\.commission)),
                .boolArray(trips.map(\.isAdjusted)), .textArray(trips.map { $0.closedAt?.rfc3339 }),
                .textArray(trips.map(\.closingExecutionID)),
                .textArray(trips.map { $0.closedAt.map { day($0).description } }),
            ])
    }

    /// Forgets round trips of a book that an execution after a place opened; those before it stay.
    package static func forget(
        _ key: BookKey, after place: BookPlace?, in session: PostgresSession
    ) throws(PostgresError) {
        _ = try session.execute(
            """
            DELETE FROM round_trips
            WHERE scope = $1 AND target = $2 AND symbol = $3
              AND ($4::timestamptz IS NULL OR (opened_at, opening_execution_id) > ($4, $5))
            """, key.parameters + [.optional(place?.at), .text(place?.executionID ?? "")])
    }

    private static func trip(_ row: PostgresRow) throws(PostgresError) -> RoundTrip {
        RoundTrip(
            key: BookKey(try row.word("scope"), try row.text("target"), try row.text("symbol")),
            direction: try row.word("direction"),
            openingExecutionID: try row.text("opening_execution_id"),
            openedAt: try row.timestamp("opened_at"), orderID: try row.optionalIdentifier("order_id"),
            entry: (try row.decimal("entry_qty"), try row.decimal("entry_value")),
            exit: (try row.decimal("exit_qty"), try row.decimal("exit_value")),
            realizedPnL: try row.decimal("realized_pnl"), commission: try row.decimal("commission"),
            isAdjusted: try row.bool("is_adjusted"), closedAt: try row.optionalTimestamp("closed_at"),
            closingExecutionID: try row.optionalText("closing_execution_id"))
    }
}
