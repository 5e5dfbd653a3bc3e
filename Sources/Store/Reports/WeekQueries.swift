package import Domain
package import Postgres

/// Why something was traded: the proposal behind an order.
package struct TradeOrigin: Sendable, Hashable {
    package let proposalID: Identifier
    package let strategy: String
    package let bot: String
    package let rationale: String?
}

/// A position that was larger than the limits allow, at its largest.
package struct Oversize: Sendable, Hashable {
    package let symbol: String
    /// USD, counted from nought.
    package let value: ExactDecimal
    /// Of equity, as a fraction.
    package let share: ExactDecimal?
}

/// An order that did not go as it should.
package struct TroubledOrder: Sendable, Hashable {
    package let id: Identifier
    package let symbol: String
    package let state: OrderState
    package let reason: String?
}

/// Reads what only the weekly review asks for.
package enum WeekQueries {
    /// The proposal behind an order.
    package static func origin(
        of orderID: Identifier, in session: PostgresSession
    ) throws(PostgresError) -> TradeOrigin? {
        try session.query(
            """
            SELECT p.id, p.strategy, p.proposer_name, p.rationale
            FROM orders o
            JOIN proposal_terms p ON p.id = o.proposal_id
            WHERE o.id = $1
            """, [orderID.postgresValue]
        ).first.map { (row) throws(PostgresError) in
            TradeOrigin(
                proposalID: try row.identifier("id"), strategy: try row.text("strategy"),
                bot: try row.text("proposer_name"), rationale: try row.optionalText("rationale"))
        }
    }

    /// Positions that a kept snapshot shows above a limit, the largest first.
    package static func oversizes(
        _ period: ReportPeriod, maxUSD: ExactDecimal?, maxShare: ExactDecimal?, in session: PostgresSession
    ) throws(PostgresError) -> [Oversize] {
        try session.query(
            """
            WITH held AS (
                SELECT s.equity, position.value ->> 'symbol' AS symbol,
                    CASE WHEN position.value ->> 'market_value' ~ '^-?[0-9]{1,15}(\\.[0-9]{1,12})?$'
                        THEN abs((position.value ->> 'market_value')::numeric) END AS value
                FROM account_snapshots s
                CROSS JOIN LATERAL jsonb_array_elements(s.positions) AS position
                WHERE s.received_at > $1 AND s.received_at <= $2
            )
            SELECT symbol, max(value) AS value, round(max(value / nullif(equity, 0)), 9) AS share
            FROM held
            WHERE symbol IS NOT NULL AND equity > 0 AND (value > $3::numeric OR value > $4::numeric * equity)
            GROUP BY symbol
            ORDER BY value DESC, symbol
            LIMIT 100
            """, period.parameters + [.optional(maxUSD), .optional(maxShare)]
        ).map { (row) throws(PostgresError) in
            Oversize(
                symbol: try row.text("symbol"), value: try row.decimal("value"),
                share: try row.optionalDecimal("share"))
        }
    }

    /// Released orders whose outcome is unknown, or that a check or the broker turned down.
    package static func troubles(
        _ period: ReportPeriod, in session: PostgresSession
    ) throws(PostgresError) -> [TroubledOrder] {
        try session.query(
            """
            SELECT id, symbol, state, reason
            FROM orders
            WHERE released_at > $1 AND released_at <= $2 AND state IN ('unknown', 'rejected', 'refused')
            ORDER BY released_at, id
            LIMIT 100
            """, period.parameters
        ).map { (row) throws(PostgresError) in
            TroubledOrder(
                id: try row.identifier("id"), symbol: try row.text("symbol"), state: try row.word("state"),
                reason: try row.optionalText("reason"))
        }
    }

    /// Differences between broker and books that were believed at some time of a period.
    package static func mismatches(
        _ period: ReportPeriod, in session: PostgresSession
    ) throws(PostgresError) -> [MismatchRecord] {
        try session.query(
            """
            SELECT \(MismatchStore.columns)
            FROM reconcile_mismatches
            WHERE confirmed_at <= $2 AND (cleared_at IS NULL OR cleared_at > $1)
            ORDER BY confirmed_at, id
            LIMIT 100
            """, period.parameters
        ).map(MismatchStore.record)
    }

    /// Messages that were given up and executions of orders that were not made here.
    package static func counts(
        _ period: ReportPeriod, in session: PostgresSession
    ) throws(PostgresError) -> (deadDeliveries: Int, foreignExecutions: Int) {
        let row = try session.query(
            """
            SELECT
                (SELECT count(*) FROM deliveries
                    WHERE state = 'dead' AND finished_at > $1 AND finished_at <= $2) AS dead,
                (SELECT count(*) FROM executions
                    WHERE part = 'external' AND kind = 'fill' AND executed_at > $1 AND executed_at <= $2) AS foreign_fills
            """, period.parameters
        ).only()
        return (try row.int("dead"), try row.int("foreign_fills"))
    }
}
