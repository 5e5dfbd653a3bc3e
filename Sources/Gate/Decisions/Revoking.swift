package import Domain
import JSON
import Postgres
import Store

/// An approver takes an approval back before the worker claims the order.
package struct Revoking: Sendable {
    private let context: GateContext

    /// The use case.
    package init(_ context: GateContext) { self.context = context }

    /// Revokes an approval that is held, or released but not claimed.
    package func revoke(_ id: Identifier, reason: String?, by person: Person) async throws -> ProposalView {
        let result: Result<ProposalView, Refusal> = try await context.pool.transaction { session in
            try AccountLock.exclusive(in: session)
            guard let record = try ProposalQueries.lock(id, in: session) else {
                return .failure(.notFound("proposal"))
            }
            guard person.role.canDecide else {
                return .failure(Refusal(.notAllowed, "\(person.name) may look, but not decide."))
            }
            if let refusal = try Self.revoke(record, reason: reason, by: person, in: session) {
                return .failure(refusal)
            }
            return .success(try ProposalReading.views([id], in: session)[0])
        }
        return try result.get()
    }

    private static func revoke(
        _ record: ProposalRecord, reason: String?, by person: Person, in session: PostgresSession
    ) throws -> Refusal? {
        let actor = "user:\(person.name)"
        var data: JSONObject = [:]
        data["reason"] = reason.map(JSONValue.string)
        switch record.state {
        case .approved:
            try ProposalTransitions.end(
                record.id, as: .revoked, by: actor, reason: reason ?? "revoked", in: session)
        case .released:
            guard let orderID = record.orderID, let order = try OrderQueries.lock(orderID, in: session) else {
                return .notFound("order")
            }
            guard
                try OrderRelease.endUnclaimed(
                    orderID, as: .revoked, reason: reason ?? "revoked by \(person.name)", in: session)
            else { return try LostOrder.refusal(order, in: session) }
        case .rejected, .expired, .withdrawn, .cancelled, .refused, .lapsed, .revoked:
            return try Contest.loss(record, in: session)
        case .pending:
            return Refusal(
                .conflict,
                "Nothing is approved yet, so nothing can be taken back. A vote that was cast stays; whoever may still"
                    + " decide can reject the proposal, and an operator can stop trading in \(record.terms.symbol).",
                facts: ["state": .string(record.state.rawValue)])
        case .blocked:
            return Refusal(
                .conflict, "There is no approval to take back. \(record.state.sentence)",
                facts: ["state": .string(record.state.rawValue)])
        }
        try JournalStore.append([entry(record, by: actor, data)], in: session)
        try DeliveryQueue.enqueue([record.outcome(.revoked)], in: session)
        return nil
    }

    /// What was revoked: the approval that was held, or the order that nobody had claimed.
    private static func entry(_ record: ProposalRecord, by actor: String, _ data: JSONObject) -> JournalDraft
    {
        guard record.state == .released, let orderID = record.orderID else {
            return record.entry("revoked", by: actor, data)
        }
        return JournalDraft(
            kind: "order.revoked", actor: actor, subject: "order:\(orderID)",
            data: record.essentials.merging(data).merging(["proposal_id": .string(record.id.text)]))
    }
}
