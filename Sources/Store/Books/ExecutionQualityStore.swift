package import Domain
package import Postgres

/// One execution of an order of ours beside the prices it was approved and sent at.
package struct ExecutedPrice: Sendable, Hashable {
    package let strategy: String
    package let side: Side
    package let qty: ExactDecimal
    package let price: ExactDecimal
    /// The price that people approved; nil where none was known.
    package let approved: ExactDecimal?
    /// The middle of bid and ask when the order was claimed; nil where there was no quote.
    package let sent: ExactDecimal?
}

/// Reads how well orders were executed.
package enum ExecutionQualityStore {
    /// Executions of our orders themselves (not of their exits) after an instant and until another where one is given.
    package static func prices(
        since start: Timestamp, until end: Timestamp? = nil, limit: Int = 10_000, in session: PostgresSession
    ) throws(PostgresError) -> [ExecutedPrice] {
        try session.query(
            """
            SELECT coalesce(e.strategy, '') AS strategy, e.side, e.qty, e.price, o.approved_price,
                ((o.claim_quote ->> 'bid')::numeric + (o.claim_quote ->> 'ask')::numeric) / 2 AS sent_price
            FROM executions e
            JOIN orders o ON o.id = e.order_id
            WHERE e.part = 'entry' AND e.executed_at > $1 AND ($3::timestamptz IS NULL OR e.executed_at <= $3)
            ORDER BY e.executed_at DESC
            LIMIT $2
            """, [start.postgresValue, .int(Int64(limit)), end?.postgresValue ?? .null]
        ).map { (row) throws(PostgresError) in
            ExecutedPrice(
                strategy: try row.text("strategy"), side: try row.word("side"), qty: try row.decimal("qty"),
                price: try row.decimal("price"),
                approved: try row.optionalDecimal("approved_price"),
                sent: try row.optionalValue("sent_price") { ExactDecimal(String($0.prefix(30))) })
        }
    }

    /// Shares ordered and shares filled of orders that ended after an instant and until another where one is given.
    package static func filled(
        since start: Timestamp, until end: Timestamp? = nil, in session: PostgresSession
    ) throws(PostgresError) -> (ordered: ExactDecimal, filled: ExactDecimal) {
        let row = try session.query(
            """
            SELECT coalesce(sum(qty), 0) AS ordered, coalesce(sum(filled_qty), 0) AS filled
            FROM orders
            WHERE finished_at > $1 AND submitted_at IS NOT NULL
              AND ($2::timestamptz IS NULL OR finished_at <= $2)
            """, [start.postgresValue, end?.postgresValue ?? .null]
        ).only()
        return (try row.decimal("ordered"), try row.decimal("filled"))
    }
}
