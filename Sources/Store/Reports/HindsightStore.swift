package import Domain
package import Postgres

/// A proposal that was not traded and could be judged on daily bars.
package struct UntradedProposal: Sendable, Hashable {
    package let id: Identifier
    package let symbol: String
    package let createdAt: Timestamp
    package let side: Side
    package let qty: ExactDecimal
    package let limit: ExactDecimal
    package let stop: ExactDecimal?
    package let target: ExactDecimal?
    package let isGoodTillCancelled: Bool
}

/// What untraded proposals that stand in one state would have made.
package struct HindsightFigures: Sendable, Hashable {
    package let state: ProposalState
    /// Those that could be judged: limit orders that open a position.
    package let assessable: Int
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

    /// Limit orders that would have opened a position and were not traded.
    private static let assessable = """
        p.state IN ('rejected', 'expired', 'blocked', 'withdrawn', 'cancelled', 'refused', 'lapsed', 'revoked')
          AND p.type = 'limit' AND NOT p.is_reducing
        """

    /// Asks for the bars, until that day, of every symbol with a proposal that is not settled.
    package static func want(until day: CalendarDate, in session: PostgresSession) throws(PostgresError) {
        try session.execute(
            """
            INSERT INTO bar_series (symbol, wanted_from, wanted_until)
            SELECT p.symbol, min(trading_day(p.created_at)), $1::date
            FROM proposals p
            WHERE \(assessable)
              AND p.created_at > clock_timestamp() - $2 * interval '1 day' AND trading_day(p.created_at) <= $1::date
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
                WHERE p.symbol = s.symbol AND \(assessable)
                  AND p.created_at > clock_timestamp() - $1 * interval '1 day'
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
            SELECT p.id, p.symbol, p.created_at, p.side, p.qty, p.limit_price, p.stop_loss_stop_price,
                p.take_profit_limit_price, p.time_in_force = 'gtc' AS is_gtc
            FROM proposals p
            WHERE p.symbol = $1 AND \(assessable)
              AND p.created_at > clock_timestamp() - $2 * interval '1 day'
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
                createdAt: try row.timestamp("created_at"), side: try row.word("side"),
                qty: try row.decimal("qty"), limit: try row.decimal("limit_price"),
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
            SELECT p.state, count(*) AS assessable, count(h.proposal_id) AS settled, count(h.pnl) AS entered,
                count(*) FILTER (WHERE h.pnl > 0) AS won, count(*) FILTER (WHERE h.outcome = 'stop') AS stopped,
                count(*) FILTER (WHERE h.outcome = 'target') AS reached,
                count(*) FILTER (WHERE h.outcome = 'time') AS timed_out,
                count(*) FILTER (WHERE h.is_ambiguous) AS ambiguous, coalesce(sum(h.pnl), 0) AS total
            FROM proposals p
            LEFT JOIN hindsights h ON h.proposal_id = p.id
            WHERE p.created_at > $1 AND p.created_at <= $2 AND \(assessable)
            GROUP BY p.state
            ORDER BY p.state
            """, [start.postgresValue, end.postgresValue]
        ).map { (row) throws(PostgresError) in
            HindsightFigures(
                state: try row.word("state"), assessable: try row.int("assessable"),
                settled: try row.int("settled"), entered: try row.int("entered"), won: try row.int("won"),
                stopped: try row.int("stopped"), reachedTarget: try row.int("reached"),
                timedOut: try row.int("timed_out"), ambiguous: try row.int("ambiguous"),
                total: try row.decimal("total"))
        }
    }
}
