package import Domain
package import Postgres

/// Tells which proposals do not wait any more.
package enum ProposalWatch {
    /// Those of these proposals that are not pending.
    package static func decided(
        among ids: [Identifier], in session: PostgresSession
    ) throws(PostgresError) -> [Identifier] {
        guard !ids.isEmpty else { return [] }
        let rows = try session.query(
            """
            SELECT proposal_id AS id
            FROM proposal_states
            WHERE proposal_id = ANY ($1::uuid[])
              AND state <> 'pending'
            """, [.texts(ids)])
        return try rows.map { (row) throws(PostgresError) in try row.identifier("id") }
    }
}
