package import Domain
package import Postgres

/// A latched stop.
package struct HaltRecord: Sendable, Hashable {
    package let id: Identifier
    package let scope: OpenHalt.Scope
    /// The strategy, symbol or bot it is on; empty for the whole account.
    package let target: String
    package let cause: String
    package let reason: String
    package let allowsReducing: Bool
    package let openedAt: Timestamp
    package let openedBy: String
    package let clearedAt: Timestamp?
    package let clearedBy: String?
    package let clearReason: String?
    /// When people were told of it; nil while they are not.
    package let toldAt: Timestamp?
    /// When everything that it reaches was cancelled; nil while that is still to be done.
    package let completedAt: Timestamp?

    /// The halt as the checks see it.
    package var open: OpenHalt {
        OpenHalt(
            id: id.text, scope: scope, target: target.isEmpty ? nil : target, allowsReducing: allowsReducing,
            reason: reason)
    }
}

/// Opens, clears and finds halts.
package enum HaltStore {
    static let columns = """
        id, scope, target, cause, reason, allows_reducing, opened_at, opened_by, cleared_at, cleared_by,
        clear_reason, told_at, completed_at
        """

    /// Opens a halt and tells of it as stored.
    package static func open(
        id: Identifier, scope: OpenHalt.Scope, target: String, cause: String, reason: String,
        allowsReducing: Bool,
        by actor: String, in session: PostgresSession
    ) throws(PostgresError) -> HaltRecord {
        try HaltRecord(
            session.query(
                """
                INSERT INTO halts (id, scope, target, cause, reason, allows_reducing, opened_by)
                VALUES ($1, $2, $3, $4, $5, $6, $7)
                RETURNING \(columns)
                """,
                [
                    id.postgresValue, .text(scope.rawValue), .text(target), .text(cause), .text(reason),
                    .bool(allowsReducing), .text(actor),
                ]
            ).only())
    }

    /// The halts that are not cleared, the oldest first.
    package static func listOpen(in session: PostgresSession) throws(PostgresError) -> [HaltRecord] {
        try session.read(listOpen)
    }

    /// `listOpen`, among other statements.
    package static var listOpen: PostgresReading<[HaltRecord]> {
        PostgresReading("SELECT \(columns) FROM halts WHERE cleared_at IS NULL ORDER BY opened_at, id") {
            (rows) throws(PostgresError) in
            try rows.map { (row) throws(PostgresError) in try HaltRecord(row) }
        }
    }

    /// Halts from the newest to the oldest, cleared ones too.
    package static func list(
        limit: Int, olderThan id: Identifier? = nil, isOpenOnly: Bool = false, in session: PostgresSession
    ) throws(PostgresError) -> [HaltRecord] {
        try session.query(
            """
            SELECT \(columns)
            FROM halts
            WHERE (NOT $2 OR cleared_at IS NULL)
              AND ($3::uuid IS NULL
                OR (opened_at, id) < (SELECT last.opened_at, last.id FROM halts AS last WHERE last.id = $3))
            ORDER BY opened_at DESC, id DESC
            LIMIT $1
            """, [.int(Int64(limit)), .bool(isOpenOnly), .optional(id)]
        ).map { (row) throws(PostgresError) in try HaltRecord(row) }
    }

    /// The open halts of which people were not told yet, or that did not cancel all they reach, the oldest first.
    package static func listUnfinished(in session: PostgresSession) throws(PostgresError) -> [HaltRecord] {
        try session.query(
            """
            SELECT \(columns)
            FROM halts
            WHERE cleared_at IS NULL AND (told_at IS NULL OR completed_at IS NULL)
            ORDER BY opened_at, id
            """
        ).map { (row) throws(PostgresError) in try HaltRecord(row) }
    }

    /// Notes what of a halt is done; what was noted before stays, and so does its time.
    package static func note(
        _ id: Identifier, isTold: Bool, isComplete: Bool, in session: PostgresSession
    ) throws(PostgresError) {
        _ = try session.execute(
            """
            UPDATE halts
            SET told_at = CASE WHEN $2 THEN coalesce(told_at, clock_timestamp()) ELSE told_at END,
                completed_at = CASE WHEN $3 THEN coalesce(completed_at, clock_timestamp()) ELSE completed_at END
            WHERE id = $1
              AND ($2 AND told_at IS NULL OR $3 AND completed_at IS NULL)
            """, [id.postgresValue, .bool(isTold), .bool(isComplete)])
    }

    /// The halt of that identity, its row locked until the transaction ends.
    package static func lock(_ id: Identifier, in session: PostgresSession) throws(PostgresError)
        -> HaltRecord?
    {
        try session.query("SELECT \(columns) FROM halts WHERE id = $1 FOR UPDATE", [id.postgresValue])
            .first.map { (row) throws(PostgresError) in try HaltRecord(row) }
    }

    /// Clears a halt.
    package static func clear(
        _ id: Identifier, by actor: String, reason: String, in session: PostgresSession
    ) throws(PostgresError) {
        _ = try session.execute(
            """
            UPDATE halts
            SET cleared_at = clock_timestamp(), cleared_by = $2, clear_reason = $3
            WHERE id = $1
            """, [id.postgresValue, .text(actor), .text(reason)])
    }

    /// How many people other than this one may operate.
    package static func otherOperators(
        than userName: String?, in session: PostgresSession
    ) throws(PostgresError) -> Int {
        try session.query(
            """
            SELECT count(*) AS others
            FROM users
            WHERE role IN ('operator', 'admin') AND disabled_at IS NULL AND name IS DISTINCT FROM $1
            """, [.optional(userName)]
        ).only().int("others")
    }
}

extension HaltRecord {
    init(_ row: PostgresRow) throws(PostgresError) {
        id = try row.identifier("id")
        scope = try row.word("scope")
        target = try row.text("target")
        cause = try row.text("cause")
        reason = try row.text("reason")
        allowsReducing = try row.bool("allows_reducing")
        openedAt = try row.timestamp("opened_at")
        openedBy = try row.text("opened_by")
        clearedAt = try row.optionalTimestamp("cleared_at")
        clearedBy = try row.optionalText("cleared_by")
        clearReason = try row.optionalText("clear_reason")
        toldAt = try row.optionalTimestamp("told_at")
        completedAt = try row.optionalTimestamp("completed_at")
    }
}
