package import Postgres

/// Wakes whoever waits for a change of proposals, once the transaction is committed.
package enum ProposalNotice {
    /// The channel to listen to.
    package static let channel = "countersign_proposals"

    /// Wakes the listeners at commit.
    package static func send(in session: PostgresSession) throws(PostgresError) {
        try session.notify(channel)
    }
}
