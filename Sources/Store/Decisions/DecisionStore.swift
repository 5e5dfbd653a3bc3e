package import Domain
package import Postgres

/// One person's verdict on one proposal.
package struct DecisionRecord: Sendable, Hashable {
    package let proposalID: Identifier
    package let userID: Identifier
    package let userName: String
    package let verdict: Verdict
    package let orderHash: String
    package let comment: String?
    package let method: ProofMethod
    package let decidedAt: Timestamp

    /// A decision as given.
    package init(
        proposalID: Identifier, userID: Identifier, userName: String, verdict: Verdict, orderHash: String,
        comment: String?, method: ProofMethod, decidedAt: Timestamp
    ) {
        self.proposalID = proposalID
        self.userID = userID
        self.userName = userName
        self.verdict = verdict
        self.orderHash = orderHash
        self.comment = comment
        self.method = method
        self.decidedAt = decidedAt
    }
}

/// A decision about to be recorded.
package struct NewDecision: Sendable {
    package let id: Identifier
    package let proposalID: Identifier
    package let userID: Identifier
    package let verdict: Verdict
    package let orderHash: String
    package let comment: String?
    package let method: ProofMethod

    /// A decision.
    package init(
        id: Identifier, proposalID: Identifier, userID: Identifier, verdict: Verdict, orderHash: String,
        comment: String?, method: ProofMethod
    ) {
        self.id = id
        self.proposalID = proposalID
        self.userID = userID
        self.verdict = verdict
        self.orderHash = orderHash
        self.comment = comment
        self.method = method
    }
}

/// What a person may approve, in USD; nil where there is no limit.
package struct ApprovalLimits: Sendable, Hashable {
    /// At once.
    package let single: ExactDecimal?
    /// In a day of New York.
    package let day: ExactDecimal?
    /// What of the day's is used up.
    package var usedToday: ExactDecimal
}

/// Records and finds decisions.
package enum DecisionStore {
    /// Records decisions, one for each proposal, and tells when, by the database's clock.
    ///
    /// The guard refuses what may not be, and then none is recorded.
    package static func record(_ decisions: [NewDecision]) -> PostgresReading<[Identifier: Timestamp]> {
        PostgresReading(
            """
            INSERT INTO decisions (id, proposal_id, user_id, verdict, order_hash, comment, method)
            SELECT id::uuid, proposal_id::uuid, user_id::uuid, verdict, order_hash, comment, method
            FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
                AS new (id, proposal_id, user_id, verdict, order_hash, comment, method)
            RETURNING proposal_id, decided_at
            """,
            [
                .packed(decisions.map(\.id)), .packed(decisions.map(\.proposalID)),
                .packed(decisions.map(\.userID)), .packed(decisions.map(\.verdict.rawValue)),
                .packed(decisions.map(\.orderHash)), .packedTextArray(decisions.map(\.comment)),
                .packed(decisions.map(\.method.rawValue)),
            ]
        ) { (rows) throws(PostgresError) in
            var times: [Identifier: Timestamp] = [:]
            for row in rows { times[try row.identifier("proposal_id")] = try row.timestamp("decided_at") }
            return times
        }
    }

    /// The decisions on these proposals, the earliest first.
    package static func list(
        for proposals: [Identifier], in session: PostgresSession
    ) throws(PostgresError) -> [DecisionRecord] {
        proposals.isEmpty ? [] : try session.read(list(for: proposals))
    }

    /// `list`, among other statements.
    package static func list(for proposals: [Identifier]) -> PostgresReading<[DecisionRecord]> {
        PostgresReading(
            """
            SELECT d.proposal_id, d.user_id, u.name, d.verdict, d.order_hash, d.comment, d.method, d.decided_at
            FROM decisions d
            JOIN users u ON u.id = d.user_id
            WHERE d.proposal_id = ANY ($1::uuid[])
            ORDER BY d.decided_at
            """, [.texts(proposals)]
        ) { (rows) throws(PostgresError) in
            try rows.map { (row) throws(PostgresError) in
                DecisionRecord(
                    proposalID: try row.identifier("proposal_id"), userID: try row.identifier("user_id"),
                    userName: try row.text("name"), verdict: try row.word("verdict"),
                    orderHash: try row.text("order_hash"), comment: try row.optionalText("comment"),
                    method: try row.word("method"), decidedAt: try row.timestamp("decided_at"))
            }
        }
    }

    /// What these people have limits for: the largest single approval and the day's sum (New York), and what of the
    /// latter is used up, all in USD.
    ///
    /// After `lockDailyLimits`: two approvals by one person at once must not both see what was used before them.
    package static func approvalLimits(of people: [Identifier]) -> PostgresReading<
        [Identifier: ApprovalLimits]
    > {
        PostgresReading(
            """
            SELECT u.id, u.max_notional, u.max_notional_per_day, coalesce((
                SELECT sum(p.notional)
                FROM decisions d
                JOIN proposal_terms p ON p.id = d.proposal_id
                WHERE d.user_id = u.id AND d.verdict = 'approve'
                  AND u.max_notional_per_day IS NOT NULL
                  AND d.decided_at >= date_trunc('day', now() AT TIME ZONE 'America/New_York') AT TIME ZONE 'America/New_York'
                ), 0) AS used_today
            FROM users u
            WHERE u.id = ANY ($1::uuid[])
            """, [.texts(people)]
        ) { (rows) throws(PostgresError) in
            var limits: [Identifier: ApprovalLimits] = [:]
            for row in rows {
                limits[try row.identifier("id")] = ApprovalLimits(
                    single: try row.optionalDecimal("max_notional"),
                    day: try row.optionalDecimal("max_notional_per_day"),
                    usedToday: try row.decimal("used_today"))
            }
            return limits
        }
    }

    /// Has approvals of people with a limit for the day wait for each other; where there is none there is nothing to use
    /// up, and nobody waits.
    package static func lockDailyLimits(of people: [Identifier]) -> PostgresReading<Void> {
        PostgresReading(
            """
            SELECT
            FROM users
            WHERE id = ANY ($1::uuid[]) AND max_notional_per_day IS NOT NULL
            ORDER BY id
            FOR NO KEY UPDATE
            """, [.texts(people)])
    }
}
