// The one place where a decision is made. Every page, link, API call, chat button and command comes through here.

package import Domain
import JSON
import Postgres
import Store

/// A person's verdict on its way in.
package struct DecisionRequest: Sendable {
    package let proposalID: Identifier
    package let verdict: Verdict
    /// The hash of the order that the person saw.
    package let orderHash: String
    package let comment: String?
    /// A smaller quantity than proposed.
    package let qty: ExactDecimal?

    /// A verdict.
    package init(
        proposalID: Identifier, verdict: Verdict, orderHash: String, comment: String? = nil,
        qty: ExactDecimal? = nil
    ) {
        self.proposalID = proposalID
        self.verdict = verdict
        self.orderHash = orderHash
        self.comment = comment
        self.qty = qty
    }
}

/// Lets people decide.
package struct Deciding: Sendable {
    private let context: GateContext

    /// The use case.
    package init(_ context: GateContext) { self.context = context }

    /// Records a verdict and, on quorum, releases the order in the same transaction.
    ///
    /// The loser of a race learns by a `Refusal` who won, when, and what.
    package func decide(
        _ request: DecisionRequest, by person: Person, method: ProofMethod
    ) async throws -> ProposalView {
        do {
            return try await attempt(request, by: person, method: method).get()
        } catch let error as PostgresError
            where error.databaseGuard == .notPending || error.databaseGuard == .tooLateOrTooEarly
        {
            // The deadline, or somebody else, came between looking and writing: the second look tells the truth.
            return try await attempt(request, by: person, method: method).get()
        }
    }

    private func attempt(
        _ request: DecisionRequest, by person: Person, method: ProofMethod
    ) async throws -> Result<ProposalView, Refusal> {
        try await context.pool.transaction { [context] session in
            try DecisionTransaction(context, request, person, method).run(in: session)
        }
    }
}

/// One decision's transaction.
///
/// A refusal comes back as a value, so that an expiry found on the way is committed.
private struct DecisionTransaction {
    let context: GateContext
    let request: DecisionRequest
    let person: Person
    let method: ProofMethod

    init(_ context: GateContext, _ request: DecisionRequest, _ person: Person, _ method: ProofMethod) {
        self.context = context
        self.request = request
        self.person = person
        self.method = method
    }

    func run(in session: PostgresSession) throws -> Result<ProposalView, Refusal> {
        try AccountLock.shared(in: session)
        guard let record = try ProposalQueries.lock(request.proposalID, in: session) else {
            return .failure(.notFound("proposal"))
        }
        if let refusal = try refusal(of: record, in: session) { return .failure(refusal) }
        switch request.verdict {
        case .reject: try reject(record, in: session)
        case .approve:
            let asked = try reduced(record, in: session)
            switch asked {
            case .failure(let refusal): return .failure(refusal)
            case .success(let record): try approve(record, in: session)
            }
        }
        return .success(try ProposalReading.views([record.id], in: session)[0])
    }

    private func refusal(of record: ProposalRecord, in session: PostgresSession) throws -> Refusal? {
        guard person.role.canDecide else {
            return Refusal(
                .notAllowed, "\(person.name) is \(person.role.rawValue) and may look, but not decide.")
        }
        guard record.proposerUserID != person.id else {
            return Refusal(
                .selfApproval, "You proposed this trade yourself; somebody else has to decide on it.")
        }
        if let loss = try Contest.loss(record, in: session) { return loss }
        guard record.orderHash == request.orderHash.lowercased() else {
            return Refusal(
                .orderChanged,
                "The order is not the one you saw: it has changed since. Nothing was decided. "
                    + "Load the page again and look at it anew.",
                facts: ["proposal_id": .string(record.id.text), "order_hash": .string(record.orderHash)])
        }
        let earlier = try DecisionStore.list(for: [record.id], in: session).first { $0.userID == person.id }
        if let earlier {
            return Refusal(
                .alreadyDecided,
                "You \(earlier.verdict.past) this at \(earlier.decidedAt.rfc3339); one person counts once.",
                facts: ["proposal_id": .string(record.id.text), "state": .string(record.state.rawValue)])
        }
        return request.verdict == .approve ? try overLimit(record, in: session) : nil
    }

