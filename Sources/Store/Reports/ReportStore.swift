package import Domain
package import JSON
package import Postgres

/// Keeps reports as they were made.
package enum ReportStore {
    /// Keeps a report; false where that of the period was made already, by another server too.
    package static func insert(
        _ kind: ReportKind, _ period: String, _ document: JSONValue, in session: PostgresSession
    ) throws(PostgresError) -> Bool {
        try session.query(
            """
            INSERT INTO reports (kind, period, document)
            VALUES ($1, $2, $3)
            ON CONFLICT (kind, period) DO NOTHING
            RETURNING period
            """, [.text(kind.rawValue), .text(period), document.postgresValue]
        ).first != nil
    }

    /// A report as it was made; nil where it was not made yet.
    package static func find(
        _ kind: ReportKind, _ period: String, in session: PostgresSession
    ) throws(PostgresError) -> JSONValue? {
        try session.query(
            "SELECT document FROM reports WHERE kind = $1 AND period = $2",
            [.text(kind.rawValue), .text(period)]
        ).first.map { (row) throws(PostgresError) in try row.json("document") }
    }

    /// The period of the newest report of a kind; nil before the first.
    package static func newest(
        _ kind: ReportKind, in session: PostgresSession
    ) throws(PostgresError) -> String? {
        try session.query(
            "SELECT max(period) AS newest FROM reports WHERE kind = $1", [.text(kind.rawValue)]
        ).only().optionalText("newest")
    }

    /// When there first was something to tell of: an account's snapshot or a proposal; nil before.
    package static func beganAt(in session: PostgresSession) throws(PostgresError) -> Timestamp? {
        try session.query(
            """
            SELECT least((SELECT min(received_at) FROM account_snapshots), (SELECT min(created_at) FROM proposal_terms))
                AS began
            """
        ).only().optionalTimestamp("began")
    }

    /// The channels in use that reports may go to: those of people who are in use, and those that belong to nobody.
    package static func readers(in session: PostgresSession) throws(PostgresError) -> [ReportReader] {
        try session.query(
            """
            SELECT c.id, c.name, c.kind, u.name AS owner, u.role
            FROM channels c
            LEFT JOIN users u ON u.id = c.user_id
            WHERE c.disabled_at IS NULL AND (c.user_id IS NULL OR u.disabled_at IS NULL)
            ORDER BY c.id
            """
        ).map { (row) throws(PostgresError) in
            var owner: ReportReader.Owner?
            if let name = try row.optionalText("owner") {
                owner = ReportReader.Owner(name: name, role: try row.word("role"))
            }
            return ReportReader(
                id: try row.identifier("id"), name: try row.text("name"), kind: try row.word("kind"),
                owner: owner)
        }
    }

    /// Who reads reports, by the newest policy; as the presets have it where there is none yet.
    package static func policy(in session: PostgresSession) throws(PostgresError) -> ReportPolicy {
        guard let (_, document) = try CheckingStore.newestPolicy(in: session),
            let policy = try? PolicyDocument.parse(document)
        else { return .standard }
        return policy.reports
    }
}
