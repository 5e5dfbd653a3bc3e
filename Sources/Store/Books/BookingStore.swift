package import Domain
package import Postgres

/// Keeps what each execution did to each book.
package enum BookingStore {
    private static let columns = """
        scope, target, symbol, execution_id, executed_at, trading_day, realized_pnl, commission, qty_after, cost_after
        """

    /// Writes bookings; `day` tells the trading day of an instant.
    package static func insert(
        _ bookings: [Booking], day: (Timestamp) -> CalendarDate, in session: PostgresSession
    ) throws(PostgresError) {
        guard !bookings.isEmpty else { return }
        _ = try session.execute(
            """
            INSERT INTO bookings (\(columns))
            SELECT \(columns)
            FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::date[], $7::numeric[],
                $8::numeric[], $9::numeric[], $10::numeric[]) AS booking (\(columns))
            """,
            [
                .texts(bookings.map(\.key.scope.rawValue)), .texts(bookings.map(\.key.target)),
                .texts(bookings.map(\.key.symbol)), .texts(bookings.map(\.executionID)),
                .texts(bookings.map(\.executedAt)), .texts(bookings.map { day($0.executedAt) }),
                .texts(bookings.map(\.realizedPnL)), .texts(bookings.map(\.commission)),
                .texts(bookings.map(\.qtyAfter)), .texts(bookings.map(\.costAfter)),
            ])
    }

    /// The last place before another at which a book was flat; nil where it never was.
    package static func lastFlat(
        _ key: BookKey, before place: BookPlace, in session: PostgresSession
    ) throws(PostgresError) -> BookPlace? {
        try session.query(
            """
            SELECT executed_at, execution_id
            FROM bookings
            WHERE scope = $1 AND target = $2 AND symbol = $3 AND qty_after = 0
              AND (executed_at, execution_id) < ($4, $5)
            ORDER BY executed_at DESC, execution_id DESC
            LIMIT 1
            """, key.parameters + [place.at.postgresValue, .text(place.executionID)]
        ).first.map { (row) throws(PostgresError) in
            BookPlace(at: try row.timestamp("executed_at"), executionID: try row.text("execution_id"))
        }
    }

    /// Forgets the bookings of a book after a place; tells what those that stay sum up to.
    package static func forget(
        _ key: BookKey, after place: BookPlace?, in session: PostgresSession
    ) throws(PostgresError) -> (realizedPnL: ExactDecimal, commission: ExactDecimal) {
        _ = try session.execute(
            """
            DELETE FROM bookings
            WHERE scope = $1 AND target = $2 AND symbol = $3
              AND ($4::timestamptz IS NULL OR (executed_at, execution_id) > ($4, $5))
            """, key.parameters + [.optional(place?.at), .text(place?.executionID ?? "")])
        let row = try session.query(
            """
            SELECT coalesce(sum(realized_pnl), 0) AS realized_pnl, coalesce(sum(commission), 0) AS commission
            FROM bookings
            WHERE scope = $1 AND target = $2 AND symbol = $3
            """, key.parameters
        ).only()
        return (try row.decimal("realized_pnl"), try row.decimal("commission"))
    }

    /// Every booking, for comparing.
    package static func all(in session: PostgresSession) throws(PostgresError) -> [Booking] {
        try session.query("SELECT \(columns) FROM bookings").map { (row) throws(PostgresError) in
            Booking(
                key: BookKey(try row.word("scope"), try row.text("target"), try row.text("symbol")),
                executionID: try row.text("execution_id"), executedAt: try row.timestamp("executed_at"),
                realizedPnL: try row.decimal("realized_pnl"), commission: try row.decimal("commission"),
                qtyAfter: try row.decimal("qty_after"), costAfter: try row.decimal("cost_after"))
        }
    }

    /// Empties what is worked out from executions, to be written anew.
    package static func forgetAll(in session: PostgresSession) throws(PostgresError) {
        for table in ["bookings", "round_trips", "positions"] {
            _ = try session.execute("DELETE FROM \(table)")
        }
    }
}
