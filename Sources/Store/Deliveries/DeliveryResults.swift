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

/// How fast a destination takes messages where it does not say so itself.
package struct Pace: Sendable, Hashable {
    /// The share of time that each message fills.
    package let secondsEach: Double
    /// So much may be filled ahead of time.
    package let burstSeconds: Double

    /// A pace.
    package init(secondsEach: Double, burstSeconds: Double) {
        self.secondsEach = secondsEach
        self.burstSeconds = burstSeconds
    }
}

/// Writes down what became of messages.
package enum DeliveryResults {
    /// Records a result and frees the lane, after a rest of `pauseSeconds`; false where the message was lost to
    /// somebody else meanwhile, and nothing changed.
    package static func record(
        _ result: DeliveryResult, of record: DeliveryRecord, pauseSeconds: Double = 0, pace: Pace? = nil,
        in session: PostgresSession
    ) throws(PostgresError) -> Bool {
        guard try save(result, of: record, in: session) else { return false }
        guard let channelID = record.channelID else { return true }
        let seconds = PostgresValue.text(String(pauseSeconds))
        switch result {
        case .sent:
            _ = try session.execute(
                freeAfterSuccessSQL,
                [
                    channelID.postgresValue, seconds, .text(String(pace?.secondsEach ?? 0)),
                    .text(String(pace?.burstSeconds ?? 0)),
                ])
        case .retry:
            _ = try session.execute(
                """
                UPDATE channels
                SET lane_free_at = clock_timestamp() + make_interval(secs => $2::float8), failures = failures + 1,
                    failing_since = coalesce(failing_since, clock_timestamp())
                WHERE id = $1
                """, [channelID.postgresValue, seconds])
        case .dead, .dropped:
            _ = try session.execute(
                """
                UPDATE channels
                SET lane_free_at = clock_timestamp() + make_interval(secs => $2::float8)
                WHERE id = $1
                """, [channelID.postgresValue, seconds])
        }
        return true
    }

    /// Each message fills the pace by its seconds; the lane rests for what exceeds the burst.
    private static let freeAfterSuccessSQL = """
        UPDATE channels
        SET failures = 0, failing_since = NULL, paced_until = filled.until,
            lane_free_at = clock_timestamp() + greatest(
                make_interval(secs => $2::float8),
                filled.until - clock_timestamp() - make_interval(secs => $4::float8))
        FROM (
            SELECT greatest(paced_until, clock_timestamp()) + make_interval(secs => $3::float8) AS until
            FROM channels
            WHERE id = $1) AS filled
        WHERE id = $1
        """

    /// Records that the worker took these, each with what it answered; tells which were still ours to end.
    ///
    /// Each is looked up by itself, without its state: a plan that is kept must not walk over all that is queued.
    package static func recordTaken(
        _ taken: [(record: DeliveryRecord, receipt: JSONObject)]
    ) -> PostgresReading<Set<Identifier>> {
        let taken = taken.sorted { $0.record.id.text < $1.record.id.text }
        return PostgresReading(
            """
            UPDATE deliveries
            SET state = 'sent', finished_at = clock_timestamp(), last_error = NULL, receipt = taken.receipt::jsonb
            FROM unnest($1::text[], $2::integer[], $3::text[]) AS taken (id, attempts, receipt)
            CROSS JOIN LATERAL (
                SELECT id, attempts, state
                FROM deliveries
                WHERE id = taken.id::uuid
                LIMIT 1
                FOR UPDATE) AS known
            WHERE deliveries.id = known.id AND known.attempts = taken.attempts AND known.state = 'queued'
            RETURNING deliveries.id
            """,
            [
                .packed(taken.map(\.record.id)), .ints(taken.map(\.record.attempts)),
                .packed(taken.map { JSONValue.object($0.receipt).serialized() }),
            ]
        ) { (rows) throws(PostgresError) in
            var ended: Set<Identifier> = []
            for row in rows { ended.insert(try row.identifier("id")) }
            return ended
        }
    }

    /// Ends messages whose news another message has just shown.
    package static func dropSuperseded(
        _ ids: [Identifier], reason: String, in session: PostgresSession
    ) throws(PostgresError) {
        guard !ids.isEmpty else { return }
        _ = try session.execute(
            """
            UPDATE deliveries
            SET state = 'dropped', finished_at = clock_timestamp(), last_error = $2
            WHERE id = ANY ($1::uuid[]) AND state = 'queued'
            """, [.texts(ids), .text(reason)])
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

    /// Frees lanes and messages whose moment lies further ahead than any pause or delay can have put it, as after a
    /// clock was set back; tells how many.
    package static func freeStuck(in session: PostgresSession) throws(PostgresError) -> Int {
        let lanes = try session.execute(
            """
            UPDATE channels
            SET lane_free_at = clock_timestamp(), paced_until = NULL
            WHERE lane_free_at > clock_timestamp() + interval '2 hours'
            """)
        let messages = try session.execute(
            """
            UPDATE deliveries
            SET next_attempt_at = clock_timestamp()
            WHERE state = 'queued' AND next_attempt_at > clock_timestamp() + interval '2 hours'
            """)
        return lanes + messages
    }
}
