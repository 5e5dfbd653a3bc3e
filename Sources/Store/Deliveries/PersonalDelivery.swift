package import Domain
import JSON
package import Postgres

/// Messages for one person alone.
package enum PersonalDelivery {
    /// Queues a message for the person's own channels; where they have none, keeps it to be read at `/deliveries`.
    package static func enqueue(
        _ request: DeliveryRequest, to userID: Identifier, in session: PostgresSession
    ) throws(PostgresError) {
        try session.execute(
            """
            WITH target AS (
                SELECT id, id::text AS destination FROM channels WHERE user_id = $1 AND disabled_at IS NULL
            ), addressed AS (
                SELECT id, destination FROM target
                UNION ALL
                SELECT NULL, 'kept' WHERE NOT EXISTS (SELECT FROM target)
            )
            INSERT INTO deliveries (channel_id, destination, kind, priority, data, state)
            SELECT id, destination, $2, $3, $4, CASE WHEN id IS NULL THEN 'kept' ELSE 'queued' END
            FROM addressed
            """,
            [
                userID.postgresValue, .text(request.kind), request.priority.postgresValue,
                .text(JSONValue.object(request.data).serialized()),
            ])
        try session.notify(DeliveryQueue.notificationChannel)
    }
}
