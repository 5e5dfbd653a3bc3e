package import Domain
package import Postgres

/// An entry together with its place in the chain.
package struct JournalRecord: Sendable, Hashable {
    package let entry: JournalEntry
    /// Nil while it waits for its place.
    package let position: Int?
    package let hash: [UInt8]?
}

/// A link of the chain; the entry is nil where the one it names does not exist any more.
package struct ChainLink: Sendable, Hashable {
    package let position: Int
    package let entryID: Int
    package let hash: [UInt8]
    package let entry: JournalEntry?
}

/// Reads the journal and its chain.
package enum JournalQueries {
    /// Entries older than `before`, newest first, of all subjects or one.
    package static func page(
        before: Int?, subject: String?, limit: Int, in session: PostgresSession
    ) throws(PostgresError) -> [JournalRecord] {
        let rows = try session.query(
            """
            SELECT j.id, j.at, j.kind, j.actor, j.subject, j.data, c.position, c.hash
            FROM journal AS j
            LEFT JOIN journal_chain AS c ON c.entry_id = j.id
            WHERE ($1::bigint IS NULL OR j.id < $1)
              AND ($2::text IS NULL OR j.subject = $2)
            ORDER BY j.id DESC
            LIMIT $3
            """, [.optional(before), .optional(subject), limit.postgresValue])
        var records: [JournalRecord] = []
        for row in rows {
            records.append(
                JournalRecord(
                    entry: try JournalEntry(row), position: try row.optionalInt("position"),
                    hash: try row.optionalBytes("hash")))
        }
        return records
    }

    /// Which of these contradictions the journal tells of an order already.
    package static func contradictions(
        of orderID: Identifier, among words: [String], in session: PostgresSession
    ) throws(PostgresError) -> Set<String> {
        let rows = try session.query(
            """
            SELECT DISTINCT data::json ->> 'contradiction' AS words
            FROM journal
            WHERE subject = $1
              AND kind = 'order.contradicted'
              AND data::json ->> 'contradiction' = ANY ($2::text[])
            """, [.text("order:\(orderID.text)"), .texts(words)])
        return Set(try rows.map { (row) throws(PostgresError) in try row.text("words") })
    }

    /// Links after a position, in order.
    package static func links(after position: Int, limit: Int, in session: PostgresSession)
        throws(PostgresError) -> [ChainLink]
    {
        let rows = try session.query(
            """
            SELECT c.position, c.entry_id, c.hash, j.id, j.at, j.kind, j.actor, j.subject, j.data
            FROM journal_chain AS c
            LEFT JOIN journal AS j ON j.id = c.entry_id
            WHERE c.position > $1
            ORDER BY c.position
            LIMIT $2
            """, [position.postgresValue, limit.postgresValue])
        var links: [ChainLink] = []
        links.reserveCapacity(rows.count)
        for row in rows {
            links.append(
                ChainLink(
                    position: try row.int("position"), entryID: try row.int("entry_id"),
                    hash: try row.bytes("hash"), entry: try row.isNull("id") ? nil : JournalEntry(row)))
        }
        return links
    }

    /// Checkpoints after a position up to and with another, in order.
    package static func checkpoints(
        after position: Int, through last: Int, in session: PostgresSession
    ) throws(PostgresError) -> [JournalCheckpoint] {
        let rows = try session.query(
            """
            SELECT position, hash, signed_at, key_id, signature
            FROM journal_checkpoints
            WHERE position > $1
              AND position <= $2
            ORDER BY position
            """, [position.postgresValue, last.postgresValue])
        var checkpoints: [JournalCheckpoint] = []
        for row in rows { checkpoints.append(try JournalCheckpoint(row)) }
        return checkpoints
    }

    /// How many entries wait for their place.
    package static func waitingCount(in session: PostgresSession) throws(PostgresError) -> Int {
        try session.query(
            """
            SELECT count(*) AS count
            FROM journal_unsealed AS u
            WHERE NOT EXISTS (SELECT 1 FROM journal_chain AS c WHERE c.entry_id = u.entry_id)
            """
        ).only().int("count")
    }

    /// Entries that are neither in the chain nor wait for their place.
    package static func forgotten(limit: Int, in session: PostgresSession) throws(PostgresError) -> [Int] {
        let rows = try session.query(
            """
            SELECT j.id
            FROM journal AS j
            WHERE NOT EXISTS (SELECT 1 FROM journal_chain AS c WHERE c.entry_id = j.id)
              AND NOT EXISTS (SELECT 1 FROM journal_unsealed AS u WHERE u.entry_id = j.id)
            ORDER BY j.id
            LIMIT $1
            """, [limit.postgresValue])
        return try ids(rows)
    }

    /// Entries that wait for their place and do not exist any more.
    package static func vanished(limit: Int, in session: PostgresSession) throws(PostgresError) -> [Int] {
        let rows = try session.query(
            """
            SELECT u.entry_id AS id
            FROM journal_unsealed AS u
            WHERE NOT EXISTS (SELECT 1 FROM journal AS j WHERE j.id = u.entry_id)
            ORDER BY u.entry_id
            LIMIT $1
            """, [limit.postgresValue])
        return try ids(rows)
    }

    private static func ids(_ rows: PostgresRows) throws(PostgresError) -> [Int] {
        var ids: [Int] = []
        for row in rows { ids.append(try row.int("id")) }
        return ids
    }
}
