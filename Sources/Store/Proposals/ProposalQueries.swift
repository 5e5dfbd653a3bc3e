package import Domain
package import Postgres

/// Which proposals a list shows.
package struct ProposalFilter: Sendable, Hashable {
    package var state: ProposalState?
    package var symbol: String?
    package var strategy: String?
    /// Only those of one key.
    package var proposerKeyID: Identifier?
    /// Only those proposed from this time on, and before that one.
    package var from: Timestamp?
    package var before: Timestamp?
    /// Only those that a person of this name decided on.
    package var decider: String?

    /// A filter.
    package init(
        state: ProposalState? = nil, symbol: String? = nil, strategy: String? = nil,
        proposerKeyID: Identifier? = nil
    ) {
        self.state = state
        self.symbol = symbol
        self.strategy = strategy
        self.proposerKeyID = proposerKeyID
    }
}

/// Finds proposals.
package enum ProposalQueries {
    private static let source = "FROM proposals p LEFT JOIN orders o ON o.proposal_id = p.id"
    /// On both sides of the view: a plan that is kept since there were few would walk over all states for each.
    private static let amongThese = "p.id = ANY ($1::uuid[]) AND p.proposal_id = ANY ($1::uuid[])"

    /// The proposal of that identity.
    package static func find(_ id: Identifier, in session: PostgresSession) throws(PostgresError)
        -> ProposalRecord?
    {
        try session.query(
            "SELECT \(ProposalRecord.columns) \(source) WHERE p.id = $1", [id.postgresValue]
        ).first.map { (row) throws(PostgresError) in try ProposalRecord(row) }
    }

    /// The proposals of these identities, in any order.
    package static func find(
        _ ids: [Identifier], in session: PostgresSession
    ) throws(PostgresError) -> [ProposalRecord] {
        ids.isEmpty ? [] : try session.read(find(ids))
    }

    /// `find`, among other statements.
    package static func find(_ ids: [Identifier]) -> PostgresReading<[ProposalRecord]> {
        PostgresReading(
            "SELECT \(ProposalRecord.columns) \(source) WHERE \(amongThese)", [.texts(ids)]
        ) { (rows) throws(PostgresError) in
            try rows.map { (row) throws(PostgresError) in try ProposalRecord(row) }
        }
    }

    /// The proposal of that identity, its row locked until the transaction ends.
    package static func lock(_ id: Identifier, in session: PostgresSession) throws(PostgresError)
        -> ProposalRecord?
    {
        try session.read(lock(id))
    }

    /// `lock`, among other statements.
    package static func lock(_ id: Identifier) -> PostgresReading<ProposalRecord?> {
        PostgresReading(
            "SELECT \(ProposalRecord.columns) \(source) WHERE p.id = $1 FOR UPDATE OF p", [id.postgresValue]
        ) { (rows) throws(PostgresError) in
            try rows.first.map { (row) throws(PostgresError) in try ProposalRecord(row) }
        }
    }

    /// Locks these proposals, always in the same order so that two who lock several never wait for each other in a circle.
    package static func lock(_ ids: [Identifier]) -> PostgresReading<[Identifier: ProposalRecord]> {
        PostgresReading(
            "SELECT \(ProposalRecord.columns) \(source) WHERE \(amongThese) ORDER BY p.id FOR UPDATE OF p",
            [.texts(ids)]
        ) { (rows) throws(PostgresError) in
            var records: [Identifier: ProposalRecord] = [:]
            for row in rows {
                let record = try ProposalRecord(row)
                records[record.id] = record
            }
            return records
        }
    }

    /// What was stored under an idempotency key.
    package struct StoredRequest: Sendable, Hashable {
        /// The proposer's key.
        package let keyID: Identifier
        package let idempotencyKey: String
        package let id: Identifier
        package let requestHash: [UInt8]
    }

    /// The proposals that were stored under idempotency keys.
    ///
    /// `keys` are pairs of the proposer's key and what it sent as `Idempotency-Key`.
    package static func stored(
        under keys: [(keyID: Identifier, idempotencyKey: String)]
    ) -> PostgresReading<[StoredRequest]> {
        PostgresReading(
            """
            SELECT asked.key_id, asked.idempotency_key, stored.id, stored.request_hash
            FROM unnest($1::uuid[], $2::text[]) AS asked (key_id, idempotency_key)
            CROSS JOIN LATERAL (
                SELECT id, request_hash
                FROM proposal_terms
                WHERE proposer_key_id = asked.key_id AND idempotency_key = asked.idempotency_key
                LIMIT 1) AS stored
            """,
            [.texts(keys.map(\.keyID)), .texts(keys.map(\.idempotencyKey))]
        ) { (rows) throws(PostgresError) in
            try rows.map { (row) throws(PostgresError) in
                StoredRequest(
                    keyID: try row.identifier("key_id"), idempotencyKey: try row.text("idempotency_key"),
                    id: try row.identifier("id"), requestHash: try row.bytes("request_hash"))
            }
        }
    }

    /// Proposals from the newest to the oldest, those before a place in the sequence.
    package static func list(
        _ filter: ProposalFilter, before sequence: Int?, limit: Int, in session: PostgresSession
    ) throws(PostgresError) -> [ProposalRecord] {
        var conditions: [String] = []
        var parameters: [PostgresValue] = []
        func add(_ column: String, _ sign: String, _ value: PostgresValue?) {
            guard let value else { return }
            parameters.append(value)
            conditions.append("\(column) \(sign) $\(parameters.count)")
        }
        add("s.state", "=", filter.state?.rawValue.postgresValue)
        add("p.symbol", "=", filter.symbol?.postgresValue)
        add("p.strategy", "=", filter.strategy?.postgresValue)
        add("p.proposer_key_id", "=", filter.proposerKeyID?.postgresValue)
        add("p.created_at", ">=", filter.from?.postgresValue)
        add("p.created_at", "<", filter.before?.postgresValue)
        if let decider = filter.decider {
            parameters.append(.text(decider))
            conditions.append(
                """
                p.id IN (
                    SELECT d.proposal_id
                    FROM decisions d
                    JOIN users u ON u.id = d.user_id
                    WHERE lower(u.name) = lower($\(parameters.count)))
                """)
        }
        let order = filter.state == nil ? "p.sequence" : "s.sequence"
        let states = filter.state == nil ? "" : "JOIN proposal_states s ON s.proposal_id = p.id"
        add(order, "<", sequence?.postgresValue)
        parameters.append(.int(Int64(limit)))
        let condition = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        let rows = try session.query(
            """
            SELECT \(ProposalRecord.columns) \(source) \(states) \(condition)
            ORDER BY \(order) DESC LIMIT $\(parameters.count)
            """, parameters)
        return try rows.map { (row) throws(PostgresError) in try ProposalRecord(row) }
    }

    /// The approved proposals that are held, the first to run out first.
    package static func held(limit: Int, in session: PostgresSession) throws(PostgresError) -> [Identifier] {
        let rows = try session.query(
            """
            SELECT proposal_id
            FROM proposal_states
            WHERE state = 'approved'
            ORDER BY valid_until
            LIMIT $1
            """, [.int(Int64(limit))])
        return try rows.map { (row) throws(PostgresError) in try row.identifier("proposal_id") }
    }

    /// Seconds until the next pending proposal expires, by the database's clock; nil where nothing waits.
    ///
    /// The first of the index: a plan for `min` that is kept since there were few reads all of it.
    package static func secondsToNextDeadline(
        in session: PostgresSession
    ) throws(PostgresError) -> Double? {
        try session.query(
            """
            SELECT extract(epoch FROM expires_at - clock_timestamp()) AS seconds
            FROM proposal_states
            WHERE state = 'pending'
            ORDER BY expires_at
            LIMIT 1
            """
        ).first?.optionalValue("seconds") { Double($0) }
    }
}
