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
    /// Takes the first message of up to `limit` free lanes, for `leaseSeconds`; of those, at most `limitOfFailing`
    /// lanes whose last attempt failed, so that many dead destinations never take the place of a living one.
    package static func takeFromLanes(
        limit: Int, limitOfFailing: Int? = nil, leaseSeconds: Int, in session: PostgresSession
    ) throws(PostgresError) -> [ClaimedDelivery] {
        let rows = try session.query(
            takeFromLanesSQL,
            [.int(Int64(limit)), .int(Int64(leaseSeconds)), .int(Int64(limitOfFailing ?? limit))])
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

    /// The head of a lane is its most urgent message, or an earlier one about the same subject; what waits for its
    /// next attempt holds back what came after it about the same subject, and nothing else.
    private static let takeFromLanesSQL = """
        WITH sound AS (
            SELECT c.id
            FROM channels c
            WHERE c.failures = 0 AND \(isFree)
            LIMIT $1
            FOR NO KEY UPDATE OF c SKIP LOCKED
        ), failing AS (
            SELECT c.id
            FROM channels c
            WHERE c.failures > 0 AND \(isFree)
            LIMIT least($3::bigint, $1::bigint - (SELECT count(*) FROM sound))
            FOR NO KEY UPDATE OF c SKIP LOCKED
        ), lane AS (
            SELECT id FROM sound UNION ALL SELECT id FROM failing
        ), head AS (
            SELECT first.id, lane.id AS channel_id
            FROM lane
            CROSS JOIN LATERAL (
                SELECT d.subject, d.sequence
                FROM deliveries d
                WHERE d.destination = lane.id::text AND d.state = 'queued'
                  AND d.next_attempt_at <= clock_timestamp()
                  AND NOT EXISTS (
                    SELECT 1
                    FROM deliveries e
                    WHERE e.destination = d.destination AND e.subject = d.subject AND e.state = 'queued'
                      AND e.sequence < d.sequence AND e.next_attempt_at > clock_timestamp())
                ORDER BY d.priority, d.sequence
                LIMIT 1) AS urgent
            CROSS JOIN LATERAL (
                SELECT d.id
                FROM deliveries d
                WHERE d.destination = lane.id::text AND d.state = 'queued'
                  AND (d.sequence = urgent.sequence OR d.subject = urgent.subject)
                ORDER BY d.sequence
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

    private static let isFree = """
        c.disabled_at IS NULL AND c.lane_free_at <= clock_timestamp()
          AND EXISTS (
            SELECT 1
            FROM deliveries d
            WHERE d.destination = c.id::text AND d.state = 'queued'
              AND d.next_attempt_at <= clock_timestamp())
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
                (SELECT next_attempt_at FROM deliveries
                    WHERE state = 'queued' AND next_attempt_at > statement_timestamp() ORDER BY next_attempt_at LIMIT 1),
                (SELECT min(lane_free_at) FROM channels
                    WHERE disabled_at IS NULL AND lane_free_at > clock_timestamp())
                ) - clock_timestamp()) AS seconds
            """
        ).only().optionalValue("seconds") { Double($0) }
    }
}
