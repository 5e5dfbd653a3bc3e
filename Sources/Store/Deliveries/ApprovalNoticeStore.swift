package import Domain
package import Postgres

/// What is said once about an approval that nobody gave yet.
package enum ApprovalNotice: String, Sendable, Hashable {
    case tenMinutes = "ten-minutes"
    case twoMinutes = "two-minutes"
    /// No channel had taken the request a minute after it was stored.
    case unheard
}

/// Finds waiting proposals that something is to be said about, and remembers that it was said: whoever takes one
/// has it alone, also where several servers look at once.
package enum ApprovalNoticeStore {
    /// Takes pending proposals that end within `minutes`, but not within `exceptMinutes`, and were given at least
    /// `minMinutes` in all; only where there is a channel to remind people through.
    package static func takeEnding(
        _ notice: ApprovalNotice, within minutes: Int, except exceptMinutes: Int, minMinutes: Int,
        limit: Int, in session: PostgresSession
    ) throws(PostgresError) -> [Identifier] {
        try session.query(
            """
            INSERT INTO approval_notices (proposal_id, notice)
            SELECT p.id, $1::text
            FROM proposal_states s
            JOIN proposal_terms p ON p.id = s.proposal_id
            WHERE s.state = 'pending'
              AND s.expires_at > statement_timestamp() + make_interval(mins => $3)
              AND s.expires_at <= statement_timestamp() + make_interval(mins => $2)
              AND s.expires_at - p.created_at >= make_interval(mins => $4)
              AND EXISTS (SELECT 1 FROM channels WHERE disabled_at IS NULL)
              AND NOT EXISTS (
                SELECT 1 FROM approval_notices n WHERE n.proposal_id = p.id AND n.notice = $1::text)
            ORDER BY s.expires_at
            LIMIT $5
            ON CONFLICT DO NOTHING
            RETURNING proposal_id
            """,
            [
                .text(notice.rawValue), minutes.postgresValue, exceptMinutes.postgresValue,
                minMinutes.postgresValue, limit.postgresValue,
            ]
        ).map { (row) throws(PostgresError) in try row.identifier("proposal_id") }
    }

    /// Takes pending proposals that were stored after `since` and at least `seconds` ago, and whose request was
    /// queued but taken by no channel.
    ///
    /// Each is looked up by itself: joined, a plan that is kept since there were few walks over all that waits.
    package static func takeUnheard(
        since: Timestamp, seconds: Int, limit: Int, in session: PostgresSession
    ) throws(PostgresError) -> [Identifier] {
        try session.query(
            """
            INSERT INTO approval_notices (proposal_id, notice)
            SELECT p.id, 'unheard'
            FROM proposal_terms p
            CROSS JOIN LATERAL (
                SELECT
                FROM proposal_states
                WHERE proposal_id = p.id AND state = 'pending' AND expires_at > statement_timestamp()
                LIMIT 1) AS waiting
            CROSS JOIN LATERAL (
                SELECT bool_or(kind = 'approval-requested' AND channel_id IS NOT NULL) AS is_queued,
                    bool_or(kind LIKE 'approval-%' AND state = 'sent') AS is_taken
                FROM deliveries
                WHERE proposal_id = p.id) AS request
            WHERE p.created_at > $1 AND p.created_at <= statement_timestamp() - make_interval(secs => $2)
              AND request.is_queued AND NOT request.is_taken
            ORDER BY p.created_at
            LIMIT $3
            ON CONFLICT DO NOTHING
            RETURNING proposal_id
            """, [since.postgresValue, seconds.postgresValue, limit.postgresValue]
        ).map { (row) throws(PostgresError) in try row.identifier("proposal_id") }
    }

    /// The channels in use that do not have the request of a proposal still waiting for them.
    package static func otherChannels(
        for proposalID: Identifier, in session: PostgresSession
    ) throws(PostgresError) -> [Identifier] {
        try session.query(
            """
            SELECT c.id
            FROM channels c
            WHERE c.disabled_at IS NULL
              AND NOT EXISTS (
                SELECT 1
                FROM deliveries d
                WHERE d.proposal_id = $1 AND d.destination = c.id::text AND d.kind = 'approval-requested'
                  AND d.state = 'queued')
            """, [proposalID.postgresValue]
        ).map { (row) throws(PostgresError) in try row.identifier("id") }
    }

    /// Those of these proposals that were found to have reached nobody, and still have not.
    package static func unheard(among proposals: [Identifier]) -> PostgresReading<Set<Identifier>> {
        PostgresReading(
            """
            SELECT n.proposal_id
            FROM approval_notices n
            WHERE n.proposal_id = ANY ($1::uuid[]) AND n.notice = 'unheard'
              AND NOT EXISTS (
                SELECT 1
                FROM deliveries d
                WHERE d.proposal_id = n.proposal_id AND d.kind LIKE 'approval-%' AND d.state = 'sent')
            """, [.texts(proposals)]
        ) { (rows) throws(PostgresError) in
            Set(try rows.map { (row) throws(PostgresError) in try row.identifier("proposal_id") })
        }
    }
}
