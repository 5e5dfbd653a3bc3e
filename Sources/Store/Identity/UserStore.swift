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
        _ user: NewUser, id: Identifier, pinHash: String?, isGiven: Bool, in session: PostgresSession
    ) throws(PostgresError) -> UserRecord {
        let rows = try session.query(
            """
            INSERT INTO users (
                id, name, email, role, pin_hash, max_notional, max_notional_per_day, pin_given_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, CASE WHEN $8 THEN clock_timestamp() END)
            RETURNING \(UserRecord.columns)
            """,
            [
                id.postgresValue, .text(user.name), .optional(user.email), .text(user.role.rawValue),
                .optional(pinHash), .optional(user.maxNotional), .optional(user.maxNotionalPerDay),
                .bool(isGiven),
            ])
        return try UserRecord(rows.only())
    }

    /// Whether somebody else is an admin in use who can prove it.
    package static func hasOtherAdmin(than id: Identifier, in session: PostgresSession) throws(PostgresError)
        -> Bool
    {
        try !session.query(
            """
            SELECT
            FROM users
            WHERE role = 'admin'
              AND disabled_at IS NULL
              AND pin_hash IS NOT NULL
              AND id <> $1
            LIMIT 1
            """, [id.postgresValue]
        ).isEmpty
    }

    /// How many people in use may decide.
    package static func approvers(in session: PostgresSession) throws(PostgresError) -> Int {
        try list(in: session).count { $0.disabledAt == nil && $0.person.role.canDecide }
    }

    /// Changes what a person may do and where mail to them goes.
    package static func update(
        _ id: Identifier, email: String?, role: Role, maxNotional: ExactDecimal?,
        maxNotionalPerDay: ExactDecimal?, in session: PostgresSession
    ) throws(PostgresError) {
        try session.execute(
            """
            UPDATE users
            SET email = $2,
                role = $3,
                max_notional = $4,
                max_notional_per_day = $5
            WHERE id = $1
            """,
            [
                id.postgresValue, .optional(email), .text(role.rawValue), .optional(maxNotional),
                .optional(maxNotionalPerDay),
            ])
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

    /// Sets the PIN, and unlocks; `isGiven` where another person sets it.
    package static func setPIN(_ id: Identifier, hash: String, isGiven: Bool, in session: PostgresSession)
        throws(PostgresError)
    {
        try session.execute(
            """
            UPDATE users
            SET pin_hash = $2,
                locked_until = NULL,
                pin_given_at = CASE WHEN $3 THEN clock_timestamp() ELSE pin_given_at END
            WHERE id = $1
            """, [id.postgresValue, .text(hash), .bool(isGiven)])
    }

    /// Whether another person set this one's PIN within the last day, and so may know it.
    package static func hasGivenPIN(_ id: Identifier, in session: PostgresSession) throws(PostgresError)
        -> Bool
    {
        try !session.query(
            """
            SELECT
            FROM users
            WHERE id = $1
              AND pin_given_at > clock_timestamp() - interval '24 hours'
            """, [id.postgresValue]
        ).isEmpty
    }

    private static func record(_ rows: PostgresRows) throws(PostgresError) -> UserRecord? {
        guard let row = rows.first else { return nil }
        return try UserRecord(row)
    }
}
