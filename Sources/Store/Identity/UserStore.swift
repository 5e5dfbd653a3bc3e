package import Domain
package import Postgres

/// People.
package enum UserStore {
    /// The person of that identity, disabled or not.
    package static func find(_ id: Identifier, in session: PostgresSession) throws(PostgresError)
        -> UserRecord?
    {
        let rows = try session.query(
            """
            SELECT \(UserRecord.columns)
            FROM users
            WHERE id = $1
            """, [id.postgresValue])
        return try record(rows)
    }

    /// The person of that name in whatever case, disabled or not.
    package static func find(name: String, in session: PostgresSession) throws(PostgresError) -> UserRecord? {
        let rows = try session.query(
            """
            SELECT \(UserRecord.columns)
            FROM users
            WHERE lower(name) = lower($1)
            """, [.text(name)])
        return try record(rows)
    }

    /// Everybody, by name.
    package static func list(in session: PostgresSession) throws(PostgresError) -> [UserRecord] {
        let rows = try session.query(
            """
            SELECT \(UserRecord.columns)
            FROM users
            ORDER BY lower(name)
            """)
        var records: [UserRecord] = []
        for row in rows { records.append(try UserRecord(row)) }
        return records
    }

    /// Adds a person.
    package static func insert(
        _ user: NewUser, id: Identifier, pinHash: String?, in session: PostgresSession
    ) throws(PostgresError) -> UserRecord {
        let rows = try session.query(
            """
            INSERT INTO users (id, name, email, role, pin_hash, max_notional, max_notional_per_day)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            RETURNING \(UserRecord.columns)
            """,
            [
                id.postgresValue, .text(user.name), .optional(user.email), .text(user.role.rawValue),
                .optional(pinHash), .optional(user.maxNotional), .optional(user.maxNotionalPerDay),
            ])
        return try UserRecord(rows.only())
    }

    /// Takes a person out of use; false where they were already, or do not exist.
    package static func disable(_ id: Identifier, in session: PostgresSession) throws(PostgresError) -> Bool {
        try session.execute(
            """
            UPDATE users
            SET disabled_at = clock_timestamp()
            WHERE id = $1
              AND disabled_at IS NULL
            """, [id.postgresValue]) == 1
    }

    /// Sets the PIN, and unlocks.
    package static func setPIN(_ id: Identifier, hash: String, in session: PostgresSession)
        throws(PostgresError)
    {
        try session.execute(
            """
            UPDATE users
            SET pin_hash = $2,
                failed_attempts = 0,
                locked_until = NULL
            WHERE id = $1
            """, [id.postgresValue, .text(hash)])
    }

    private static func record(_ rows: PostgresRows) throws(PostgresError) -> UserRecord? {
        guard let row = rows.first else { return nil }
        return try UserRecord(row)
    }
}
