package import Domain
package import Postgres

/// What a try at a PIN meets.
package enum PINAttempt: Sendable, Hashable {
    /// It was counted and may be verified; this is the `number`th since the last right one.
    case counted(pinHash: String?, number: Int)
    /// Too many were wrong.
    case locked(until: Timestamp)
    /// Nobody in use has that identity.
    case nobody
}

/// Tries at PINs.
///
/// A try is counted before it is verified, so that no number of them at once gets past the limit.
package enum AttemptStore {
    /// Counts a try; the `limit`th in a row locks the person until it turns out to be right.
    package static func reserve(
        _ userID: Identifier, limit: Int, lockSeconds: Int, in session: PostgresSession
    ) throws(PostgresError) -> PINAttempt {
        let rows = try session.query(
            """
            UPDATE users
            SET failed_attempts = CASE WHEN locked_until IS NULL THEN failed_attempts + 1 ELSE 1 END,
                locked_until = CASE WHEN locked_until IS NULL AND failed_attempts + 1 >= $2::integer
                    THEN clock_timestamp() + make_interval(secs => $3::integer) END
            WHERE id = $1
              AND disabled_at IS NULL
              AND (locked_until IS NULL OR locked_until <= clock_timestamp())
            RETURNING pin_hash, failed_attempts
            """, [userID.postgresValue, limit.postgresValue, lockSeconds.postgresValue])
        if let row = rows.first {
            return .counted(
                pinHash: try row.optionalText("pin_hash"), number: try row.int("failed_attempts"))
        }
        return try whyNot(userID, in: session)
    }

    private static func whyNot(_ userID: Identifier, in session: PostgresSession) throws(PostgresError)
        -> PINAttempt
    {
        let rows = try session.query(
            """
            SELECT locked_until
            FROM users
            WHERE id = $1
              AND disabled_at IS NULL
              AND locked_until IS NOT NULL
            """, [userID.postgresValue])
        guard let row = rows.first else { return .nobody }
        return .locked(until: try row.timestamp("locked_until"))
    }

    /// Forgets the tries after a right one; nil where the PIN or the person changed in the meantime.
    package static func clear(
        _ userID: Identifier, verified pinHash: String, in session: PostgresSession
    ) throws(PostgresError) -> UserRecord? {
        let rows = try session.query(
            """
            UPDATE users
            SET failed_attempts = 0,
                locked_until = NULL
            WHERE id = $1
              AND pin_hash = $2
              AND disabled_at IS NULL
            RETURNING \(UserRecord.columns)
            """, [userID.postgresValue, .text(pinHash)])
        guard let row = rows.first else { return nil }
        return try UserRecord(row)
    }

    /// How many tries from an origin (an address, or a name that nobody has) were noted lately, and the last one.
    package static func recent(
        _ origin: String, withinSeconds seconds: Int, in session: PostgresSession
    ) throws(PostgresError) -> (count: Int, last: Timestamp?, now: Timestamp) {
        let row = try session.query(
            """
            SELECT count(*) AS count, max(failed_at) AS last, clock_timestamp() AS now
            FROM login_failures
            WHERE address = $1
              AND failed_at > clock_timestamp() - make_interval(secs => $2::integer)
            """, [.text(origin), seconds.postgresValue]
        ).only()
        return (try row.int("count"), try row.optionalTimestamp("last"), try row.timestamp("now"))
    }

    /// Notes a try and says when.
    package static func note(_ origin: String, in session: PostgresSession) throws(PostgresError) -> Timestamp
    {
        try session.query(
            """
            INSERT INTO login_failures (address)
            VALUES ($1)
            RETURNING failed_at
            """, [.text(origin)]
        ).only().timestamp("failed_at")
    }

    /// Takes back a note: the try was right.
    package static func forget(_ origin: String, notedAt: Timestamp, in session: PostgresSession)
        throws(PostgresError)
    {
        try session.execute(
            """
            DELETE FROM login_failures
            WHERE address = $1
              AND failed_at = $2
            """, [.text(origin), notedAt.postgresValue])
    }

    /// Deletes notes that count no more, a slice at a time.
    package static func prune(olderThanSeconds seconds: Int, in session: PostgresSession)
        throws(PostgresError)
        -> Int
    {
        try session.execute(
            """
            DELETE FROM login_failures
            WHERE ctid = ANY (ARRAY(
                SELECT ctid
                FROM login_failures
                WHERE failed_at < clock_timestamp() - make_interval(secs => $1::integer)
                LIMIT 1000))
            """, [seconds.postgresValue])
    }
}
