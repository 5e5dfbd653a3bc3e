package import Domain
package import JSON
package import Postgres

/// Changes orders that are released; the database's own guards stand behind each of these statements.
package enum OrderTransitions {
    /// Gives a released order to a worker.
    package static func claim(
        _ id: Identifier, by workerID: String, checks: JSONValue, quote: JSONValue?,
        in session: PostgresSession
    ) throws(PostgresError) {
        _ = try session.query(
            """
            UPDATE orders
            SET state = 'submitting', claim_generation = claim_generation + 1, claimed_by = $2,
                claimed_at = clock_timestamp(), claim_checks = $3, claim_quote = $4
            WHERE id = $1 AND state = 'released'
            RETURNING id
            """, [id.postgresValue, .text(workerID), checks.postgresValue, .optional(quote)]
        ).only()
    }

    /// Ends a released order because a check failed as it was claimed.
    package static func refuse(
        _ id: Identifier, reason: String, checks: JSONValue, quote: JSONValue?, in session: PostgresSession
    ) throws(PostgresError) {
        _ = try session.query(
            """
            UPDATE orders
            SET state = 'refused', reason = $2, claim_checks = $3, claim_quote = $4,
                finished_at = clock_timestamp()
            WHERE id = $1 AND state = 'released'
            RETURNING id
            """, [id.postgresValue, .text(reason), checks.postgresValue, .optional(quote)]
        ).only()
    }

    /// Ends released orders whose approval ran out, the longest past first; tells which.
    package static func lapse(
        limit: Int, in session: PostgresSession
    ) throws(PostgresError) -> [(orderID: Identifier, proposalID: Identifier)] {
        let rows = try session.query(
            """
            WITH due AS (
                SELECT id
                FROM orders
                WHERE state = 'released' AND valid_until <= statement_timestamp()
                ORDER BY valid_until
                LIMIT $1
                FOR UPDATE SKIP LOCKED
            )
            UPDATE orders
            SET state = 'lapsed', reason = $2, finished_at = clock_timestamp()
            FROM due
            WHERE orders.id = due.id
            RETURNING orders.id, orders.proposal_id
            """, [.int(Int64(limit)), .text(lapseReason)])
        return try rows.map { (row) throws(PostgresError) in
            (try row.identifier("id"), try row.identifier("proposal_id"))
        }
    }

    /// Ends one released order whose approval ran out.
    package static func lapse(_ id: Identifier, in session: PostgresSession) throws(PostgresError) {
        _ = try session.execute(
            """
            UPDATE orders
            SET state = 'lapsed', reason = $2, finished_at = clock_timestamp()
            WHERE id = $1 AND state = 'released' AND valid_until <= clock_timestamp()
            """, [id.postgresValue, .text(lapseReason)])
    }

    /// When the next released order lapses.
    package static func nextLapse(in session: PostgresSession) throws(PostgresError) -> Timestamp? {
        try session.query(
            "SELECT valid_until FROM orders WHERE state = 'released' ORDER BY valid_until LIMIT 1"
        )
        .first.map { (row) throws(PostgresError) in try row.timestamp("valid_until") }
    }

    private static let lapseReason = "no worker took it before its approval ran out"

    /// What a report changes.
    package struct Report: Sendable {
        package var state: OrderState
        package var brokerOrderID: String?
        package var brokerStatus: String?
        package var filledQty: ExactDecimal
        package var filledAvgPrice: ExactDecimal?
        package var submittedAt: Timestamp?
        package var reason: String?
        /// Whether it is at the broker though it was held never to have arrived.
        package var isTurnedUp: Bool

        /// What stands already, to be changed where the report knows more.
        package init(_ order: OrderRecord) {
            state = order.state
            brokerOrderID = order.brokerOrderID
            brokerStatus = order.brokerStatus
            filledQty = order.filledQty
            filledAvgPrice = order.filledAvgPrice
            submittedAt = order.submittedAt
            reason = order.reason
            isTurnedUp = order.turnedUpAt != nil
        }
    }

    /// Writes what a report changed.
    package static func apply(
        _ report: Report, to id: Identifier, in session: PostgresSession
    ) throws(PostgresError) {
        _ = try session.execute(
            """
            UPDATE orders
            SET state = $2, broker_order_id = $3, broker_status = $4, filled_qty = $5, filled_avg_price = $6,
                submitted_at = $7, reason = $8, last_report_at = clock_timestamp(),
                finished_at = CASE WHEN $9 THEN coalesce(finished_at, clock_timestamp()) END,
                turned_up_at = CASE WHEN $10 THEN coalesce(turned_up_at, clock_timestamp()) END
            WHERE id = $1
            """,
            [
                id.postgresValue, .text(report.state.rawValue), .optional(report.brokerOrderID),
                .optional(report.brokerStatus), report.filledQty.postgresValue,
                .optional(report.filledAvgPrice), .optional(report.submittedAt), .optional(report.reason),
                .bool(report.state.isFinal), .bool(report.isTurnedUp),
            ])
    }

    /// Whether a report was not stored because another order here is the one that it tells of at the broker.
    package static func isPlacedTwice(_ error: PostgresError) -> Bool {
        error.isUniqueViolation && error.constraint == "orders_by_broker_order"
    }

    /// Stores executions that are not known yet; tells which were new.
    package static func insertFills(
        _ fills: [FillRecord], in session: PostgresSession
    ) throws(PostgresError) -> Set<String> {
        guard !fills.isEmpty else { return [] }
        let rows = try session.query(
            """
            INSERT INTO fills (execution_id, order_id, qty, price, executed_at)
            SELECT execution_id, order_id, qty, price, executed_at
            FROM unnest($1::text[], $2::uuid[], $3::numeric[], $4::numeric[], $5::timestamptz[])
                AS fill (execution_id, order_id, qty, price, executed_at)
            ON CONFLICT (execution_id) DO NOTHING
            RETURNING execution_id
            """,
            [
                .texts(fills.map(\.executionID)), .texts(fills.map(\.orderID)), .texts(fills.map(\.qty)),
                .texts(fills.map(\.price)), .texts(fills.map(\.executedAt)),
            ])
        return Set(try rows.map { (row) throws(PostgresError) in try row.text("execution_id") })
    }
}
