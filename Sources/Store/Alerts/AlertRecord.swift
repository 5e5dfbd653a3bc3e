package import Domain
package import JSON
import Postgres

/// An alert as it stands.
package struct AlertRecord: Sendable, Hashable {
    package let id: Identifier
    /// Its place among all alerts, for lists.
    package let sequence: Int
    package let type: String
    package let priority: AlertPriority
    package let title: String
    package let detail: String
    package let evidence: JSONObject
    /// What it is about: `symbol:NVDA`, `halt:…`; nil where it is about nothing in particular.
    package let subject: String?
    /// `system`, or who raised it, in the journal's words.
    package let source: String
    package let dedupKey: String
    /// The kind of the message that tells it first.
    package let messageKind: String
    package let state: AlertState
    /// How often it was raised again while it was open.
    package let repeats: Int
    package let raisedAt: Timestamp
    package let lastRaisedAt: Timestamp
    package let acknowledgedAt: Timestamp?
    package let acknowledgedBy: String?
    package let comment: String?
    package let resolvedAt: Timestamp?
    package let resolvedBy: String?
    package let resolveReason: String?
    /// How often people were told.
    package let tellings: Int
    package let toldAt: Timestamp?
    /// When it is told next; nil for never.
    package let tellAt: Timestamp?

    /// What messages about it are about: the halt where it is about one, so that all of them hang together.
    package var deliverySubject: String {
        guard source == AlertDraft.system, let subject, subject.hasPrefix("halt:") else {
            return journalSubject
        }
        return subject
    }

    /// How the journal names it.
    package var journalSubject: String { "alert:\(id)" }

    static let columns = """
        id, sequence, type, priority, title, detail, evidence, subject, source, dedup_key, message_kind, state,
        repeats, raised_at, last_raised_at, acknowledged_at, acknowledged_by, comment, resolved_at, resolved_by,
        resolve_reason, tellings, told_at, tell_at
        """

    init(_ row: PostgresRow) throws(PostgresError) {
        id = try row.identifier("id")
        sequence = try row.int("sequence")
        type = try row.text("type")
        priority = try row.word("priority")
        title = try row.text("title")
        detail = try row.text("detail")
        evidence = try row.json("evidence").objectValue ?? [:]
        subject = try row.optionalText("subject")
        source = try row.text("source")
        dedupKey = try row.text("dedup_key")
        messageKind = try row.text("message_kind")
        state = try row.word("state")
        repeats = try row.int("repeats")
        raisedAt = try row.timestamp("raised_at")
        lastRaisedAt = try row.timestamp("last_raised_at")
        acknowledgedAt = try row.optionalTimestamp("acknowledged_at")
        acknowledgedBy = try row.optionalText("acknowledged_by")
        comment = try row.optionalText("comment")
        resolvedAt = try row.optionalTimestamp("resolved_at")
        resolvedBy = try row.optionalText("resolved_by")
        resolveReason = try row.optionalText("resolve_reason")
        tellings = try row.int("tellings")
        toldAt = try row.optionalTimestamp("told_at")
        tellAt = try row.optionalTimestamp("tell_at")
    }
}

extension AlertRecord {
    /// An alert as it would be right after it was raised, for samples.
    package init(
        _ draft: AlertDraft, id: Identifier, at moment: Timestamp, acknowledgedBy: String? = nil,
        resolved: Bool = false
    ) {
        self.id = id
        sequence = 1
        type = draft.type
        priority = draft.priority
        title = draft.title
        detail = draft.detail
        evidence = draft.evidence
        subject = draft.subject
        source = draft.source
        dedupKey = draft.dedupKey
        messageKind = draft.messageKind
        state = resolved ? .resolved : acknowledgedBy == nil ? .raised : .acknowledged
        repeats = 0
        raisedAt = moment
        lastRaisedAt = moment
        acknowledgedAt = acknowledgedBy == nil ? nil : moment.adding(seconds: 240)
        self.acknowledgedBy = acknowledgedBy
        comment = acknowledgedBy == nil ? nil : "on it"
        resolvedAt = resolved ? moment.adding(seconds: 600) : nil
        resolvedBy = resolved ? AlertDraft.system : nil
        resolveReason = nil
        tellings = 1
        toldAt = moment
        tellAt = nil
    }

    /// The alert as the API shows it.
    package var json: JSONValue {
        [
            "id": .string(id.text), "type": .string(type), "priority": .string(priority.rawValue),
            "state": .string(state.rawValue), "title": .string(title), "detail": .string(detail),
            "evidence": .object(evidence), "subject": .text(subject), "source": .string(source),
            "dedup_key": .string(dedupKey), "repeats": .integer(repeats),
            "raised_at": .string(raisedAt.rfc3339), "last_raised_at": .string(lastRaisedAt.rfc3339),
            "acknowledged_at": .text(acknowledgedAt?.rfc3339), "acknowledged_by": .text(acknowledgedBy),
            "comment": .text(comment), "resolved_at": .text(resolvedAt?.rfc3339),
            "resolved_by": .text(resolvedBy), "resolve_reason": .text(resolveReason),
            "tellings": .integer(tellings), "told_at": .text(toldAt?.rfc3339),
        ]
    }
}
