package import Domain
import JSON
package import Postgres

/// Keeps alerts.
package enum AlertStore {
    private static let columns = AlertRecord.columns

    /// Stores an alert; nil where one of the same source and key is open.
    package static func insert(
        _ draft: AlertDraft, tellings: Int, tellAt: Timestamp?, in session: PostgresSession
    ) throws(PostgresError) -> AlertRecord? {
        try session.query(
            """
            INSERT INTO alerts (type, priority, title, detail, evidence, subject, source, dedup_key, message_kind,
                state, tellings, told_at, tell_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'raised', $10,
                CASE WHEN $10 > 0 THEN clock_timestamp() END, $11)
            ON CONFLICT (source, dedup_key) WHERE state <> 'resolved' DO NOTHING
            RETURNING \(columns)
            """,
            [
                .text(draft.type), .text(draft.priority.rawValue), .text(draft.title), .text(draft.detail),
                JSONValue.object(draft.evidence).postgresValue, .optional(draft.subject),
                .text(draft.source), .text(draft.dedupKey), .text(draft.messageKind),
                .int(Int64(tellings)), .optional(tellAt),
            ]
        ).first.map { (row) throws(PostgresError) in try AlertRecord(row) }
    }

    /// Counts that an open alert was raised again, with what is known of it now; nil where none is open.
    package static func count(
        _ draft: AlertDraft, in session: PostgresSession
    ) throws(PostgresError) -> AlertRecord? {
        try session.query(
            """
            UPDATE alerts
            SET repeats = repeats + 1, last_raised_at = clock_timestamp(), detail = $3, evidence = $4
            WHERE source = $1 AND dedup_key = $2 AND state <> 'resolved'
            RETURNING \(columns)
            """,
            [
                .text(draft.source), .text(draft.dedupKey), .text(draft.detail),
                JSONValue.object(draft.evidence).postgresValue,
            ]
        ).first.map { (row) throws(PostgresError) in try AlertRecord(row) }
    }

    /// The alert of that identity.
    package static func find(_ id: Identifier, in session: PostgresSession) throws(PostgresError)
        -> AlertRecord?
    {
        try session.query("SELECT \(columns) FROM alerts WHERE id = $1", [id.postgresValue]).first.map {
            (row) throws(PostgresError) in try AlertRecord(row)
        }
    }

    /// The open alert of a source and key.
    package static func findOpen(
        _ key: String, of source: String = AlertDraft.system, in session: PostgresSession
    ) throws(PostgresError) -> AlertRecord? {
        try session.query(
            """
            SELECT \(columns)
            FROM alerts
            WHERE source = $1 AND dedup_key = $2 AND state <> 'resolved'
            """, [.text(source), .text(key)]
        ).first.map { (row) throws(PostgresError) in try AlertRecord(row) }
    }

    /// Those of these keys that were ever raised by Countersign itself.
    package static func everRaised(
        _ keys: [String], in session: PostgresSession
    ) throws(PostgresError) -> Set<String> {
        guard !keys.isEmpty else { return [] }
        let rows = try session.query(
            "SELECT DISTINCT dedup_key FROM alerts WHERE source = 'system' AND dedup_key = ANY ($1::text[])",
            [.texts(keys)])
        return Set(try rows.map { (row) throws(PostgresError) in try row.text("dedup_key") })
    }

    /// The open alerts of these types that Countersign raised itself.
    package static func open(
        _ types: [AlertType], in session: PostgresSession
    ) throws(PostgresError) -> [AlertRecord] {
        try session.query(
            """
            SELECT \(columns)
            FROM alerts
            WHERE state <> 'resolved' AND source = 'system' AND type = ANY ($1::text[])
            ORDER BY sequence
            """, [.texts(types.map(\.rawValue))]
        ).map { (row) throws(PostgresError) in try AlertRecord(row) }
    }

    /// How many alerts of a source nobody took note of.
    package static func raisedCount(
        of source: String, in session: PostgresSession
    ) throws(PostgresError) -> Int {
        try session.query(
            "SELECT count(*) AS count FROM alerts WHERE state = 'raised' AND source = $1", [.text(source)]
        ).only().int("count")
    }

    /// Notes that a person took note of it; nil where it is not raised any more.
    package static func acknowledge(
        _ id: Identifier, by actor: String, comment: String?, in session: PostgresSession
    ) throws(PostgresError) -> AlertRecord? {
        try session.query(
            """
            UPDATE alerts
            SET state = 'acknowledged', acknowledged_at = clock_timestamp(), acknowledged_by = $2, comment = $3,
                tell_at = NULL
            WHERE id = $1 AND state = 'raised'
            RETURNING \(columns)
            """, [id.postgresValue, .text(actor), .optional(comment)]
        ).first.map { (row) throws(PostgresError) in try AlertRecord(row) }
    }

    /// Ends it; nil where it has ended.
    package static func resolve(
        _ id: Identifier, by actor: String, reason: String?, in session: PostgresSession
    ) throws(PostgresError) -> AlertRecord? {
        try session.query(
            """
            UPDATE alerts
            SET state = 'resolved', resolved_at = clock_timestamp(), resolved_by = $2, resolve_reason = $3,
                tell_at = NULL
            WHERE id = $1 AND state <> 'resolved'
            RETURNING \(columns)
            """, [id.postgresValue, .text(actor), .optional(reason)]
        ).first.map { (row) throws(PostgresError) in try AlertRecord(row) }
    }

    /// Takes alerts that are to be told now; no other server takes them meanwhile.
    package static func takeDue(
        limit: Int, in session: PostgresSession
    ) throws(PostgresError) -> [AlertRecord] {
        try session.query(
            """
            SELECT \(columns)
            FROM alerts
            WHERE tell_at <= clock_timestamp()
            ORDER BY tell_at
            LIMIT $1
            FOR UPDATE SKIP LOCKED
            """, [.int(Int64(limit))]
        ).map { (row) throws(PostgresError) in try AlertRecord(row) }
    }

    /// Notes that it was told, and when it is told next.
    package static func noteTold(
        _ id: Identifier, nextAt: Timestamp?, in session: PostgresSession
    ) throws(PostgresError) {
        _ = try session.execute(
            """
            UPDATE alerts
            SET tellings = tellings + 1, told_at = clock_timestamp(), tell_at = $2
            WHERE id = $1
            """, [id.postgresValue, .optional(nextAt)])
    }

    /// Takes the alerts that settle by themselves: news that nobody has to acknowledge, after a day; and what others raised
    /// and a person acknowledged, after a week.
    package static func takeSettled(
        limit: Int, in session: PostgresSession
    ) throws(PostgresError) -> [AlertRecord] {
        try session.query(
            """
            SELECT \(columns)
            FROM alerts
            WHERE state <> 'resolved'
              AND (priority = 'info' AND last_raised_at < clock_timestamp() - interval '1 day'
                OR state = 'acknowledged' AND acknowledged_at < clock_timestamp() - interval '7 days'
                    AND (source <> 'system' OR type = ANY ($2::text[])))
            ORDER BY sequence
            LIMIT $1
            FOR UPDATE SKIP LOCKED
            """,
            [
                .int(Int64(limit)),
                .texts(
                    [
                        AlertType.stopLossHit, .executionFailure, .foreignExecution, .overfill,
                        .executionContradicted,
                    ].map(\.rawValue)),
            ]
        ).map { (row) throws(PostgresError) in try AlertRecord(row) }
    }
}
