package import Domain
package import Postgres

/// An API key as stored; the key itself is not kept.
package struct KeyRecord: Sendable, Hashable {
    package let id: Identifier
    package let name: String
    package let scope: KeyScope
    /// Whose personal token it is.
    package let userID: Identifier?
    package let userName: String?
    /// How the key begins, so that its owner can tell which one it is.
    package let hint: String
    package let createdAt: Timestamp
    package let lastUsedAt: Timestamp?
    package let revokedAt: Timestamp?

    /// How the journal names the key as a subject.
    package var subject: String { "key:\(id)" }

    init(_ row: PostgresRow) throws(PostgresError) {
        id = try row.identifier("id")
        name = try row.text("name")
        scope = try row.word("scope")
        userID = try row.optionalIdentifier("user_id")
        userName = try row.optionalText("user_name")
        hint = try row.text("hint")
        createdAt = try row.timestamp("created_at")
        lastUsedAt = try row.optionalTimestamp("last_used_at")
        revokedAt = try row.optionalTimestamp("revoked_at")
    }
}

/// Who a presented key stands for.
package struct KeyHolder: Sendable, Hashable {
    package let id: Identifier
    package let name: String
    package let scope: KeyScope
    /// The person, where it is a personal token.
    package let person: Person?
}

/// Keys of bots, workers and scripts, and personal tokens.
package enum KeyStore {
    private static let columns = """
        k.id, k.name, k.scope, k.user_id, u.name AS user_name, k.hint, k.created_at, k.last_used_at, k.revoked_at
        """

    /// Who holds the keys with these hashes, where they are in use; notes at most once a minute that they were used.
    package static func holders(
        secretHashes: Set<[UInt8]>, in session: PostgresSession
    ) throws(PostgresError) -> [[UInt8]: KeyHolder] {
        let rows = try session.query(
            """
            SELECT k.secret_hash, k.id, k.name, k.scope, k.user_id, u.name AS user_name, u.role,
                k.last_used_at IS NULL OR k.last_used_at < clock_timestamp() - interval '1 minute' AS is_stale
            FROM api_keys AS k
            LEFT JOIN users AS u ON u.id = k.user_id
            WHERE k.secret_hash = ANY ($1::bytea[])
              AND k.revoked_at IS NULL
              AND (k.user_id IS NULL OR u.disabled_at IS NULL)
            """, [.bytesArray(Array(secretHashes))])
        var holders: [[UInt8]: KeyHolder] = [:]
        for row in rows {
            let id = try row.identifier("id")
            if try row.bool("is_stale") { try touch(id, in: session) }
            var person: Person?
            if let userID = try row.optionalIdentifier("user_id") {
                person = Person(id: userID, name: try row.text("user_name"), role: try row.word("role"))
            }
            holders[try row.bytes("secret_hash")] = KeyHolder(
                id: id, name: try row.text("name"), scope: try row.word("scope"), person: person)
        }
        return holders
    }

    /// Others that use the same key at the same moment do not wait for each other.
    private static func touch(_ id: Identifier, in session: PostgresSession) throws(PostgresError) {
        try session.execute(
            """
            UPDATE api_keys
            SET last_used_at = clock_timestamp()
            WHERE id = (SELECT id FROM api_keys WHERE id = $1 FOR NO KEY UPDATE SKIP LOCKED)
            """, [id.postgresValue])
    }

    /// Adds a key; the database refuses a second one of that name in use.
    package static func insert(
        id: Identifier, name: String, scope: KeyScope, userID: Identifier?, secretHash: [UInt8], hint: String,
        in session: PostgresSession
    ) throws(PostgresError) -> KeyRecord {
        try session.execute(
            """
            INSERT INTO api_keys (id, name, scope, user_id, secret_hash, hint)
            VALUES ($1, $2, $3, $4, $5, $6)
            """,
            [
                id.postgresValue, .text(name), .text(scope.rawValue), .optional(userID), .bytes(secretHash),
                .text(hint),
            ])
        return try KeyRecord(select("k.id = $1", [id.postgresValue], in: session).only())
    }

    /// All keys, those in use first, by owner and name.
    package static func list(in session: PostgresSession) throws(PostgresError) -> [KeyRecord] {
        var records: [KeyRecord] = []
        for row in try select("true", [], in: session) { records.append(try KeyRecord(row)) }
        return records
    }

    /// The key in use of that name; `userID` where a personal token is meant.
    package static func find(name: String, userID: Identifier?, in session: PostgresSession)
        throws(PostgresError) -> KeyRecord?
    {
        let rows = try select(
            "k.revoked_at IS NULL AND lower(k.name) = lower($1) AND k.user_id IS NOT DISTINCT FROM $2::uuid",
            [.text(name), .optional(userID)], in: session)
        guard let row = rows.first else { return nil }
        return try KeyRecord(row)
    }

    /// The key of that identity, revoked or not.
    package static func find(_ id: Identifier, in session: PostgresSession) throws(PostgresError)
        -> KeyRecord?
    {
        guard let row = try select("k.id = $1", [id.postgresValue], in: session).first else { return nil }
        return try KeyRecord(row)
    }

    /// Takes a key out of use at once; false where it was already, or does not exist.
    package static func revoke(_ id: Identifier, in session: PostgresSession) throws(PostgresError) -> Bool {
        try session.execute(
            """
            UPDATE api_keys
            SET revoked_at = clock_timestamp()
            WHERE id = $1
              AND revoked_at IS NULL
            """, [id.postgresValue]) == 1
    }

    private static func select(
        _ condition: StaticString, _ parameters: [PostgresValue], in session: PostgresSession
    ) throws(PostgresError) -> PostgresRows {
        try session.query(
            """
            SELECT \(columns)
            FROM api_keys AS k
            LEFT JOIN users AS u ON u.id = k.user_id
            WHERE \(condition)
            ORDER BY k.revoked_at IS NOT NULL, u.name NULLS FIRST, lower(k.name), k.created_at
            """, parameters)
    }
}
