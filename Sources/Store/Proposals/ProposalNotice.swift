package import Postgres

/// Wakes whoever waits for a change of proposals, once the transaction is committed.
package enum ProposalNotice {
    /// The channel to listen to.
    package static let channel = "countersign_proposals"

    /// The statement of `send`, for callers that pipeline it.
    package static let sql = "SELECT pg_notify('\(channel)', '')"

    /// Wakes the listeners at commit.
    package static func send(in session: PostgresSession) throws(PostgresError) {
        _ = try session.query(sql)
    }
}
