package import Domain
package import Postgres

/// A session that is good at the moment.
package struct SessionRecord: Sendable, Hashable {
    /// The SHA-256 of the token, by which forms are bound to the session.
    package let tokenHash: [UInt8]
    package let person: Person
    package let method: ProofMethod
    package let createdAt: Timestamp
    package let lastSeenAt: Timestamp
    package let expiresAt: Timestamp
}

/// A session as lists show it: by a name that opens nothing.
package struct SessionListing: Sendable, Hashable {
    /// The SHA-256 of what is stored of the token, in hexadecimal.
    package let name: String
    package let createdAt: Timestamp
    package let lastSeenAt: Timestamp
    package let expiresAt: Timestamp
    /// Where it began.
    package let address: String?
}

/// Sessions of people at their browsers.
package enum SessionStore {
    /// Begins a session and says when it ends.
    package static func insert(
        tokenHash: [UInt8], userID: Identifier, method: ProofMethod, lifetimeSeconds: Int,
        address: String? = nil, in session: PostgresSession
    ) throws(PostgresError) -> Timestamp {
        try session.query(
            """
            INSERT INTO sessions (token_hash, user_id, method, expires_at, address)
            VALUES ($1, $2, $3, clock_timestamp() + make_interval(secs => $4::integer), $5)
            RETURNING expires_at
            """,
            [
                .bytes(tokenHash), userID.postgresValue, .text(method.rawValue),
                lifetimeSeconds.postgresValue,
                .optional(address),
            ]
        ).only().timestamp("expires_at")
    }

    /// The session, where it has not ended, is not too old or idle for too long, and its person is in use.
    ///
    /// Where it `isUse`, it counts as used now; that is written down rarely, but often enough for the idle time.
    package static func find(
        tokenHash: [UInt8], idleSeconds: Int?, isUse: Bool = true, in session: PostgresSession
    ) throws(PostgresError) -> SessionRecord? {
        let rows = try session.query(
            """
            SELECT s.user_id, u.name, u.role, s.method, s.created_at, s.last_seen_at, s.expires_at,
                s.last_seen_at < clock_timestamp() - make_interval(secs => least(60, $2::integer / 10)) AS is_stale
            FROM sessions AS s
            JOIN users AS u ON u.id = s.user_id
            WHERE s.token_hash = $1
              AND s.ended_at IS NULL
              AND s.expires_at > clock_timestamp()
              AND ($2::integer IS NULL OR s.last_seen_at > clock_timestamp() - make_interval(secs => $2::integer))
              AND u.disabled_at IS NULL
            """, [.bytes(tokenHash), .optional(idleSeconds)])
        guard let row = rows.first else { return nil }
        if isUse, try row.bool("is_stale") { try touch(tokenHash, in: session) }
        return SessionRecord(
            tokenHash: tokenHash,
            person: Person(
                id: try row.identifier("user_id"), name: try row.text("name"), role: try row.word("role")),
            method: try row.word("method"), createdAt: try row.timestamp("created_at"),
            lastSeenAt: try row.timestamp("last_seen_at"), expiresAt: try row.timestamp("expires_at"))
    }

    /// Whether a session is good at the moment; asking does not count as using it.
    package static func isGood(
        tokenHash: [UInt8], idleSeconds: Int?, in session: PostgresSession
    ) throws(PostgresError) -> Bool {
        try session.query(
            """
            SELECT EXISTS (
                SELECT 1
                FROM sessions AS s
                JOIN users AS u ON u.id = s.user_id
                WHERE s.token_hash = $1
                  AND s.ended_at IS NULL
                  AND s.expires_at > clock_timestamp()
                  AND ($2::integer IS NULL
                       OR s.last_seen_at > clock_timestamp() - make_interval(secs => $2::integer))
                  AND u.disabled_at IS NULL) AS is_good
            """, [.bytes(tokenHash), .optional(idleSeconds)]
        ).only().bool("is_good")
    }

    private static func touch(_ tokenHash: [UInt8], in session: PostgresSession) throws(PostgresError) {
        try session.execute(
            """
            UPDATE sessions
            SET last_seen_at = clock_timestamp()
            WHERE token_hash = $1
            """, [.bytes(tokenHash)])
    }

    /// Ends a session; its person, where it had not ended before.
    package static func end(tokenHash: [UInt8], in session: PostgresSession) throws(PostgresError)
        -> Identifier?
    {
        let rows = try session.query(
            """
            UPDATE sessions
            SET ended_at = clock_timestamp()
            WHERE token_hash = $1
              AND ended_at IS NULL
            RETURNING user_id
            """, [.bytes(tokenHash)])
        return try rows.first?.identifier("user_id")
    }

    /// The sessions of a person that are good at the moment, newest first.
    package static func list(of userID: Identifier, in session: PostgresSession) throws(PostgresError)
        -> [SessionListing]
    {
        let rows = try session.query(
            """
            SELECT encode(sha256(token_hash), 'hex') AS name, created_at, last_seen_at, expires_at, address
            FROM sessions
            WHERE user_id = $1
              AND ended_at IS NULL
              AND expires_at > clock_timestamp()
            ORDER BY created_at DESC
            LIMIT 100
            """, [userID.postgresValue])
        var listings: [SessionListing] = []
        for row in rows {
            listings.append(
                SessionListing(
                    name: try row.text("name"), createdAt: try row.timestamp("created_at"),
                    lastSeenAt: try row.timestamp("last_seen_at"), expiresAt: try row.timestamp("expires_at"),
                    address: try row.optionalText("address")))
        }
        return listings
    }

    /// Ends the session of that name, where it is this person's; false where there is none.
    package static func end(named name: String, of userID: Identifier, in session: PostgresSession)
        throws(PostgresError) -> Bool
    {
        try session.execute(
            """
            UPDATE sessions
            SET ended_at = clock_timestamp()
            WHERE user_id = $1
              AND encode(sha256(token_hash), 'hex') = $2
              AND ended_at IS NULL
            """, [userID.postgresValue, .text(name)]) == 1
    }

    /// Ends all sessions of a person and says how many there were.
    package static func endAll(of userID: Identifier, in session: PostgresSession) throws(PostgresError)
        -> Int
    {
        try session.execute(
            """
            UPDATE sessions
            SET ended_at = clock_timestamp()
            WHERE user_id = $1
              AND ended_at IS NULL
            """, [userID.postgresValue])
    }
}
