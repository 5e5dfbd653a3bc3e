package import Domain
package import Postgres

/// What becomes of a proposal.
package struct ProposalEnding: Sendable {
    package let id: Identifier
    package let state: ProposalState
    /// Who or what did it, in the journal's words.
    package let actor: String
    package let reason: String?
    package let approval: (at: Timestamp, validUntil: Timestamp)?
    /// When the vote was cast that does it; nil for now.
    package let decidedAt: Timestamp?

    /// An ending.
    package init(
        _ id: Identifier, as state: ProposalState, by actor: String, reason: String?,
        approval: (at: Timestamp, validUntil: Timestamp)? = nil, decidedAt: Timestamp? = nil
    ) {
        self.id = id
        self.state = state
        self.actor = actor
        self.reason = reason
        self.approval = approval
        self.decidedAt = decidedAt
    }
}

/// Moves proposals from state to state.
///
/// Who may, and when, Gate decides; the database's guards check it again.
package enum ProposalTransitions {
    /// Ends (or holds) a proposal whose row is locked, and tells when.
    @discardableResult
    package static func end(
        _ id: Identifier, as state: ProposalState, by actor: String, reason: String?,
        approval: (at: Timestamp, validUntil: Timestamp)? = nil, in session: PostgresSession
    ) throws(PostgresError) -> Timestamp {
        let ending = ProposalEnding(id, as: state, by: actor, reason: reason, approval: approval)
        guard let decidedAt = try session.read(end([ending]))[id] else {
            throw PostgresError(.decoding, "A proposal that was to become \(state.rawValue) was not found.")
        }
        return decidedAt
    }

    /// Ends (or holds) proposals whose rows are locked, and tells when.
    package static func end(_ endings: [ProposalEnding]) -> PostgresReading<[Identifier: Timestamp]> {
        PostgresReading(
            """
            UPDATE proposal_states AS known
            SET state = ended.state, decided_by = ended.actor, reason = ended.reason,
                decided_at = coalesce(ended.decided_at::timestamptz, clock_timestamp()),
                approved_at = coalesce(ended.approved_at::timestamptz, known.approved_at),
                valid_until = coalesce(ended.valid_until::timestamptz, known.valid_until)
            FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
                AS ended (id, state, actor, reason, approved_at, valid_until, decided_at)
            WHERE known.proposal_id = ended.id::uuid
            RETURNING known.proposal_id AS id, known.decided_at
            """,
            [
                .packed(endings.map(\.id)), .packed(endings.map(\.state.rawValue)),
                .packed(endings.map(\.actor)), .packedTextArray(endings.map(\.reason)),
                .packedTextArray(endings.map { $0.approval?.at.rfc3339 }),
                .packedTextArray(endings.map { $0.approval?.validUntil.rfc3339 }),
                .packedTextArray(endings.map { $0.decidedAt?.rfc3339 }),
            ]
        ) { (rows) throws(PostgresError) in
            var times: [Identifier: Timestamp] = [:]
            for row in rows { times[try row.identifier("id")] = try row.timestamp("decided_at") }
            return times
        }.notifying(ProposalNotice.channel)
    }

    /// Lowers the quantity of a pending proposal whose row is locked; its hash changes with it.
    package static func reduce(
        _ id: Identifier, qty: ExactDecimal, notional: ExactDecimal, canonicalOrder: String,
        orderHash: String,
        in session: PostgresSession
    ) throws(PostgresError) {
        _ = try session.execute(
            """
            UPDATE proposal_terms
            SET qty = $2, notional = $3, canonical_order = $4, order_hash = $5
            WHERE id = $1
            """,
            [
                id.postgresValue, qty.postgresValue, notional.postgresValue, .text(canonicalOrder),
                .text(orderHash),
            ])
    }

    /// Cancels what waits or is held and that the halt reaches, all of it or only that one; tells which.
    package static func cancelHalted(
        scope: String, target: String, allowsReducing: Bool, by actor: String, reason: String,
        only id: Identifier? = nil, in session: PostgresSession
    ) throws(PostgresError) -> [Identifier] {
        let rows = try session.query(
            """
            UPDATE proposal_states AS known
            SET state = 'cancelled', decided_by = $4, decided_at = clock_timestamp(), reason = $5
            FROM proposal_terms AS terms
            WHERE known.state IN ('pending', 'approved') AND terms.id = known.proposal_id
              AND ($6::uuid IS NULL OR known.proposal_id = $6)
              AND \(reach)
            RETURNING known.proposal_id AS id
            """,
            [
                .text(scope), .text(target), .bool(allowsReducing), .text(actor), .text(reason),
                .optional(id),
            ])
        return try rows.map { (row) throws(PostgresError) in try row.identifier("id") }
    }

    /// What a halt would cancel.
    package static func reached(
        scope: String, target: String, allowsReducing: Bool, in session: PostgresSession
    ) throws(PostgresError) -> [Identifier] {
        let rows = try session.query(
            """
            SELECT terms.id
            FROM proposal_states
            JOIN proposal_terms AS terms ON terms.id = proposal_states.proposal_id
            WHERE proposal_states.state IN ('pending', 'approved') AND \(reach)
            ORDER BY terms.id
            """, [.text(scope), .text(target), .bool(allowsReducing)])
        return try rows.map { (row) throws(PostgresError) in try row.identifier("id") }
    }

    /// Whether a halt reaches what was proposed on these `terms`.
    static let reach = """
        NOT ($3 AND terms.is_reducing)
              AND ($1 = 'account'
                OR ($1 = 'strategy' AND terms.strategy = $2)
                OR ($1 = 'symbol' AND terms.symbol = $2)
                OR ($1 = 'bot' AND terms.proposer_name = $2))
        """
}
