package import Domain
package import JSON
import Postgres
package import Store

/// Takes in alerts from bots, monitors and people, and what people do with them.
package struct Alerts: Sendable {
    /// So many alerts of one source may wait for somebody to take note of them; more would bury those that matter.
    static let maxRaisedOfOneSource = 200

    private let context: GateContext

    /// The use case.
    package init(_ context: GateContext) { self.context = context }

    /// Raises an alert from outside, or counts that it was raised again.
    package func raise(_ body: JSONValue, by caller: Caller) async throws -> AlertRaising.Raised {
        guard caller.mayRaiseAlerts else {
            throw Refusal(
                .notAllowed, "Only keys with the scope alert, and people who decide or operate, raise alerts."
            )
        }
        let draft = try AlertDraft.parse(body, source: caller.journalActor)
        return try await context.pool.transaction { session in
            if try AlertStore.findOpen(draft.dedupKey, of: draft.source, in: session) == nil,
                try AlertStore.raisedCount(of: draft.source, in: session) >= Self.maxRaisedOfOneSource
            {
                throw Refusal(
                    .tooManyAlerts,
                    "\(Self.maxRaisedOfOneSource) alerts of yours wait for somebody to take note of them. Raise the same thing"
                        + " with the same dedup_key, resolve what is over, or have a person acknowledge some."
                )
            }
            return try AlertRaising.raise(draft, in: session)
        }
    }

    /// A person takes note of an alert: it is not told again.
    ///
    /// Doing it twice is doing it once; who comes second is told who was first.
    package func acknowledge(_ id: Identifier, comment: String?, by person: Person) async throws
        -> AlertRecord
    {
        guard person.role.canDecide || person.role.canOperate else {
            throw Refusal(
                .notAllowed,
                "\(person.name) (\(person.role.rawValue)) may look at alerts, not acknowledge them.")
        }
        let actor = "user:\(person.name)"
        return try await context.pool.transaction { session in
            if let alert = try AlertRaising.acknowledge(id, by: actor, comment: comment, in: session) {
                return alert
            }
            guard let alert = try AlertStore.find(id, in: session) else { throw Refusal.notFound("alert") }
            if alert.state == .acknowledged, alert.acknowledgedBy == actor { return alert }
            throw Self.tooLate(alert)
        }
    }

    /// Ends an alert: what raised it says that it is over, or a person who operates does.
    package func resolve(_ id: Identifier, reason: String?, by caller: Caller) async throws -> AlertRecord {
        try await context.pool.transaction { session in
            guard let alert = try AlertStore.find(id, in: session), Self.maySee(alert, caller) else {
                throw Refusal.notFound("alert")
            }
            let actor = caller.journalActor
            guard alert.source == actor && caller.mayRaiseAlerts || caller.person?.role.canOperate ?? false
            else {
                throw Refusal(.notAllowed, "Who raised an alert ends it, or a person who operates.")
            }
            guard alert.source != AlertDraft.system else {
                throw Refusal(
                    .conflict,
                    "Countersign ends this alert by itself when what it tells of is over. Acknowledge it instead."
                )
            }
            if let ended = try AlertRaising.end(id, by: actor, reason: reason, in: session) { return ended }
            guard let now = try AlertStore.find(id, in: session) else { throw Refusal.notFound("alert") }
            return now
        }
    }

    /// Alerts from the newest to the oldest; a key that only raises alerts sees its own.
    package func list(
        _ filter: AlertFilter, before sequence: Int? = nil, limit: Int, for caller: Caller
    ) async throws -> [AlertRecord] {
        var filter = filter
        if !caller.mayRead { filter.source = caller.journalActor }
        return try await context.pool.withSession { [filter] session in
            try AlertQueries.list(filter, before: sequence, limit: limit, in: session)
        }
    }

    /// The alert; `not-found` also where the caller may not see it.
    package func find(_ id: Identifier, for caller: Caller) async throws -> AlertRecord {
        let found = try await context.pool.withSession { session in try AlertStore.find(id, in: session) }
        guard let found, Self.maySee(found, caller) else { throw Refusal.notFound("alert") }
        return found
    }

    private static func maySee(_ alert: AlertRecord, _ caller: Caller) -> Bool {
        caller.mayRead || alert.source == caller.journalActor
    }

    private static func tooLate(_ alert: AlertRecord) -> Refusal {
        let name = alert.acknowledgedBy.map { String($0.drop { $0 != ":" }.dropFirst()) }
        let words: String
        if alert.state == .resolved {
            words = "This alert is over already" + (name.map { "; \($0) had acknowledged it." } ?? ".")
        } else {
            words = "\(name ?? "Somebody") has acknowledged this alert already."
        }
        return Refusal(
            .conflict, words,
            facts: [
                "state": .string(alert.state.rawValue), "acknowledged_by": .text(alert.acknowledgedBy),
                "acknowledged_at": .text(alert.acknowledgedAt?.rfc3339),
                "resolved_at": .text(alert.resolvedAt?.rfc3339),
            ])
    }
}

extension Caller {
    /// Whether the caller may raise alerts.
    package var mayRaiseAlerts: Bool {
        switch self {
        case .key(_, _, let scope): scope == .alert
        case .person(let person, _, _): person.role.canDecide || person.role.canOperate
        }
    }
}
