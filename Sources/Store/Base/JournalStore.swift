package import JSON
package import Postgres

/// An entry for the journal before it is written.
package struct JournalDraft: Sendable, Hashable {
    /// What happened: `proposal.created`.
    package let kind: String
    /// Who did it: `user:alice`, `key:dee-bot`, `worker:w1`, `cli:root` or `system`.
    package let actor: String
    /// What it happened to: `proposal:<id>`.
    package let subject: String
    /// The particulars.
    package let data: JSONObject

    /// An entry.
    package init(kind: String, actor: String, subject: String, data: JSONObject = [:]) {
        self.kind = kind
        self.actor = actor
        self.subject = subject
        self.data = data
    }
}

/// Writes the journal.
///
/// Reading, sealing and verifying it stand beside this file.
package enum JournalStore {
    /// Writes entries in their order, in the transaction of what they tell of.
    package static func append(_ entries: [JournalDraft], in session: PostgresSession) throws(PostgresError) {
        guard !entries.isEmpty else { return }
        try session.read(append(entries))
    }

    /// `append`, among other statements.
    package static func append(_ entries: [JournalDraft]) -> PostgresReading<Void> {
        PostgresReading(
            appendSQL,
            [
                .packed(entries.map(\.kind)), .packed(entries.map(\.actor)),
                .packed(entries.map(\.subject)),
                .packed(entries.map { JSONValue.object($0.data).canonical() }),
            ])
    }

    private static let appendSQL = """
        INSERT INTO journal (kind, actor, subject, data)
        SELECT kind, actor, subject, data
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
            WITH ORDINALITY AS entry (kind, actor, subject, data, place)
        ORDER BY place
        """
}
