package import Domain
package import Postgres

/// Tries at PINs, noted under what they count for: an address, a person, a person at one place.
///
/// A try is noted before it is verified, so that no number of them at once gets past the limit.
package enum AttemptStore {
    /// Lets tries for one name, whether somebody has it or not, be counted one after the other.
    package static func lock(_ subject: String, in session: PostgresSession) throws(PostgresError) {
        _ = try session.query(
            "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [.text(subject)])
    }

    /// The stored PIN of somebody in use.
    package static func pinHash(of userID: Identifier, in session: PostgresSession) throws(PostgresError)
        -> String?
    {
        let rows = try session.query(
            """
            SELECT pin_hash
            FROM users
            WHERE id = $1
              AND disabled_at IS NULL
            """, [userID.postgresValue])
        return try rows.first?.optionalText("pin_hash")
    }

    /// Marks a person as locked, for lists; says whether they are to be told, which is once an hour at most.
    package static func markLocked(
        _ userID: Identifier, seconds: Int, in session: PostgresSession
    ) throws(PostgresError) -> Bool {
        try session.execute(
            """
            UPDATE users
            SET locked_until = clock_timestamp() + make_interval(secs => $2::integer)
            WHERE id = $1
            """, [userID.postgresValue, seconds.postgresValue])
        return try session.execute(
            """
            UPDATE users
            SET lock_told_at = clock_timestamp()
            WHERE id = $1
              AND (lock_told_at IS NULL OR lock_told_at < clock_timestamp() - interval '1 hour')
            """, [userID.postgresValue]) == 1
    }

    /// Whether somebody showed the right PIN from this place lately.
    package static func isKnown(_ origin: String, to userID: Identifier?, in session: PostgresSession)
        throws(PostgresError) -> Bool
    {
        try !session.query(
            """
            SELECT
            FROM known_origins
            WHERE user_id = $1::uuid
              AND origin = $2
              AND seen_at > clock_timestamp() - interval '30 days'
            """, [.optional(userID), .text(origin)]
        ).isEmpty
    }

    /// Remembers that somebody showed the right PIN from this place.
    package static func remember(_ origin: String, of userID: Identifier, in session: PostgresSession)
        throws(PostgresError)
    {
        try session.execute(
            """
            INSERT INTO known_origins (user_id, origin)
            VALUES ($1, $2)
            ON CONFLICT (user_id, origin) DO UPDATE
            SET seen_at = clock_timestamp()
            """, [userID.postgresValue, .text(origin)])
    }

    /// Forgets the tries after a right one; nil where the PIN or the person changed in the meantime.
    package static func clear(
        _ userID: Identifier, verified pinHash: String, in session: PostgresSession
    ) throws(PostgresError) -> UserRecord? {
        let rows = try session.query(
            """
            UPDATE users
            SET locked_until = NULL
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

    /// Takes back one note: the try was right.
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

    /// Takes back all notes under a name, as after a right PIN.
    package static func forgetAll(_ name: String, in session: PostgresSession) throws(PostgresError) {
        try session.execute(
            """
            DELETE FROM login_failures
            WHERE address = $1
            """, [.text(name)])
    }

    /// Takes back all notes about a person, wherever the tries came from, and unlocks them.
    package static func unlock(_ userID: Identifier, subject: String, in session: PostgresSession)
        throws(PostgresError)
    {
        try session.execute(
            """
            DELETE FROM login_failures
            WHERE address = $1
               OR starts_with(address, $1 || '@')
            """, [.text(subject)])
        try session.execute(
            """
            UPDATE users
            SET locked_until = NULL,
                lock_told_at = NULL
            WHERE id = $1
            """, [userID.postgresValue])
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