    private func overLimit(_ record: ProposalRecord, in session: PostgresSession) throws -> Refusal? {
        let limits = try DecisionStore.approvalLimits(of: person.id, in: session)
        if let single = limits.single, record.notional > single {
            return Refusal(
                .notAllowed,
                "This order is about $\(record.notional.grouped(minimumPlaces: 2)); you may approve up to "
                    + "$\(single.grouped(minimumPlaces: 2)) at once.")
        }
        if let day = limits.day, limits.usedToday + record.notional > day {
            return Refusal(
                .notAllowed,
                "With this order you would have approved "
                    + "$\((limits.usedToday + record.notional).grouped(minimumPlaces: 2)) today; your limit is "
                    + "$\(day.grouped(minimumPlaces: 2)).")
        }
        return nil
    }

    private func reject(_ record: ProposalRecord, in session: PostgresSession) throws {
        _ = try recordDecision(record, in: session)
        try ProposalTransitions.end(
            record.id, as: .rejected, by: "user:\(person.name)", reason: request.comment, in: session)
        try JournalStore.append([entry("rejected", record)], in: session)
        try DeliveryQueue.enqueue([record.outcome(.rejected)], in: session)
    }

    private func approve(_ record: ProposalRecord, in session: PostgresSession) throws {
        _ = try recordDecision(record, in: session)
        try JournalStore.append([entry("approved", record)], in: session)
        let decisions = try DecisionStore.list(for: [record.id], in: session)
        let view = ProposalView(record: record, decisions: decisions)
        guard view.approvals >= record.approvalsRequired else {
            try DeliveryQueue.enqueue(
                [DeliveryRequest(kind: "approval-counted", proposalID: record.id, priority: 3)], in: session)
            return
        }
        let now = try DatabaseClock.now(in: session)
        let validUntil = now.adding(minutes: record.validityMinutes)
        try Releasing.settle(
            view, approval: (now, validUntil), by: "user:\(person.name)", context, in: session)
    }

    private func recordDecision(_ record: ProposalRecord, in session: PostgresSession) throws -> Timestamp {
        try DecisionStore.record(
            id: context.newIdentifier(at: record.createdAt), proposalID: record.id, userID: person.id,
            verdict: request.verdict, orderHash: record.orderHash, comment: request.comment, method: method,
            in: session)
    }

    private func entry(_ kind: String, _ record: ProposalRecord) -> JournalDraft {
        var data: JSONObject = ["method": .string(method.rawValue)]
        data["comment"] = request.comment.map(JSONValue.string)
        return record.entry(kind, by: "user:\(person.name)", data)
    }
}

extension DecisionTransaction {
    /// The record as it stands after the approver lowered the quantity, where one was asked for.
    fileprivate func reduced(
        _ record: ProposalRecord, in session: PostgresSession
    ) throws -> Result<ProposalRecord, Refusal> {
        guard let qty = request.qty, qty != record.terms.qty else { return .success(record) }
        guard qty.isPositive, qty < record.terms.qty else {
            return .failure(
                .invalid([JSONFault(pointer: "/qty", detail: "may only reduce the quantity proposed")]))
        }
        guard try DecisionStore.list(for: [record.id], in: session).isEmpty else {
            return .failure(
                Refusal(
                    .conflict, "Somebody has already approved the full quantity; approve that, or reject."))
        }
        var terms = record.terms
        terms.qty = qty
        let faults = OrderShape.faults(terms)
        guard faults.isEmpty else { return .failure(.invalid(faults)) }
        try Reduction.apply(terms, to: record, by: person, in: session)
        guard let changed = try ProposalQueries.lock(record.id, in: session) else {
            return .failure(.notFound("proposal"))
        }
        return .success(changed)
    }
}
