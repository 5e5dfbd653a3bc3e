// What belongs together when an alert changes: its row, the journal's entry and the messages. It stands here because
// both who judges (Gate) and who sends (Notifications) raise alerts, in transactions of their own.

package import Domain
import JSON
package import Postgres

/// Raises alerts, has them told, and ends them.
package enum AlertRaising {
    /// A repeat of what a person acknowledged longer ago than this is told anew.
    private static let acknowledgementHours = 24

    /// What became of raising one.
    package struct Raised: Sendable {
        package let alert: AlertRecord
        /// False where it was open already and was only counted.
        package let isNew: Bool
    }

    /// Raises an alert, or counts that it was raised again while it is open; told are the channels of its route, or
    /// those given, never the one excepted.
    @discardableResult
    package static func raise(
        _ draft: AlertDraft, to channels: [Identifier]? = nil, except: Identifier? = nil,
        counts: Bool = true, in session: PostgresSession
    ) throws -> Raised {
        let policy = try policy(in: session)
        let now = try DatabaseClock.now(in: session)
        let quietUntil = draft.isToldElsewhere ? nil : policy.quiet(draft.priority, at: now)
        let isTold = draft.isToldElsewhere || quietUntil == nil
        let tellAt = quietUntil ?? policy.nextTelling(of: draft.priority, after: now)
        for _ in 0..<3 {
            let new = try AlertStore.insert(draft, tellings: isTold ? 1 : 0, tellAt: tellAt, in: session)
            if let new {
                try record("alert.raised", new, by: draft.source, in: session)
                if isTold, !draft.isToldElsewhere {
                    try tell(new, new.messageKind, policy, to: channels, except: except, in: session)
                }
                return Raised(alert: new, isNew: true)
            }
            guard let open = try AlertStore.findOpen(draft.dedupKey, of: draft.source, in: session) else {
                continue
            }
            guard counts else { return Raised(alert: open, isNew: false) }
            if let at = open.acknowledgedAt, now.seconds(since: at) >= acknowledgementHours * 3600 {
                _ = try end(
                    open.id, by: AlertDraft.system, reason: "it was raised anew", told: .nobody, in: session)
                continue
            }
            if draft.priority > open.priority {
                _ = try end(
                    open.id, by: AlertDraft.system, reason: "it is more urgent now", told: .nobody,
                    in: session)
                continue
            }
            if let counted = try AlertStore.count(draft, in: session) {
                return Raised(alert: counted, isNew: false)
            }
        }
        throw AlertContention()
    }

    /// Notes that a person took note of an alert; nil where it is not raised any more.
    package static func acknowledge(
        _ id: Identifier, by actor: String, comment: String?, in session: PostgresSession
    ) throws -> AlertRecord? {
        guard let alert = try AlertStore.acknowledge(id, by: actor, comment: comment, in: session) else {
            return nil
        }
        try record("alert.acknowledged", alert, by: actor, ["comment": .text(comment)], in: session)
        try follow(alert, "alert-acknowledged", changeable: false, in: session)
        return alert
    }

    /// Who is told that an alert is over.
    package enum Told: Sendable {
        /// Every channel that was told of it.
        case everybody
        /// Only where its message can be changed without a sound: other news tells it already.
        case quietly
        case nobody
    }

    /// Ends an alert; nil where it has ended.
    @discardableResult
    package static func end(
        _ id: Identifier, by actor: String, reason: String?, told: Told = .everybody,
        in session: PostgresSession
    ) throws -> AlertRecord? {
        guard let alert = try AlertStore.resolve(id, by: actor, reason: reason, in: session) else {
            return nil
        }
        let data: JSONObject = ["reason": .text(reason), "repeats": .integer(alert.repeats)]
        try record("alert.resolved", alert, by: actor, data, in: session)
        switch told {
        case .everybody: try follow(alert, "alert-resolved", changeable: alert.priority == .info, in: session)
        case .quietly: try follow(alert, "alert-resolved", changeable: true, in: session)
        case .nobody: break
        }
        return alert
    }

    /// Ends the alert that Countersign raised under a key, where one is open.
    package static func end(
        key: String, by actor: String, reason: String?, told: Told = .everybody, in session: PostgresSession
    ) throws {
        guard let open = try AlertStore.findOpen(key, in: session) else { return }
        try end(open.id, by: actor, reason: reason, told: told, in: session)
    }

    /// Tells what is due: again what nobody acknowledged, and for the first time what had to wait for the morning.
    package static func tellDue(limit: Int, in session: PostgresSession) throws -> [AlertRecord] {
        let due = try AlertStore.takeDue(limit: limit, in: session)
        guard !due.isEmpty else { return [] }
        let policy = try policy(in: session)
        let now = try DatabaseClock.now(in: session)
        for alert in due {
            let kind = alert.tellings == 0 ? alert.messageKind : "alert-repeated"
            try tell(alert, kind, policy, in: session)
            try AlertStore.noteTold(
                alert.id, nextAt: policy.nextTelling(of: alert.priority, after: now), in: session)
        }
        return due
    }

    /// The alerts' part of the newest policy; the presets' where there is none yet.
    package static func policy(in session: PostgresSession) throws -> AlertPolicy {
        guard let (_, document) = try CheckingStore.newestPolicy(in: session),
            let policy = try? PolicyDocument.parse(document)
        else { return .standard }
        return policy.alerts
    }

    // MARK: messages

    private static func tell(
        _ alert: AlertRecord, _ kind: String, _ policy: AlertPolicy, to channels: [Identifier]? = nil,
        except: Identifier? = nil, in session: PostgresSession
    ) throws {
        let excepted = except ?? exception(of: alert)
        guard let audience = try channels ?? audience(alert, policy, except: excepted, in: session) else {
            return
        }
        try send(alert, kind, to: audience, in: session)
    }

    /// A channel does not tell of its own failure.
    private static func exception(of alert: AlertRecord) -> Identifier? {
        guard alert.source == AlertDraft.system, alert.type == AlertType.channelFailing.rawValue else {
            return nil
        }
        return alert.evidence["channel_id"]?.stringValue.flatMap(Identifier.init)
    }

    /// Nil where it only stands on the page.
    ///
    /// A route that reaches no channel in use must lose nothing: then all are told.
    private static func audience(
        _ alert: AlertRecord, _ policy: AlertPolicy, except: Identifier?, in session: PostgresSession
    ) throws -> [Identifier]? {
        let all = try AlertQueries.destinations(in: session).filter { $0.id != except }
        guard let route = policy.route(alert.type, alert.priority) else { return all.map(\.id) }
        if route.isPageOnly { return nil }
        let reached = all.filter(route.reaches)
        return (reached.isEmpty ? all : reached).map(\.id)
    }

    private static func follow(
        _ alert: AlertRecord, _ kind: String, changeable: Bool, in session: PostgresSession
    ) throws {
        let told = try AlertQueries.told(alert.deliverySubject, changeable: changeable, in: session)
        guard !told.isEmpty else { return }
        try send(alert, kind, to: told, in: session)
    }

    private static func send(
        _ alert: AlertRecord, _ kind: String, to channels: [Identifier], in session: PostgresSession
    ) throws {
        var data = alert.source == AlertDraft.system && kind == alert.messageKind ? alert.evidence : [:]
        data["alert_id"] = .string(alert.id.text)
        let request = DeliveryRequest(
            kind: kind, subject: alert.deliverySubject, priority: alert.priority.deliveryPriority, data: data)
        try DeliveryQueue.enqueue([request], only: channels, in: session)
    }

    private static func record(
        _ kind: String, _ alert: AlertRecord, by actor: String, _ data: JSONObject = [:],
        in session: PostgresSession
    ) throws {
        var all: JSONObject = [
            "type": .string(alert.type), "priority": .string(alert.priority.rawValue),
            "title": .string(alert.title), "dedup_key": .string(alert.dedupKey),
            "source": .string(alert.source),
        ]
        if kind == "alert.raised" {
            all["detail"] = .string(alert.detail)
            all["evidence"] = .object(alert.evidence)
        }
        try JournalStore.append(
            [JournalDraft(kind: kind, actor: actor, subject: alert.journalSubject, data: all.merging(data))],
            in: session)
    }
}

/// That an alert was raised and ended by others again and again while it was to be raised.
private struct AlertContention: Error {}
