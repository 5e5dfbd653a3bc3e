package import Domain
package import Postgres

/// Which messages a list shows.
package struct DeliveryFilter: Sendable, Hashable {
    package var state: DeliveryState?
    package var proposalID: Identifier?
    package var channelID: Identifier?

    /// A filter.
    package init(
        state: DeliveryState? = nil, proposalID: Identifier? = nil, channelID: Identifier? = nil
    ) {
        self.state = state
        self.proposalID = proposalID
        self.channelID = channelID
    }
}

/// Finds messages.
package enum DeliveryQueries {
    /// The message of that identity.
    package static func find(_ id: Identifier, in session: PostgresSession) throws(PostgresError)
        -> DeliveryRecord?
    {
        try find([id], in: session).first
    }

    /// The messages of these identities, in the order in which they were queued.
    package static func find(
        _ ids: [Identifier], in session: PostgresSession
    ) throws(PostgresError) -> [DeliveryRecord] {
        guard !ids.isEmpty else { return [] }
        return try session.query(
            """
            SELECT \(DeliveryRecord.columns) \(DeliveryRecord.source)
            WHERE d.id = ANY ($1::uuid[]) ORDER BY d.sequence
            """, [.texts(ids)]
        ).map { (row) throws(PostgresError) in try DeliveryRecord(row) }
    }

    /// Which kinds of message wait for a destination about a subject, in their order.
    package static func waiting(
        for destination: String, about subject: String, in session: PostgresSession
    ) throws(PostgresError) -> [(id: Identifier, kind: String)] {
        try session.query(
            """
            SELECT id, kind
            FROM deliveries
            WHERE destination = $1 AND subject = $2 AND state = 'queued'
            ORDER BY sequence
            """, [.text(destination), .text(subject)]
        ).map { (row) throws(PostgresError) in (try row.identifier("id"), try row.text("kind")) }
    }

    /// Messages from the newest to the oldest, those before a place in the sequence.
    package static func list(
        _ filter: DeliveryFilter = DeliveryFilter(), before sequence: Int? = nil, limit: Int,
        in session: PostgresSession
    ) throws(PostgresError) -> [DeliveryRecord] {
        var conditions: [String] = []
        var parameters: [PostgresValue] = []
        func add(_ column: String, _ sign: String, _ value: PostgresValue?) {
            guard let value else { return }
            parameters.append(value)
            conditions.append("\(column) \(sign) $\(parameters.count)")
        }
        add("d.state", "=", filter.state?.rawValue.postgresValue)
        add("d.proposal_id", "=", filter.proposalID?.postgresValue)
        add("d.channel_id", "=", filter.channelID?.postgresValue)
        add("d.sequence", "<", sequence?.postgresValue)
        parameters.append(.int(Int64(limit)))
        let condition = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        return try session.query(
            """
            SELECT \(DeliveryRecord.columns) \(DeliveryRecord.source) \(condition)
            ORDER BY d.sequence DESC LIMIT $\(parameters.count)
            """, parameters
        ).map { (row) throws(PostgresError) in try DeliveryRecord(row) }
    }

    /// How many messages wait, and how many were given up.
    ///
    /// What was sent is not counted: it only ever grows.
    package static func counts(in session: PostgresSession) throws(PostgresError) -> (queued: Int, dead: Int)
    {
        let row = try session.query(
            """
            SELECT count(*) FILTER (WHERE state = 'queued') AS queued, count(*) FILTER (WHERE state = 'dead') AS dead
            FROM deliveries
            WHERE state IN ('queued', 'dead')
            """
        ).only()
        return (try row.int("queued"), try row.int("dead"))
    }
}
