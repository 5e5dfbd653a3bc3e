package import Domain
package import Postgres

/// Gives entries their place in the chain.
package enum SealingStore {
    private static let key: Int64 = 0x436F_756E_7465_7202

    /// Whether this transaction is the one that seals; no other can until it ends.
    package static func tryLock(in session: PostgresSession) throws(PostgresError) -> Bool {
        try session.query("SELECT pg_try_advisory_xact_lock($1) AS is_ours", [.int(key)]).only().bool(
            "is_ours")
    }

    /// The end of the chain; position 0 where there is none yet.
    package static func end(in session: PostgresSession) throws(PostgresError) -> (
        position: Int, hash: [UInt8]
    ) {
        let rows = try session.query(
            """
            SELECT position, hash
            FROM journal_chain
            ORDER BY position DESC
            LIMIT 1
            """)
        guard let row = rows.first else { return (0, JournalChain.beginning) }
        return (try row.int("position"), try row.bytes("hash"))
    }

    /// The oldest entries that wait for their place, each looked up by itself: a walk over the whole journal and chain,
    /// which the planner prefers while it does not know how few wait, takes longer the longer they are.
    package static func waiting(limit: Int, in session: PostgresSession) throws(PostgresError)
        -> [JournalEntry]
    {
        let rows = try session.query(
            """
            SELECT j.id, j.at, j.kind, j.actor, j.subject, j.data
            FROM journal_unsealed AS u
            CROSS JOIN LATERAL (
                SELECT id, at, kind, actor, subject, data FROM journal WHERE id = u.entry_id LIMIT 1) AS j
            LEFT JOIN LATERAL (
                SELECT position FROM journal_chain WHERE entry_id = u.entry_id LIMIT 1) AS c ON true
            WHERE c.position IS NULL
            ORDER BY u.entry_id
            LIMIT $1
            """, [limit.postgresValue])
        var entries: [JournalEntry] = []
        entries.reserveCapacity(rows.count)
        for row in rows { entries.append(try JournalEntry(row)) }
        return entries
    }

    /// Appends links for these entries from a position on, and takes the entries off the queue.
    package static func append(
        _ entries: [JournalEntry], hashes: [[UInt8]], from position: Int, in session: PostgresSession
    ) throws(PostgresError) {
        let ids = PostgresValue.ints(entries.map(\.id))
        _ = try session.pipeline([
            (
                """
                INSERT INTO journal_chain (position, entry_id, hash)
                SELECT $1::bigint + place - 1, entry_id, hash
                FROM unnest($2::bigint[], $3::bytea[]) WITH ORDINALITY AS link (entry_id, hash, place)
                """, [position.postgresValue, ids, .bytesArray(hashes)]
            ),
            ("DELETE FROM journal_unsealed WHERE entry_id = ANY ($1::bigint[])", [ids]),
        ])
    }

    /// The newest checkpoint and how many seconds ago it was signed; nil before the first.
    package static func newestCheckpoint(in session: PostgresSession) throws(PostgresError) -> (
        checkpoint: JournalCheckpoint, ageSeconds: Int
    )? {
        let rows = try session.query(
            """
            SELECT position, hash, signed_at, key_id, signature,
                floor(extract(epoch FROM clock_timestamp() - signed_at))::bigint AS age_seconds
            FROM journal_checkpoints
            ORDER BY position DESC
            LIMIT 1
            """)
        guard let row = rows.first else { return nil }
        return (try JournalCheckpoint(row), try row.int("age_seconds"))
    }

    /// Adds a checkpoint.
    package static func insert(_ checkpoint: JournalCheckpoint, in session: PostgresSession)
        throws(PostgresError)
    {
        try session.execute(
            """
            INSERT INTO journal_checkpoints (position, hash, signed_at, key_id, signature)
            VALUES ($1, $2, $3, $4, $5)
            """,
            [
                checkpoint.position.postgresValue, .bytes(checkpoint.hash), checkpoint.signedAt.postgresValue,
                .text(checkpoint.keyID), .bytes(checkpoint.signature),
            ])
    }
}

extension JournalEntry {
    init(_ row: PostgresRow) throws(PostgresError) {
        self.init(
            id: try row.int("id"), at: try row.timestamp("at"), kind: try row.text("kind"),
            actor: try row.text("actor"), subject: try row.text("subject"), data: try row.text("data"))
    }
}

extension JournalCheckpoint {
    init(_ row: PostgresRow) throws(PostgresError) {
        self.init(
            position: try row.int("position"), hash: try row.bytes("hash"),
            signedAt: try row.timestamp("signed_at"), keyID: try row.text("key_id"),
            signature: try row.bytes("signature"))
    }
}
