package import Domain
package import JSON
package import Postgres

/// Limits that somebody wants and nobody accepted yet, or what became of them.
package struct PolicyDraftRecord: Sendable, Hashable {
    /// What became of a draft.
    package enum State: String, Sendable, Hashable, CaseIterable {
        case open, accepted, rejected, superseded
    }

    package let id: Identifier
    package let number: Int
    /// The complete document.
    package let document: JSONValue
    /// The version that it was written against.
    package let baseVersion: Int
    package let proposedBy: Identifier
    package let proposedByName: String
    package let proposedAt: Timestamp
    package let state: State
    /// Who decided, in the journal's words.
    package let decidedBy: String?
    package let decidedAt: Timestamp?
    package let reason: String?
    /// The version that it became.
    package let version: Int?

    /// How the journal names the draft as a subject.
    package var subject: String { "policy-draft:\(id)" }

    init(_ row: PostgresRow) throws(PostgresError) {
        id = try row.identifier("id")
        number = try row.int("number")
        document = try row.json("document")
        baseVersion = try row.int("base_version")
        proposedBy = try row.identifier("proposed_by")
        proposedByName = try row.text("proposed_by_name")
        proposedAt = try row.timestamp("proposed_at")
        state = try row.word("state")
        decidedBy = try row.optionalText("decided_by")
        decidedAt = try row.optionalTimestamp("decided_at")
        reason = try row.optionalText("reason")
        version = try row.optionalInt("version")
    }
}

/// Drafts of the limits.
package enum PolicyDraftStore {
    /// Adds a draft; the database refuses a second open one.
    package static func insert(
        id: Identifier, document: JSONValue, baseVersion: Int, proposedBy: Identifier,
        in session: PostgresSession
    ) throws(PostgresError) {
        try session.execute(
            """
            INSERT INTO policy_drafts (id, document, base_version, proposed_by)
            VALUES ($1, $2, $3, $4)
            """,
            [
                id.postgresValue, document.postgresValue, baseVersion.postgresValue,
                proposedBy.postgresValue,
            ])
    }

    /// Ends an open draft; `version` where it was accepted.
    package static func finish(
        _ id: Identifier, as state: PolicyDraftRecord.State, by actor: String, userID: Identifier?,
        reason: String?, version: Int?, in session: PostgresSession
    ) throws(PostgresError) {
        try session.execute(
            """
            UPDATE policy_drafts
            SET state = $2,
                decided_by = $3,
                decided_by_user = $4,
                reason = $5,
                version = $6,
                decided_at = clock_timestamp()
            WHERE id = $1
            """,
            [
                id.postgresValue, .text(state.rawValue), .text(actor), .optional(userID), .optional(reason),
                .optional(version),
            ])
    }

    /// The draft that waits for somebody; locked for this transaction.
    package static func open(in session: PostgresSession) throws(PostgresError) -> PolicyDraftRecord? {
        try records("d.state = 'open'", [], "FOR UPDATE OF d", in: session).first
    }

    /// One draft; locked for this transaction.
    package static func find(_ id: Identifier, in session: PostgresSession) throws(PostgresError)
        -> PolicyDraftRecord?
    {
        try records("d.id = $1", [id.postgresValue], "FOR UPDATE OF d", in: session).first
    }

    /// The newest drafts, the open one first.
    package static func list(limit: Int, in session: PostgresSession) throws(PostgresError)
        -> [PolicyDraftRecord]
    {
        try records(
            "true", [limit.postgresValue], "ORDER BY d.state = 'open' DESC, d.number DESC LIMIT $1",
            in: session)
    }

    private static func records(
        _ condition: StaticString, _ parameters: [PostgresValue], _ rest: StaticString,
        in session: PostgresSession
    ) throws(PostgresError) -> [PolicyDraftRecord] {
        let rows = try session.query(
            """
            SELECT d.id, d.number, d.document, d.base_version, d.proposed_by, u.name AS proposed_by_name,
                d.proposed_at, d.state, d.decided_by, d.decided_at, d.reason, d.version
            FROM policy_drafts AS d
            JOIN users AS u ON u.id = d.proposed_by
            WHERE \(condition)
            \(rest)
            """, parameters)
        var found: [PolicyDraftRecord] = []
        for row in rows { found.append(try PolicyDraftRecord(row)) }
        return found
    }
}
