package import Domain
package import JSON
package import Postgres

/// What became of an attempt.
package enum DeliveryResult: Sendable, Hashable {
    case sent(receipt: JSONObject)
    case retry(afterSeconds: Double, error: String)
    case dead(error: String)
    case dropped(reason: String)
}

/// Writes down what became of messages.
package enum DeliveryResults {
    /// Records a result and frees the lane, after a rest of `pauseSeconds`; false where the message was lost to
    /// somebody else meanwhile, and nothing changed.
    package static func record(
        _ result: DeliveryResult, of record: DeliveryRecord, pauseSeconds: Double = 0,
        in session: PostgresSession
    ) throws(PostgresError) -> Bool {
        guard try save(result, of: record, in: session) else { return false }
        if let channelID = record.channelID {
            _ = try session.execute(
                """
                UPDATE channels
                SET lane_free_at = clock_timestamp() + make_interval(secs => $2::float8)
                WHERE id = $1
                """, [channelID.postgresValue, .text(String(pauseSeconds))])
        }
        return true
    }

    private static func save(
        _ result: DeliveryResult, of record: DeliveryRecord, in session: PostgresSession
    ) throws(PostgresError) -> Bool {
        switch result {
        case .sent(let receipt):
            try end(record, as: .sent, error: nil, receipt: .object(receipt), in: session)
        case .dead(let error): try end(record, as: .dead, error: error, in: session)
        case .dropped(let reason): try end(record, as: .dropped, error: reason, in: session)
        case .retry(let seconds, let error):
            try session.execute(
                """
                UPDATE deliveries
                SET next_attempt_at = clock_timestamp() + make_interval(secs => $3::float8), last_error = $4
                WHERE id = $1 AND attempts = $2 AND state = 'queued'
                """,
                [
                    record.id.postgresValue, record.attempts.postgresValue, .text(String(seconds)),
                    .text(error),
                ]) == 1
        }
    }

    private static func end(
        _ record: DeliveryRecord, as state: DeliveryState, error: String?, receipt: JSONValue? = nil,
        in session: PostgresSession
    ) throws(PostgresError) -> Bool {
        try session.execute(
            """
            UPDATE deliveries
            SET state = $3, finished_at = clock_timestamp(), last_error = $4, receipt = coalesce($5, receipt)
            WHERE id = $1 AND attempts = $2 AND state = 'queued'
            """,
            [
                record.id.postgresValue, record.attempts.postgresValue, .text(state.rawValue),
                .optional(error), .optional(receipt),
            ]) == 1
    }

    /// Gives up what was not sent in time, and what waits for a channel that was taken out of use.
    package static func giveUpStale(limit: Int, in session: PostgresSession) throws(PostgresError) -> Int {
        try session.execute(
            """
            UPDATE deliveries
            SET state = 'dead', finished_at = clock_timestamp(),
                last_error = coalesce(last_error || ' ', '') || 'Not sent in time.'
            WHERE id IN (
                SELECT d.id
                FROM deliveries d
                LEFT JOIN channels c ON c.id = d.channel_id
                WHERE d.state = 'queued' AND d.next_attempt_at <= clock_timestamp()
                  AND (d.not_after <= clock_timestamp() OR c.disabled_at IS NOT NULL)
                LIMIT $1
                FOR UPDATE OF d SKIP LOCKED)
            """, [.int(Int64(limit))])
    }

    /// Queues a message again that was given up, as if it had never been tried; false where it was not.
    package static func revive(_ id: Identifier, in session: PostgresSession) throws(PostgresError) -> Bool {
        let rows = try session.query(
            """
            WITH revived AS (
                UPDATE deliveries
                SET state = 'queued', finished_at = NULL, attempts = 0, next_attempt_at = clock_timestamp()
                WHERE id = $1 AND state = 'dead'
                RETURNING id
            )
            SELECT pg_notify('\(DeliveryQueue.notificationChannel)', '') FROM revived
            """, [id.postgresValue])
        return rows.count == 1
    }
}
