// How several servers send from one outbox. A channel's row is its lane: whoever moves `lane_free_at` into the
// future sends the lane's first message, alone; whoever dies on the way loses the lane when that time comes. The
// number of attempts is the fence: who comes back after losing a message changes nothing.

package import Postgres

/// A message taken to be sent now.
package struct ClaimedDelivery: Sendable, Hashable {
    package let record: DeliveryRecord
    /// The channel it goes to; nil for the worker.
    package let destination: DestinationRecord?
}

/// Takes messages to be sent, and writes down what became of them.
package enum DeliveryClaims {
    /// Takes the first message of up to `limit` free lanes, for `leaseSeconds`.
    package static func takeFromLanes(
        limit: Int, leaseSeconds: Int, in session: PostgresSession
    ) throws(PostgresError) -> [ClaimedDelivery] {
        let rows = try session.query(takeFromLanesSQL, [.int(Int64(limit)), .int(Int64(leaseSeconds))])
        return try claimed(rows, in: session)
    }

    /// Takes up to `limit` messages to the worker, for `leaseSeconds`.
    package static func takeForWorker(
        limit: Int, leaseSeconds: Int, in session: PostgresSession
    ) throws(PostgresError) -> [ClaimedDelivery] {
        let rows = try session.query(
            """
            UPDATE deliveries
            SET attempts = attempts + 1, next_attempt_at = clock_timestamp() + make_interval(secs => $2)
            WHERE id IN (
                SELECT id
                FROM deliveries
                WHERE destination = 'worker' AND state = 'queued' AND next_attempt_at <= clock_timestamp()
                ORDER BY priority, sequence
                LIMIT $1
                FOR UPDATE SKIP LOCKED)
            RETURNING id
            """, [.int(Int64(limit)), .int(Int64(leaseSeconds))])
        return try claimed(rows, in: session)
    }

    private static let takeFromLanesSQL = """
        WITH lane AS (
            SELECT c.id
            FROM channels c
            WHERE c.disabled_at IS NULL AND c.lane_free_at <= clock_timestamp()
              AND EXISTS (
                SELECT 1
                FROM deliveries d
                WHERE d.destination = c.id::text AND d.state = 'queued'
                  AND d.next_attempt_at <= clock_timestamp())
            LIMIT $1
            FOR NO KEY UPDATE OF c SKIP LOCKED
        ), head AS (
            SELECT first.id, lane.id AS channel_id
            FROM lane
            CROSS JOIN LATERAL (
                SELECT d.id
                FROM deliveries d
                WHERE d.destination = lane.id::text AND d.state = 'queued'
                  AND d.next_attempt_at <= clock_timestamp()
                ORDER BY d.priority, d.sequence
                LIMIT 1
                FOR UPDATE SKIP LOCKED) AS first
        ), taken AS (
            UPDATE channels
            SET lane_free_at = clock_timestamp() + make_interval(secs => $2)
            FROM head
            WHERE channels.id = head.channel_id
        )
        UPDATE deliveries
        SET attempts = attempts + 1, next_attempt_at = clock_timestamp() + make_interval(secs => $2)
        FROM head
        WHERE deliveries.id = head.id
        RETURNING deliveries.id
        """

    private static func claimed(
        _ rows: PostgresRows, in session: PostgresSession
    ) throws(PostgresError) -> [ClaimedDelivery] {
        let ids = try rows.map { (row) throws(PostgresError) in try row.identifier("id") }
        let records = try DeliveryQueries.find(ids, in: session)
        let channels = try DestinationStore.find(Array(Set(records.compactMap(\.channelID))), in: session)
        return records.map { record in
            ClaimedDelivery(record: record, destination: channels.first { $0.id == record.channelID })
        }
    }

    /// Seconds until something may be due that is not now, by the database's clock; nil where nothing waits.
    package static func secondsToNext(in session: PostgresSession) throws(PostgresError) -> Double? {
        try session.query(
            """
            SELECT extract(epoch FROM least(
                (SELECT min(next_attempt_at) FROM deliveries
                    WHERE state = 'queued' AND next_attempt_at > clock_timestamp()),
                (SELECT min(lane_free_at) FROM channels
                    WHERE disabled_at IS NULL AND lane_free_at > clock_timestamp())
                ) - clock_timestamp()) AS seconds
            """
        ).only().optionalValue("seconds") { Double($0) }
    }
}
