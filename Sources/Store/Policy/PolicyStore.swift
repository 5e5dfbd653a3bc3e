package import Domain
package import JSON
package import Postgres

/// A version of the limits as it was applied.
package struct PolicyRecord: Sendable, Hashable {
    package let version: Int
    /// The complete document.
    package let document: JSONValue
    /// Who applied it: `user:alice`, `cli:root`, `system`.
    package let appliedBy: String
    package let appliedAt: Timestamp

    init(_ row: PostgresRow) throws(PostgresError) {
        version = try row.int("version")
        document = try row.json("document")
        appliedBy = try row.text("applied_by")
        appliedAt = try row.timestamp("applied_at")
    }
}

/// The versions of the limits, of which the newest counts.
package enum PolicyStore {
    /// The number of the newest version; nil where none is applied.
    package static func newestVersion(in session: PostgresSession) throws(PostgresError) -> Int? {
        try session.query(
            """
            SELECT version
            FROM policies
            ORDER BY version DESC
            LIMIT 1
            """
        ).first?.int("version")
    }

    /// One version.
    package static func find(version: Int, in session: PostgresSession) throws(PostgresError) -> PolicyRecord?
    {
        let rows = try session.query(
            """
            SELECT version, document, applied_by, applied_at
            FROM policies
            WHERE version = $1
            """, [version.postgresValue])
        guard let row = rows.first else { return nil }
        return try PolicyRecord(row)
    }

    /// Versions older than `before`, newest first.
    package static func list(before: Int?, limit: Int, in session: PostgresSession) throws(PostgresError)
        -> [PolicyRecord]
    {
        let rows = try session.query(
            """
            SELECT version, document, applied_by, applied_at
            FROM policies
            WHERE $1::integer IS NULL
               OR version < $1
            ORDER BY version DESC
            LIMIT $2
            """, [.optional(before), limit.postgresValue])
        var records: [PolicyRecord] = []
        for row in rows { records.append(try PolicyRecord(row)) }
        return records
    }

    /// Adds a version.
    package static func insert(
        version: Int, document: JSONValue, appliedBy: String, in session: PostgresSession
    ) throws(PostgresError) -> PolicyRecord {
        let rows = try session.query(
            """
            INSERT INTO policies (version, document, applied_by)
            VALUES ($1, $2, $3)
            RETURNING version, document, applied_by, applied_at
            """, [version.postgresValue, document.postgresValue, .text(appliedBy)])
        return try PolicyRecord(rows.only())
    }
}
