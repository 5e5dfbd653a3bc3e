package import Domain
package import Postgres

/// A proposal that was not traded and could be judged on daily bars.
package struct UntradedProposal: Sendable, Hashable {
    package let id: Identifier
    package let symbol: String
    package let createdAt: Timestamp
    package let decidedAt: Timestamp
    package let side: Side
    package let qty: ExactDecimal
    package let type: OrderType
    package let limitPrice: ExactDecimal?
    package let stopPrice: ExactDecimal?
    package let stop: ExactDecimal?
    package let target: ExactDecimal?
    package let isGoodTillCancelled: Bool
}

/// What untraded proposals that stand in one state would have made.
package struct HindsightFigures: Sendable, Hashable {
    package let state: ProposalState
    /// Those that could be judged: they would have opened a position.
    package let assessable: Int
    /// Those that are left out because they would have reduced one.
    package let reducing: Int
    /// Those whose end is known.
    package let settled: Int
    package let entered: Int
    package let won: Int
    package let stopped: Int
    package let reachedTarget: Int
    package let timedOut: Int
    /// Stopped, though the same bar held the target too.
    package let ambiguous: Int
    /// USD, of those that were entered.
    package let total: ExactDecimal
}

/// What proposals that were not traded would have made.
package enum HindsightStore {
    /// Older proposals are not judged any more, in days.
    package static let reachDays = 100

    /// Proposals that were not traded: those that did not become an order, and those whose order ended without a share.
    ///
    /// `since` is an SQL expression: no proposal from before it is asked for.
    private static func untraded(since: String) -> String {
        """
        (p.state IN ('rejected', 'expired', 'blocked', 'withdrawn', 'cancelled', 'refused', 'lapsed', 'revoked')
            OR p.state = 'released' AND p.id IN (
                SELECT o.proposal_id
                FROM orders o
                WHERE o.released_at > \(since) AND o.finished_at IS NOT NULL AND o.filled_qty = 0))
        """
    }

    /// Those of them that would have opened a position and are not too old, in days as the parameter says.
    private static func assessable(days: String) -> String {
        let since = "clock_timestamp() - \(days) * interval '1 day'"
        return "\(untraded(since: since)) AND NOT p.is_reducing AND p.created_at > \(since)"
    }

    /// Asks for the bars, until that day, of every symbol with a proposal that is not settled.
    package static func want(until day: CalendarDate, in session: PostgresSession) throws(PostgresError) {
        try session.execute(
            """
            INSERT INTO bar_series (symbol, wanted_from, wanted_until)
            SELECT p.symbol, min(trading_day(p.created_at)), $1::date
            FROM proposals p
            WHERE \(assessable(days: "$2")) AND trading_day(p.created_at) <= $1::date
              AND NOT EXISTS (SELECT FROM hindsights h WHERE h.proposal_id = p.id)
            GROUP BY p.symbol
            ORDER BY p.symbol
            LIMIT 500
            ON CONFLICT (symbol) DO UPDATE
            SET wanted_from = least(bar_series.wanted_from, excluded.wanted_from),
                wanted_until = greatest(bar_series.wanted_until, excluded.wanted_until)
            """, [.text(day.description), .int(Int64(reachDays))])
    }

    /// Whether bars are wanted that did not come yet.
    package static func isWaiting(in session: PostgresSession) throws(PostgresError) -> Bool {
        try !BarStore.wanted(limit: 1, in: session).isEmpty
    }

    /// Symbols that have bars and proposals that are not settled.
    package static func symbols(in session: PostgresSession) throws(PostgresError) -> [String] {
        try session.query(
            """
            SELECT s.symbol
            FROM bar_series s
            WHERE s.covered_from IS NOT NULL AND EXISTS (
                SELECT FROM proposals p
                WHERE p.symbol = s.symbol AND \(assessable(days: "$1"))
                  AND NOT EXISTS (SELECT FROM hindsights h WHERE h.proposal_id = p.id))
            ORDER BY s.symbol
            """, [.int(Int64(reachDays))]
        ).map { (row) throws(PostgresError) in try row.text("symbol") }
    }

    /// Proposals in a symbol that are not settled, the oldest first; those after `last` where it is given.
    package static func unsettled(
        _ symbol: String, after last: UntradedProposal?, limit: Int, in session: PostgresSession
    ) throws(PostgresError) -> [UntradedProposal] {
        try session.query(
            """
            SELECT p.id, p.symbol, p.created_at, coalesce(p.decided_at, p.created_at) AS decided_at, p.side, p.qty, p.type,
                p.limit_price, p.stop_price, p.stop_loss_stop_price, p.take_profit_limit_price,
                p.time_in_force = 'gtc' AS is_gtc
            FROM proposals p
            WHERE p.symbol = $1 AND \(assessable(days: "$2"))
              AND ($3::timestamptz IS NULL OR (p.created_at, p.id) > ($3, $4::uuid))
              AND NOT EXISTS (SELECT FROM hindsights h WHERE h.proposal_id = p.id)
            ORDER BY p.created_at, p.id
            LIMIT $5
            """,
            [
                .text(symbol), .int(Int64(reachDays)), last?.createdAt.postgresValue ?? .null,
                last?.id.postgresValue ?? .null, .int(Int64(limit)),
            ]
        ).map { (row) throws(PostgresError) in
            UntradedProposal(
                id: try row.identifier("id"), symbol: try row.text("symbol"),
                createdAt: try row.timestamp("created_at"), decidedAt: try row.timestamp("decided_at"),
                side: try row.word("side"), qty: try row.decimal("qty"), type: try row.word("type"),
                limitPrice: try row.optionalDecimal("limit_price"),
                stopPrice: try row.optionalDecimal("stop_price"),
                stop: try row.optionalDecimal("stop_loss_stop_price"),
                target: try row.optionalDecimal("take_profit_limit_price"),
                isGoodTillCancelled: try row.bool("is_gtc"))
        }
    }

    /// Keeps how proposals would have ended; another server may have done so already.
    package static func insert(
        _ results: [(id: Identifier, result: Hindsight.Result)], in session: PostgresSession
    ) throws(PostgresError) {
        guard !results.isEmpty else { return }
        func optional(_ value: (Hindsight.Result) -> (some CustomStringConvertible)?) -> PostgresValue {
            .texts(results.map { value($0.result)?.description ?? "" })
        }
        try session.execute(
            """
            INSERT INTO hindsights (proposal_id, outcome, entered_on, exited_on, exit_price, pnl, is_ambiguous)
            SELECT id, outcome, nullif(entered_on, '')::date, nullif(exited_on, '')::date,
                nullif(exit_price, '')::numeric, nullif(pnl, '')::numeric, is_ambiguous
            FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[])
                AS each (id, outcome, entered_on, exited_on, exit_price, pnl, is_ambiguous)
            ON CONFLICT (proposal_id) DO NOTHING
            """,
            [
                .texts(results.map(\.id)), .texts(results.map(\.result.outcome.rawValue)),
                optional(\.enteredOn), optional(\.exitedOn), optional(\.exitPrice), optional(\.pnl),
                .texts(results.map(\.result.isAmbiguous)),
            ])
    }

    /// Figures of the proposals that were made after one instant and until another, by their states.
    package static func figures(
        after start: Timestamp, until end: Timestamp, in session: PostgresSession
    ) throws(PostgresError) -> [HindsightFigures] {
        try session.query(
            """
            SELECT p.state, count(*) FILTER (WHERE NOT p.is_reducing) AS assessable,
                count(*) FILTER (WHERE p.is_reducing) AS reducing, count(h.proposal_id) AS settled, count(h.pnl) AS entered,
                count(*) FILTER (WHERE h.pnl > 0) AS won, count(*) FILTER (WHERE h.outcome = 'stop') AS stopped,
                count(*) FILTER (WHERE h.outcome = 'target') AS reached,
                count(*) FILTER (WHERE h.outcome = 'time') AS timed_out,
                count(*) FILTER (WHERE h.is_ambiguous) AS ambiguous, coalesce(sum(h.pnl), 0) AS total
            FROM proposals p
            LEFT JOIN hindsights h ON h.proposal_id = p.id
            WHERE p.created_at > $1 AND p.created_at <= $2 AND \(untraded(since: "$1"))
            GROUP BY p.state
            ORDER BY p.state
            """, [start.postgresValue, end.postgresValue]
        ).map { (row) throws(PostgresError) in
            HindsightFigures(
                state: try row.word("state"), assessable: try row.int("assessable"),
                reducing: try row.int("reducing"),
                settled: try row.int("settled"), entered: try row.int("entered"), won: try row.int("won"),
                stopped: try row.int("stopped"), reachedTarget: try row.int("reached"),
                timedOut: try row.int("timed_out"), ambiguous: try row.int("ambiguous"),
                total: try row.decimal("total"))
        }
    }

    /// Released orders of a period of which a part was traded and a part was not, and those that are not over yet.
    package static func halfTraded(
        after start: Timestamp, until end: Timestamp, in session: PostgresSession
    ) throws(PostgresError) -> (partly: Int, underWay: Int) {
        let row = try session.query(
            """
            SELECT
                (SELECT count(*) FROM orders
                    WHERE released_at > $1 AND released_at <= $2 AND finished_at IS NOT NULL AND filled_qty > 0
                      AND filled_qty < qty) AS partly,
                (SELECT count(*) FROM orders
                    WHERE released_at > $1 AND released_at <= $2 AND finished_at IS NULL) AS under_way
            """, [start.postgresValue, end.postgresValue]
        ).only()
        return (try row.int("partly"), try row.int("under_way"))
    }
}
