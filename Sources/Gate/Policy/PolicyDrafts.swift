package import Domain
package import JSON
import Postgres
package import Store

/// What became of limits that a person asked for.
package enum PolicyRequest: Sendable, Hashable {
    /// Nobody else could accept them, so they count at once, or said what counts already.
    case done(PolicyApplication)
    /// They wait for a second person.
    case drafted(PolicyDraftRecord, changes: [PolicyChange])
}

/// New limits from people: written by one, accepted by another where there is another.
///
/// Whoever works on the database applies limits directly, by `Policies`.
package struct PolicyDrafts: Sendable {
    private static let reasonLimit = 500
    private let context: GateContext

    /// The use case.
    package init(_ context: GateContext) { self.context = context }

    /// Makes a draft, or applies the document at once where no other admin could accept it.
    package func propose(_ document: JSONValue, by person: Person) async throws -> PolicyRequest {
        let policy = try Self.parse(document)
        let actor = "user:\(person.name)"
        return try await context.pool.transaction { session in
            try AccountLock.exclusive(in: session)
            try Self.requireAdmin(person, in: session)
            let newest = try PolicyStore.list(before: nil, limit: 1, in: session).first
            let changes = PolicyChange.between(newest?.document ?? [:], policy.json)
            if let newest, changes.isEmpty { return .done(.unchanged(newest)) }
            try supersede(by: person, in: session)
            guard let newest, try UserStore.hasOtherAdmin(than: person.id, in: session) else {
                return .done(try Policies.apply(policy, by: actor, in: session))
            }
            let id = context.newIdentifier(at: try DatabaseClock.now(in: session))
            try PolicyDraftStore.insert(
                id: id, document: policy.json, baseVersion: newest.version, proposedBy: person.id,
                in: session)
            guard let draft = try PolicyDraftStore.find(id, in: session) else {
                throw Refusal.notFound("draft")
            }
            try journal("policy.drafted", draft, by: actor, changes, in: session)
            return .drafted(draft, changes: changes)
        }
    }

    /// Makes a draft count; another admin than its author, while it still answers the newest version.
    package func accept(_ id: Identifier, by person: Person) async throws -> PolicyRecord {
        let actor = "user:\(person.name)"
        return try await context.pool.transaction { session in
            try AccountLock.exclusive(in: session)
            try Self.requireAdmin(person, in: session)
            let draft = try Self.openDraft(id, in: session)
            guard draft.proposedBy != person.id else {
                throw Refusal(
                    .secondPersonRequired,
                    "You wrote this draft; another admin accepts it. You may withdraw it by rejecting it.")
            }
            try Identity.requireOwnPIN(of: person, in: session)
            let newest = try PolicyStore.newestVersion(in: session) ?? 0
            guard newest == draft.baseVersion else {
                throw Refusal(
                    .conflict,
                    "The draft was written against version \(draft.baseVersion), and version \(newest) counts now. "
                        + "Accepting it would undo what came in between; have it written anew.")
            }
            // Read again: what a preset leaves out was filled in when the draft was written.
            let policy = try Self.parse(draft.document)
            let record = try Policies.apply(policy, by: actor, in: session).record
            try PolicyDraftStore.finish(
                id, as: .accepted, by: actor, userID: person.id, reason: nil, version: record.version,
                in: session)
            try journal("policy.draft_accepted", draft, by: actor, [], in: session)
            return record
        }
    }

    /// Puts a draft aside; any admin may, its author too.
    package func reject(_ id: Identifier, reason: String?, by person: Person) async throws
        -> PolicyDraftRecord
    {
        if let reason, !JSONReader.isText(reason) || reason.unicodeScalars.count > Self.reasonLimit {
            throw Refusal.invalid([
                JSONFault(
                    pointer: "/reason", detail: "must have at most \(Self.reasonLimit) characters of text")
            ])
        }
        let actor = "user:\(person.name)"
        return try await context.pool.transaction { session in
            try Self.requireAdmin(person, in: session)
            let draft = try Self.openDraft(id, in: session)
            try PolicyDraftStore.finish(
                id, as: .rejected, by: actor, userID: person.id, reason: reason, version: nil, in: session)
            try journal("policy.draft_rejected", draft, by: actor, [], reason: reason, in: session)
            return try PolicyDraftStore.find(id, in: session) ?? draft
        }
    }

    /// The newest drafts, the open one first.
    package func list(limit: Int = 20) async throws -> [PolicyDraftRecord] {
        try await context.pool.withSession { try PolicyDraftStore.list(limit: limit, in: $0) }
    }

    /// A new draft takes the place of the open one.
    private func supersede(by person: Person, in session: PostgresSession) throws {
        guard let open = try PolicyDraftStore.open(in: session) else { return }
        try PolicyDraftStore.finish(
            open.id, as: .superseded, by: "user:\(person.name)", userID: person.id, reason: nil,
            version: nil, in: session)
        try journal("policy.draft_superseded", open, by: "user:\(person.name)", [], in: session)
    }

    private func journal(
        _ kind: String, _ draft: PolicyDraftRecord, by actor: String, _ changes: [PolicyChange],
        reason: String? = nil, in session: PostgresSession
    ) throws {
        var data: JSONObject = [
            "draft": .integer(draft.number), "base_version": .integer(draft.baseVersion),
            "proposed_by": .string(draft.proposedByName),
        ]
        if let reason { data["reason"] = .string(reason) }
        if !changes.isEmpty {
            data["document"] = draft.document
            data["changes"] = .array(
                changes.map { ["pointer": .string($0.pointer), "from": $0.from, "to": $0.to] })
        }
        try JournalStore.append(
            [JournalDraft(kind: kind, actor: actor, subject: draft.subject, data: data)], in: session)
    }

    private static func parse(_ document: JSONValue) throws -> Policy {
        do throws(ValidationFailure) {
            return try PolicyDocument.parse(document)
        } catch {
            throw Refusal.invalid(error.faults)
        }
    }

    /// The role as it is now, not as it was when the session or token was looked at.
    private static func requireAdmin(_ person: Person, in session: PostgresSession) throws {
        guard let user = try UserStore.find(person.id, in: session), user.disabledAt == nil,
            user.role.canAdminister
        else { throw Refusal(.notAllowed, "\(person.name) may not change the policy; it takes an admin.") }
    }

    private static func openDraft(_ id: Identifier, in session: PostgresSession) throws -> PolicyDraftRecord {
        guard let draft = try PolicyDraftStore.find(id, in: session) else {
            throw Refusal.notFound("draft")
        }
        guard draft.state == .open else {
            throw Refusal(
                .alreadyDecided, "The draft was \(draft.state.rawValue) by \(draft.decidedBy ?? "somebody").")
        }
        return draft
    }
}
