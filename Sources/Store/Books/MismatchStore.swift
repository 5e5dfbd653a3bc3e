package import Domain
package import JSON
package import Postgres

/// Where the broker's position differs from the books.
package struct MismatchRecord: Sendable, Hashable {
    package let id: Identifier
    package let symbol: String
    package let bookQty: ExactDecimal
    package let brokerQty: ExactDecimal
    package let evidence: JSONValue
    package let suspectedAt: Timestamp
    /// When it had stayed long enough to be believed; nil before.
    package let confirmedAt: Timestamp?
    package let clearedAt: Timestamp?
    package let clearedBy: String?
    package let clearReason: String?
}

/// Keeps where the broker's positions differ from the books.
package enum MismatchStore {
    static let columns = """
        id, symbol, book_qty, broker_qty, evidence, suspected_at, confirmed_at, cleared_at, cleared_by, clear_reason
        """

    /// Those that are open, by symbol; suspected ones too unless only confirmed ones are wanted.
    package static func open(
        onlyConfirmed: Bool = false, in session: PostgresSession
    ) throws(PostgresError) -> [MismatchRecord] {
        try session.query(
            """
            SELECT \(columns)
            FROM reconcile_mismatches
            WHERE cleared_at IS NULL AND (confirmed_at IS NOT NULL OR NOT $1)
            ORDER BY symbol
            """, [.bool(onlyConfirmed)]
        ).map(record)
    }

    /// The newest, open and cleared.
    package static func list(limit: Int, in session: PostgresSession) throws(PostgresError)
        -> [MismatchRecord]
    {
        try session.query(
            """
            SELECT \(columns)
            FROM reconcile_mismatches
            WHERE confirmed_at IS NOT NULL
            ORDER BY cleared_at IS NOT NULL, suspected_at DESC, id
            LIMIT $1
            """, [.int(Int64(limit))]
        ).map(record)
    }

    /// One that is open, locked until the transaction ends.
    package static func lockOpen(
        _ id: Identifier, in session: PostgresSession
    ) throws(PostgresError) -> MismatchRecord? {
        try session.query(
            "SELECT \(columns) FROM reconcile_mismatches WHERE id = $1 AND cleared_at IS NULL FOR UPDATE",
            [id.postgresValue]
        ).first.map(record)
    }

    /// Stores a new one.
    package static func insert(
        _ id: Identifier, _ symbol: String, book: ExactDecimal, broker: ExactDecimal, evidence: JSONValue,
        in session: PostgresSession
    ) throws(PostgresError) {
        _ = try session.execute(
            """
            INSERT INTO reconcile_mismatches (id, symbol, book_qty, broker_qty, evidence)
            VALUES ($1, $2, $3, $4, $5)
            """,
            [
                id.postgresValue, .text(symbol), book.postgresValue, broker.postgresValue,
                evidence.postgresValue,
            ])
    }

    /// Writes what it looks like now, and that it is believed where it is.
    package static func update(
        _ id: Identifier, book: ExactDecimal, broker: ExactDecimal, evidence: JSONValue, confirm: Bool,
        in session: PostgresSession
    ) throws(PostgresError) {
        _ = try session.execute(
            """
            UPDATE reconcile_mismatches
            SET book_qty = $2, broker_qty = $3, evidence = $4,
                confirmed_at = CASE WHEN $5 THEN coalesce(confirmed_at, clock_timestamp()) ELSE confirmed_at END
            WHERE id = $1 AND cleared_at IS NULL
            """,
            [
                id.postgresValue, book.postgresValue, broker.postgresValue, evidence.postgresValue,
                .bool(confirm),
            ])
    }

    /// Ends one.
    package static func clear(
        _ id: Identifier, by actor: String, reason: String, in session: PostgresSession
    ) throws(PostgresError) {
        _ = try session.execute(
            """
            UPDATE reconcile_mismatches
            SET cleared_at = clock_timestamp(), cleared_by = $2, clear_reason = $3
            WHERE id = $1 AND cleared_at IS NULL
            """, [id.postgresValue, .text(actor), .text(reason)])
    }

    static func record(_ row: PostgresRow) throws(PostgresError) -> MismatchRecord {
        MismatchRecord(
            id: try row.identifier("id"), symbol: try row.text("symbol"),
            bookQty: try row.decimal("book_qty"),
            brokerQty: try row.decimal("broker_qty"), evidence: try row.json("evidence"),
            suspectedAt: try row.timestamp("suspected_at"),
            confirmedAt: try row.optionalTimestamp("confirmed_at"),
            clearedAt: try row.optionalTimestamp("cleared_at"),
            clearedBy: try row.optionalText("cleared_by"),
            clearReason: try row.optionalText("clear_reason"))
    }
}
