package import Domain
package import Postgres

/// The messages that were given up.
package enum DeadLetterStore {
    /// Worth sending again: in time, and not a question that is settled.
    private static let isUseful = """
        (d.not_after IS NULL OR d.not_after > clock_timestamp())
          AND (d.kind NOT LIKE 'approval-%' OR p.state IS NOT DISTINCT FROM 'pending')
        """

    /// How many messages to a destination were given up: those worth sending again, and the others.
    package static func count(
        of destination: String, in session: PostgresSession
    ) throws(PostgresError) -> (useful: Int, late: Int) {
        let row = try session.query(
            """
            SELECT count(*) FILTER (WHERE \(isUseful)) AS useful,
                count(*) FILTER (WHERE (\(isUseful)) IS NOT TRUE) AS late
            FROM deliveries d
            LEFT JOIN proposal_states p ON p.proposal_id = d.proposal_id
            WHERE d.destination = $1 AND d.state = 'dead'
            """, [.text(destination)]
        ).only()
        return (try row.int("useful"), try row.int("late"))
    }

    /// Which destinations have messages that were given up, and how many, by name.
    package static func destinations(
        in session: PostgresSession
    ) throws(PostgresError) -> [(destination: String, name: String, count: Int)] {
        try session.query(
            """
            SELECT d.destination, coalesce(c.name, d.destination) AS name, count(*) AS count
            FROM deliveries d
            LEFT JOIN channels c ON c.id = d.channel_id
            WHERE d.state = 'dead' AND (d.channel_id IS NULL OR c.disabled_at IS NULL)
            GROUP BY d.destination, coalesce(c.name, d.destination)
            ORDER BY 2
            """
        ).map { (row) throws(PostgresError) in
            (try row.text("destination"), try row.text("name"), try row.int("count"))
        }
    }

    /// Queues a message again that was given up, as if it had never been tried; false where it was not.
    package static func revive(_ id: Identifier, in session: PostgresSession) throws(PostgresError) -> Bool {
        let count = try session.execute(
            """
            UPDATE deliveries
            SET state = 'queued', finished_at = NULL, attempts = 0, next_attempt_at = clock_timestamp()
            WHERE id = $1 AND state = 'dead'
            """, [id.postgresValue])
        try session.notify(DeliveryQueue.notificationChannel)
        return count == 1
    }

    /// Queues all messages to a destination again that were given up and are worth it; tells how many.
    package static func reviveAll(
        of destination: String, in session: PostgresSession
    ) throws(PostgresError) -> Int {
        let count = try session.execute(
            """
            UPDATE deliveries
            SET state = 'queued', finished_at = NULL, attempts = 0, next_attempt_at = clock_timestamp()
            WHERE id IN (
                SELECT d.id
                FROM deliveries d
                LEFT JOIN proposal_states p ON p.proposal_id = d.proposal_id
                WHERE d.destination = $1 AND d.state = 'dead' AND \(isUseful)
                FOR UPDATE OF d)
            """, [.text(destination)])
        try session.notify(DeliveryQueue.notificationChannel)
        return count
    }
}
