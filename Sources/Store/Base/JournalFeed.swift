package import Domain
package import Postgres

/// A journal entry as it was written, with its place in the chain where it has one already.
package struct JournalEntryRecord: Sendable, Hashable {
    package let id: Int
    package let at: Timestamp
    package let kind: String
    package let actor: String
    package let subject: String
    /// Canonical JSON, as it was hashed.
    package let data: String
    package let position: Int?
    package let hash: [UInt8]?
}

/// The number of an entry, and the entry where it is of a kind that was asked for.
package struct JournalSight: Sendable, Hashable {
    package let id: Int
    package let entry: JournalEntryRecord?
}

/// The newest signed place of the chain.
package struct CheckpointRecord: Sendable, Hashable {
    package let position: Int
    package let hash: [UInt8]
    package let signedAt: Timestamp
    package let keyID: String
    package let signature: [UInt8]
}

/// Reads the journal, for people and for event streams.
package enum JournalFeed {
    private static let columns = """
        j.id, j.at, j.kind, j.actor, j.subject, j.data, c.position, c.hash
        FROM journal AS j
        LEFT JOIN journal_chain AS c ON c.entry_id = j.id
        """

    /// Entries from the newest to the oldest, those before an entry, of one subject where one is given.
    package static func list(
        before id: Int?, subject: String?, limit: Int, in session: PostgresSession
    ) throws(PostgresError) -> [JournalEntryRecord] {
        try session.query(
            """
            SELECT \(columns)
            WHERE ($1::bigint IS NULL OR j.id < $1)
              AND ($2::text IS NULL OR j.subject = $2)
            ORDER BY j.id DESC
            LIMIT $3
            """, [.optional(id), .optional(subject), .int(Int64(limit))]
        ).map { (row) throws(PostgresError) in try JournalEntryRecord(row) }
    }

    /// Entries whose numbers lie in these ranges, the oldest first; of kinds that do not begin with one of these words only the
    /// number.
    package static func sights(
        in ranges: [ClosedRange<Int>], kinds: [String], limit: Int, in session: PostgresSession
    ) throws(PostgresError) -> [JournalSight] {
        try session.query(
            """
            SELECT j.*, NULL::bigint AS position, NULL::bytea AS hash
            FROM unnest($1::bigint[], $2::bigint[]) AS asked (first, last)
            CROSS JOIN LATERAL (
                SELECT id, at, kind, actor, subject, CASE WHEN is_asked THEN data ELSE '' END AS data, is_asked
                FROM journal
                CROSS JOIN LATERAL (SELECT split_part(kind, '.', 1) = ANY ($3::text[]) AS is_asked) AS matching
                WHERE id BETWEEN asked.first AND asked.last
                ORDER BY id
                LIMIT $4) AS j
            ORDER BY j.id
            LIMIT $4
            """,
            [
                .texts(ranges.map(\.lowerBound)), .texts(ranges.map(\.upperBound)), .texts(kinds),
                .int(Int64(limit)),
            ]
        ).map { (row) throws(PostgresError) in
            let entry = try JournalEntryRecord(row)
            return JournalSight(id: entry.id, entry: try row.bool("is_asked") ? entry : nil)
        }
    }

    /// The numbers of the last entries, the lowest first.
    package static func newestIDs(limit: Int, in session: PostgresSession) throws(PostgresError) -> [Int] {
        try session.query("SELECT id FROM journal ORDER BY id DESC LIMIT $1", [.int(Int64(limit))])
            .map { (row) throws(PostgresError) in try row.int("id") }.reversed()
    }

    /// Entries with those numbers that were written in the last seconds, of kinds that begin with one of these words.
    package static func written(
        inLast seconds: Int, range: ClosedRange<Int>, kinds: [String], in session: PostgresSession
    ) throws(PostgresError) -> [JournalEntryRecord] {
        try session.query(
            """
            SELECT \(columns)
            WHERE j.id BETWEEN $1 AND $2
              AND j.at > clock_timestamp() - $3 * interval '1 second'
              AND split_part(j.kind, '.', 1) = ANY ($4::text[])
            ORDER BY j.id
            """,
            [
                .int(Int64(range.lowerBound)), .int(Int64(range.upperBound)), .int(Int64(seconds)),
                .texts(kinds),
            ]
        ).map { (row) throws(PostgresError) in try JournalEntryRecord(row) }
    }

    /// The newest entry; 0 where there is none.
    package static var newestID: PostgresReading<Int> {
        PostgresReading("SELECT coalesce(max(id), 0) AS id FROM journal") { (rows) throws(PostgresError) in
            try rows.only().int("id")
        }
    }

    /// The newest checkpoint; nil before the first.
    package static func newestCheckpoint(in session: PostgresSession) throws(PostgresError)
        -> CheckpointRecord?
    {
        let rows = try session.query(
            """
            SELECT position, hash, signed_at, key_id, signature
            FROM journal_checkpoints
            ORDER BY position DESC
            LIMIT 1
            """)
        return try rows.first.map { (row) throws(PostgresError) in
            CheckpointRecord(
                position: try row.int("position"), hash: try row.bytes("hash"),
                signedAt: try row.timestamp("signed_at"), keyID: try row.text("key_id"),
                signature: try row.bytes("signature"))
        }
    }
}

extension JournalEntryRecord {
    init(_ row: PostgresRow) throws(PostgresError) {
        id = try row.int("id")
        at = try row.timestamp("at")
        kind = try row.text("kind")
        actor = try row.text("actor")
        subject = try row.text("subject")
        data = try row.text("data")
        position = try row.optionalInt("position")
        hash = try row.optionalBytes("hash")
    }
}
