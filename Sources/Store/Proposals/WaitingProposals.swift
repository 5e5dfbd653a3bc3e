package import Domain
package import Postgres

/// As much of a proposal that waits as a list of them shows.
package struct WaitingProposal: Sendable, Hashable {
    package let id: Identifier
    package let sequence: Int
    package let terms: OrderTerms
    package let notional: ExactDecimal
    package let proposerUserID: Identifier?
    package let proposerName: String
    package let strategy: String
    package let orderHash: String
    package let approvalsRequired: Int
    package let createdAt: Timestamp
    package let expiresAt: Timestamp
    /// The checks that warn, and the one of the symbol and its price, which may look different by now; without words.
    package let outlines: [Finding]
    /// How many people have approved exactly this order.
    package let approvals: Int
    /// Whether the person who asks has decided on it.
    package let hasDecided: Bool

    /// The six characters by which a person recognises the order in messages and pages.
    package var checkCode: String { String(orderHash.prefix(6)) }
}

/// Lists what still waits for people.
package enum WaitingProposals {
    /// A place in the list.
    package typealias Place = (deadline: Timestamp, sequence: Int)

    /// What still waits, the nearest deadline first, after a place in that order where one is given, as a person sees
    /// it.
    package static func list(
        after place: Place? = nil, limit: Int, for userID: Identifier? = nil
    ) -> PostgresReading<[WaitingProposal]> {
        let parameters = [PostgresValue.int(Int64(limit)), .optional(userID)]
        guard let place else { return PostgresReading(firstSQL, parameters, read: read) }
        return PostgresReading(
            laterSQL, parameters + [place.deadline.postgresValue, place.sequence.postgresValue], read: read)
    }

    private static let firstSQL = sql(after: "statement_timestamp()")
    private static let laterSQL = sql(
        after: "statement_timestamp() AND (expires_at, sequence) > ($3::timestamptz, $4::bigint)")

    /// The rows of a page are found first, and only these are looked at closely.
    private static func sql(after condition: String) -> String {
        """
        SELECT p.id, p.sequence, p.symbol, p.side, p.qty, p.type, p.limit_price, p.stop_price, p.time_in_force,
            p.stop_loss_stop_price, p.stop_loss_limit_price, p.take_profit_limit_price, p.notional,
            p.proposer_user_id, p.proposer_name, p.strategy, p.order_hash, p.approvals_required, p.created_at,
            shown.expires_at, outline.codes, outline.outcomes, vote.approvals, vote.has_decided
        FROM (
            SELECT proposal_id AS id, expires_at
            FROM proposal_states
            WHERE state = 'pending' AND expires_at > \(condition)
            ORDER BY expires_at, sequence
            LIMIT $1) AS shown
        JOIN proposals p ON p.id = shown.id AND p.proposal_id = shown.id
        CROSS JOIN LATERAL (
            SELECT coalesce(array_agg(finding ->> 'code'), '{}') AS codes,
                coalesce(array_agg(finding ->> 'outcome'), '{}') AS outcomes
            FROM json_array_elements(p.checks) AS finding
            WHERE finding ->> 'outcome' = 'warn' OR finding ->> 'code' = '\(CheckCode.symbolKnown.rawValue)') AS outline
        CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE d.verdict = 'approve' AND d.order_hash = p.order_hash) AS approvals,
                coalesce(bool_or(d.user_id = $2::uuid), false) AS has_decided
            FROM decisions d
            WHERE d.proposal_id = p.id) AS vote
        ORDER BY shown.expires_at, p.sequence
        """
    }

    private static func outline(_ code: String, _ outcome: String) -> Finding? {
        guard let code = CheckCode(rawValue: code), let outcome = Finding.Outcome(rawValue: outcome) else {
            return nil
        }
        return Finding(code: code, outcome: outcome, limit: nil, value: nil, detail: "")
    }

    private static func read(_ rows: PostgresRows) throws(PostgresError) -> [WaitingProposal] {
        try rows.map { (row) throws(PostgresError) in
            WaitingProposal(
                id: try row.identifier("id"), sequence: try row.int("sequence"), terms: try OrderTerms(row),
                notional: try row.decimal("notional"),
                proposerUserID: try row.optionalIdentifier("proposer_user_id"),
                proposerName: try row.text("proposer_name"), strategy: try row.text("strategy"),
                orderHash: try row.text("order_hash"), approvalsRequired: try row.int("approvals_required"),
                createdAt: try row.timestamp("created_at"), expiresAt: try row.timestamp("expires_at"),
                outlines: zip(try row.textArray("codes"), try row.textArray("outcomes")).compactMap(outline),
                approvals: try row.int("approvals"), hasDecided: try row.bool("has_decided"))
        }
    }
}
