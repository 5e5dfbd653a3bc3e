package import Domain
package import Postgres

/// Reads orders.
package enum OrderQueries {
    private static let columns = """
        id, sequence, proposal_id, client_order_id, state, symbol, side, qty, notional, is_reducing,
        order_hash, document, key_id, signature, approved_price, released_at, valid_until, claim_generation,
        claimed_by, claimed_at, claim_checks, submitted_at, broker_order_id, broker_status,
        filled_qty, filled_avg_price, last_report_at, finished_at, reason,
        turned_up_at
        """

    /// The order of that identity.
    package static func find(
        _ id: Identifier, in session: PostgresSession
    ) throws(PostgresError) -> OrderRecord? {
        try session.query("SELECT \(columns) FROM orders WHERE id = $1", [id.postgresValue]).first.map(record)
    }

    /// The order of that identity, locked until the transaction ends.
    package static func lock(
        _ id: Identifier, in session: PostgresSession
    ) throws(PostgresError) -> OrderRecord? {
        try session.query("SELECT \(columns) FROM orders WHERE id = $1 FOR UPDATE", [id.postgresValue])
            .first.map(record)
    }

    /// Which order became this one at the broker; nil where none is known to.
    package static func order(
        placedAs brokerOrderID: String, in session: PostgresSession
    ) throws(PostgresError) -> Identifier? {
        try session.query(
            "SELECT id FROM orders WHERE broker_order_id = $1", [.text(brokerOrderID)]
        ).first.map { (row) throws(PostgresError) in try row.identifier("id") }
    }

    /// Orders newest first, below a place in the sequence where one is given.
    package static func list(
        states: [OrderState], symbol: String?, below sequence: Int?, limit: Int, in session: PostgresSession
    ) throws(PostgresError) -> [OrderRecord] {
        let rows = try session.query(
            """
            SELECT \(columns)
            FROM orders
            WHERE (cardinality($1::text[]) = 0 OR state = ANY ($1::text[]))
              AND ($2::text IS NULL OR symbol = $2)
              AND ($3::bigint IS NULL OR sequence < $3)
            ORDER BY sequence DESC
            LIMIT $4
            """,
            [
                .texts(states.map(\.rawValue)), .optional(symbol), .optional(sequence), .int(Int64(limit)),
            ])
        return try rows.map(record)
    }

    /// Released orders that may still be claimed, oldest first.
    package static func claimable(
        limit: Int, in session: PostgresSession
    ) throws(PostgresError) -> [ClaimableOrder] {
        let rows = try session.query(
            """
            SELECT id, symbol, valid_until
            FROM orders
            WHERE finished_at IS NULL AND state = 'released' AND valid_until > clock_timestamp()
            ORDER BY sequence
            LIMIT $1
            """, [.int(Int64(limit))])
        return try rows.map { (row) throws(PostgresError) in
            ClaimableOrder(
                id: try row.identifier("id"), symbol: try row.text("symbol"),
                validUntil: try row.timestamp("valid_until"))
        }
    }

    /// Orders that are, or may be, at the broker, and those that ended but are still looked after.
    ///
    /// These are orders that miss executions, for a day, those held never to have arrived, for an hour, and those of
    /// them that turned up, until the broker is done with them.
    package static func atBroker(
        limit: Int, in session: PostgresSession
    ) throws(PostgresError) -> [OrderRecord] {
        let rows = try session.query(
            """
            SELECT \(columns)
            FROM orders
            WHERE (finished_at IS NULL AND state <> 'released')
               OR (finished_at > statement_timestamp() - interval '1 day' AND filled_qty > 0
                   AND filled_qty > (SELECT coalesce(sum(qty), 0) FROM fills WHERE order_id = orders.id))
               OR (finished_at > statement_timestamp() - interval '1 hour' AND state = 'rejected'
                   AND broker_order_id IS NULL AND reason LIKE '%(never-reached)')
               OR (turned_up_at IS NOT NULL AND NOT coalesce(broker_status, '') = ANY ($2::text[]))
            ORDER BY finished_at IS NOT NULL, sequence
            LIMIT $1
            """,
            [
                .int(Int64(limit)),
                .texts(BrokerStatus.allCases.filter(\.isFinal).map(\.rawValue)),
            ])
        return try rows.map(record)
    }

    /// Whether a halt applies to an order now.
    package static func isHalted(
        _ id: Identifier, in session: PostgresSession
    ) throws(PostgresError) -> Bool {
        try session.query(
            """
            SELECT is_halted(p.strategy, p.symbol, p.proposer_name, p.is_reducing) AS is_halted
            FROM orders o
            JOIN proposal_terms p ON p.id = o.proposal_id
            WHERE o.id = $1
            """, [id.postgresValue]
        ).only().bool("is_halted")
    }

    /// The executions of these orders, oldest first.
    package static func fills(
        of ids: [Identifier], in session: PostgresSession
    ) throws(PostgresError) -> [FillRecord] {
        guard !ids.isEmpty else { return [] }
        let rows = try session.query(
            """
            SELECT execution_id, order_id, qty, price, executed_at
            FROM fills
            WHERE order_id = ANY ($1::uuid[])
            ORDER BY executed_at, execution_id
            """, [.texts(ids)])
        return try rows.map(fill)
    }

    /// The executions of these names, whichever order they belong to, oldest first.
    package static func fills(
        named executionIDs: [String], in session: PostgresSession
    ) throws(PostgresError) -> [FillRecord] {
        try session.query(
            """
            SELECT execution_id, order_id, qty, price, executed_at
            FROM fills
            WHERE execution_id = ANY ($1::text[])
            ORDER BY executed_at, execution_id
            """, [.texts(executionIDs)]
        ).map(fill)
    }

    private static func fill(_ row: PostgresRow) throws(PostgresError) -> FillRecord {
        FillRecord(
            executionID: try row.text("execution_id"), orderID: try row.identifier("order_id"),
            qty: try row.decimal("qty"), price: try row.decimal("price"),
            executedAt: try row.timestamp("executed_at"))
    }

    private static func record(_ row: PostgresRow) throws(PostgresError) -> OrderRecord {
        OrderRecord(
            id: try row.identifier("id"), sequence: try row.int("sequence"),
            proposalID: try row.identifier("proposal_id"), clientOrderID: try row.text("client_order_id"),
            state: try row.word("state"), symbol: try row.text("symbol"), side: try row.word("side"),
            qty: try row.decimal("qty"), notional: try row.decimal("notional"),
            isReducing: try row.bool("is_reducing"), orderHash: try row.text("order_hash"),
            document: try row.text("document"), keyID: try row.text("key_id"),
            signature: try row.bytes("signature"), approvedPrice: try row.optionalDecimal("approved_price"),
            releasedAt: try row.timestamp("released_at"), validUntil: try row.timestamp("valid_until"),
            claimGeneration: try row.int("claim_generation"), claimedBy: try row.optionalText("claimed_by"),
            claimedAt: try row.optionalTimestamp("claimed_at"),
            claimChecks: try row.optionalJSON("claim_checks"),
            submittedAt: try row.optionalTimestamp("submitted_at"),
            brokerOrderID: try row.optionalText("broker_order_id"),
            brokerStatus: try row.optionalText("broker_status"), filledQty: try row.decimal("filled_qty"),
            filledAvgPrice: try row.optionalDecimal("filled_avg_price"),
            lastReportAt: try row.optionalTimestamp("last_report_at"),
            finishedAt: try row.optionalTimestamp("finished_at"), reason: try row.optionalText("reason"),
            turnedUpAt: try row.optionalTimestamp("turned_up_at"))
    }
}
