package import Domain
package import Postgres

/// When a channel last took a message, and when it last failed for good.
package struct ChannelActivity: Sendable, Hashable {
    package let lastSuccess: Timestamp?
    package let lastFailure: Timestamp?
    package let lastError: String?

    /// Of every channel, by its identity.
    package static func read(in session: PostgresSession) throws(PostgresError) -> [Identifier:
        ChannelActivity]
    {
        let rows = try session.query(
            """
            SELECT c.id, sent.finished_at AS last_success, dead.finished_at AS last_failure, dead.last_error
            FROM channels AS c
            LEFT JOIN LATERAL (
                SELECT d.finished_at
                FROM deliveries AS d
                WHERE d.channel_id = c.id
                  AND d.state = 'sent'
                ORDER BY d.finished_at DESC
                LIMIT 1) AS sent ON true
            LEFT JOIN LATERAL (
                SELECT d.finished_at, d.last_error
                FROM deliveries AS d
                WHERE d.channel_id = c.id
                  AND d.state = 'dead'
                ORDER BY d.finished_at DESC
                LIMIT 1) AS dead ON true
            """)
        var found: [Identifier: ChannelActivity] = [:]
        for row in rows {
            found[try row.identifier("id")] = ChannelActivity(
                lastSuccess: try row.optionalTimestamp("last_success"),
                lastFailure: try row.optionalTimestamp("last_failure"),
                lastError: try row.optionalText("last_error"))
        }
        return found
    }
}
