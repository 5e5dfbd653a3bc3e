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
        let result = try await context.pool.transaction { [context] session in
            try DecisionTransaction(context, request, person, method).run(in: session)
        }
        if case .success((_, let push?)) = result { context.push?(push) }
        return result.map(\.view)
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

    /// How the proposal stands afterwards, and the message to the worker where one is to be sent after the commit.
    typealias Decided = (view: ProposalView, push: PushedRelease?)

    /// The proposal and what is judged with it, read once its row is locked.
    private struct Scene {
        let record: ProposalRecord
        let now: Timestamp
        let decisions: [DecisionRecord]
        /// What the person may approve; nil for a rejection.
        let limits: ApprovalLimits?
    }

    func run(in session: PostgresSession) throws -> Result<Decided, Refusal> {
        guard let scene = try scene(in: session) else { return .failure(.notFound("proposal")) }
        if let refusal = try refusal(of: scene, in: session) { return .failure(refusal) }
        switch request.verdict {
        case .reject: return .success((try reject(scene, in: session), nil))
        case .approve:
            switch try reduced(scene.record, scene.decisions, in: session) {
            case .failure(let refusal): return .failure(refusal)
            case .success(let record): return .success(try approve(record, scene.decisions, in: session))
            }
        }
    }

    private func scene(in session: PostgresSession) throws -> Scene? {
        var batch = PostgresBatch()
        batch.add(StatementPlans.kept)
        batch.add(AccountLock.shared)
        let locked = batch.add(ProposalQueries.lock(request.proposalID))
        let now = batch.add(DatabaseClock.now)
        let decisions = batch.add(DecisionStore.list(for: [request.proposalID]))
        var limits: PostgresAnswer<ApprovalLimits>?
        if request.verdict == .approve {
            batch.add(DecisionStore.lockDailyLimit(of: person.id))
            limits = batch.add(DecisionStore.approvalLimits(of: person.id))
        }
        let answers = try session.run(batch)
        guard let record = try locked(answers) else { return nil }
        return Scene(
            record: record, now: try now(answers), decisions: try decisions(answers),
            limits: try limits?(answers))
    }

    private func refusal(of scene: Scene, in session: PostgresSession) throws -> Refusal? {
        let record = scene.record
        guard person.role.canDecide else {
            return Refusal(
                .notAllowed, "\(person.name) is \(person.role.rawValue) and may look, but not decide.")
        }
        guard record.proposerUserID != person.id else {
            return Refusal(
                .selfApproval, "You proposed this trade yourself; somebody else has to decide on it.")
        }
        if let loss = try Contest.loss(record, now: scene.now, decisions: scene.decisions, in: session) {
            return loss
        }
        guard record.orderHash == request.orderHash.lowercased() else {
            return Refusal(
                .orderChanged,
                "The order is not the one you saw: it has changed since. Nothing was decided. "
                    + "Load the page again and look at it anew.",
                facts: ["proposal_id": .string(record.id.text), "order_hash": .string(record.orderHash)])
        }
        if let earlier = scene.decisions.first(where: { $0.userID == person.id }) {
            return Refusal(
                .alreadyDecided,
                "You \(earlier.verdict.past) this at \(earlier.decidedAt.rfc3339); one person counts once.",
                facts: ["proposal_id": .string(record.id.text), "state": .string(record.state.rawValue)])
        }
        return scene.limits.flatMap { overLimit(record, $0) }
    }

    private func overLimit(_ record: ProposalRecord, _ limits: ApprovalLimits) -> Refusal? {
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

    private func reject(_ scene: Scene, in session: PostgresSession) throws -> ProposalView {
        let record = scene.record
        let actor = "user:\(person.name)"
        var batch = PostgresBatch()
        let decided = batch.add(decision(on: record))
        let ended = batch.add(
            ProposalTransitions.end(
                record.id, as: .rejected, by: actor, reason: request.comment, approval: nil))
        batch.add(JournalStore.append([entry("rejected", record)]))
        batch.add(DeliveryQueue.enqueue([record.outcome(.rejected)]))
        let answers = try session.run(batch)
        return ProposalView(
            record: record.ended(as: .rejected, at: try ended(answers), by: actor, reason: request.comment),
            decisions: scene.decisions + [mine(on: record, at: try decided(answers))])
    }

    /// Records the approval; where it is the last one needed, reads in the same round trip what the release is judged
    /// by.
    ///
    /// The row of the proposal is locked, so the decisions read before are all there are.
    private func approve(
        _ record: ProposalRecord, _ earlier: [DecisionRecord], in session: PostgresSession
    ) throws -> Decided {
        var batch = PostgresBatch()
        let decided = batch.add(decision(on: record))
        let approvals = ProposalView(record: record, decisions: earlier).approvals + 1
        guard approvals >= record.approvalsRequired else {
            batch.add(JournalStore.append([entry("approved", record)]))
            batch.add(
                DeliveryQueue.enqueue([
                    DeliveryRequest(kind: "approval-counted", proposalID: record.id, priority: 3)
                ]))
            let answers = try session.run(batch)
            let decisions = earlier + [mine(on: record, at: try decided(answers))]
            return (ProposalView(record: record, decisions: decisions), nil)
        }
        let questions = CheckGround.Questions(
            symbols: [record.terms.symbol], except: record.id, in: &batch)
        let answers = try session.run(batch)
        let decisions = earlier + [mine(on: record, at: try decided(answers))]
        let ground = try CheckGround.load(questions, answers, in: session)
        let settled = try Releasing.settle(
            ProposalView(record: record, decisions: decisions),
            approval: (ground.now, ground.now.adding(minutes: record.validityMinutes)),
            by: "user:\(person.name)", on: ground, after: [entry("approved", record)], context, in: session)
        let view = ProposalView(record: settled.record, decisions: decisions)
        guard case .released(_, let push) = settled else { return (view, nil) }
        return (view, push)
    }

    private func decision(on record: ProposalRecord) -> PostgresReading<Timestamp> {
        DecisionStore.record(
            id: context.newIdentifier(at: record.createdAt), proposalID: record.id, userID: person.id,
            verdict: request.verdict, orderHash: record.orderHash, comment: request.comment, method: method)
    }

    /// This decision as it is read back.
    private func mine(on record: ProposalRecord, at decidedAt: Timestamp) -> DecisionRecord {
        DecisionRecord(
            proposalID: record.id, userID: person.id, userName: person.name, verdict: request.verdict,
            orderHash: record.orderHash, comment: request.comment, method: method, decidedAt: decidedAt)
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
        _ record: ProposalRecord, _ decisions: [DecisionRecord], in session: PostgresSession
    ) throws -> Result<ProposalRecord, Refusal> {
        guard let qty = request.qty, qty != record.terms.qty else { return .success(record) }
        guard qty.isPositive, qty < record.terms.qty else {
            return .failure(
                .invalid([JSONFault(pointer: "/qty", detail: "may only reduce the quantity proposed")]))
        }
        guard decisions.isEmpty else {
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
