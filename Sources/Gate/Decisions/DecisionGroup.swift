import Domain
import JSON
import Postgres
import Store

/// The transaction of a group of decisions, each on another proposal.
///
/// Each is judged as if those before it in the group had been made before.
struct DecisionGroup {
    /// What became of an inquiry; a refusal is a value, so that an expiry found on the way is committed.
    enum Answer: Sendable {
        /// With the message to the worker where this process is to send it after the commit.
        case decided(ProposalView, PushedRelease?)
        case refused(Refusal)
    }

    private let context: GateContext
    private let inquiries: [DecisionInquiry]
    private let whenJudged: @Sendable () -> Void

    /// Decisions to be made together; `whenJudged` is told when nothing is left but to write what was found, and again where
    /// the transaction has to be.
    init(
        _ context: GateContext, _ inquiries: [DecisionInquiry], whenJudged: @escaping @Sendable () -> Void
    ) {
        self.context = context
        self.inquiries = inquiries
        self.whenJudged = whenJudged
    }

    /// The proposals and what is judged with them, read once their rows are locked.
    fileprivate struct Scene {
        let records: [Identifier: ProposalRecord]
        let now: Timestamp
        let decisions: [Identifier: [DecisionRecord]]
        /// What people may approve.
        var limits: [Identifier: ApprovalLimits]
    }

    /// A verdict that may be given.
    fileprivate struct Vote {
        let inquiry: DecisionInquiry
        let record: ProposalRecord
        let earlier: [DecisionRecord]

        var actor: String { "user:\(inquiry.person.name)" }
        /// Whether no further approval is needed.
        var completes: Bool {
            inquiry.request.verdict == .approve
                && ProposalView(record: record, decisions: earlier).approvals + 1 >= record.approvalsRequired
        }
    }

    /// Makes the decisions; an answer for each inquiry.
    func decide(in session: PostgresSession) throws -> [Answer] {
        var scene = try scene(in: session)
        let judged = try inquiries.map { inquiry in
            let vote = try vote(inquiry, scene, in: session)
            if case .success(let vote) = vote { scene.use(vote) }
            return vote
        }
        let votes = judged.compactMap { try? $0.get() }
        var done = votes.isEmpty ? [] : try carryOut(votes, in: session)[...]
        return judged.map { vote in
            switch vote {
            case .failure(let refusal): return .refused(refusal)
            case .success:
                let (view, push) = done.removeFirst()
                return .decided(view, push)
            }
        }
    }

    private func scene(in session: PostgresSession) throws -> Scene {
        let proposals = inquiries.map(\.request.proposalID)
        let approvers = inquiries.filter { $0.request.verdict == .approve }.map(\.person.id)
        var batch = PostgresBatch()
        batch.add(TransactionSettings.keptPlans)
        batch.add(AccountLock.shared)
        let locked = batch.add(ProposalQueries.lock(proposals))
        let now = batch.add(DatabaseClock.now)
        let decisions = batch.add(DecisionStore.list(for: proposals))
        var limits: PostgresAnswer<[Identifier: ApprovalLimits]>?
        if !approvers.isEmpty {
            batch.add(DecisionStore.lockDailyLimits(of: approvers))
            limits = batch.add(DecisionStore.approvalLimits(of: approvers))
        }
        let answers = try session.run(batch)
        return Scene(
            records: try locked(answers), now: try now(answers),
            decisions: Dictionary(grouping: try decisions(answers), by: \.proposalID),
            limits: try limits?(answers) ?? [:])
    }

    private func vote(
        _ inquiry: DecisionInquiry, _ scene: Scene, in session: PostgresSession
    ) throws -> Result<Vote, Refusal> {
        let id = inquiry.request.proposalID
        guard let record = scene.records[id] else { return .failure(.notFound("proposal")) }
        let earlier = scene.decisions[id] ?? []
        if let refusal = try refusal(inquiry, record, earlier, scene, in: session) {
            return .failure(refusal)
        }
        guard inquiry.request.verdict == .approve else {
            return .success(Vote(inquiry: inquiry, record: record, earlier: earlier))
        }
        return try reduced(record, earlier, inquiry, in: session).map {
            Vote(inquiry: inquiry, record: $0, earlier: earlier)
        }
    }

    // MARK: what is refused

    private func refusal(
        _ inquiry: DecisionInquiry, _ record: ProposalRecord, _ decisions: [DecisionRecord], _ scene: Scene,
        in session: PostgresSession
    ) throws -> Refusal? {
        let person = inquiry.person
        guard person.role.canDecide else {
            return Refusal(
                .notAllowed, "\(person.name) is \(person.role.rawValue) and may look, but not decide.")
        }
        guard record.proposerUserID != person.id else {
            return Refusal(
                .selfApproval, "You proposed this trade yourself; somebody else has to decide on it.")
        }
        if let loss = try Contest.loss(record, now: scene.now, decisions: decisions, in: session) {
            return loss
        }
        guard record.orderHash == inquiry.request.orderHash.lowercased() else {
            return changed(record, decisions)
        }
        if let earlier = decisions.first(where: { $0.userID == person.id }) {
            return Refusal(
                .alreadyDecided,
                "You \(earlier.verdict.past) this at \(earlier.decidedAt.rfc3339); one person counts once.",
                facts: ["proposal_id": .string(record.id.text), "state": .string(record.state.rawValue)])
        }
        guard inquiry.request.verdict == .approve else { return nil }
        return scene.limits[person.id].flatMap { overLimit(notional(record, inquiry.request.qty), $0) }
    }

    /// Only an approver changes an order, by lowering it, and their vote stands on what it became.
    private func changed(_ record: ProposalRecord, _ decisions: [DecisionRecord]) -> Refusal {
        var facts: JSONObject = [
            "proposal_id": .string(record.id.text), "order_hash": .string(record.orderHash),
        ]
        var what = "it has changed since"
        if let change = decisions.first(where: { $0.verdict == .approve && $0.orderHash == record.orderHash })
        {
            let at = change.decidedAt.rfc3339
            what =
                "\(change.userName) changed it at \(at), and it is for \(record.terms.qty.grouped()) shares now"
            facts["changed_by"] = .string(change.userName)
            facts["changed_at"] = .string(at)
        }
        return Refusal(
            .orderChanged,
            "The order is not the one you saw: \(what). Nothing was decided. Look at it anew before you decide.",
            facts: facts)
    }

    /// What the order would be worth with the quantity that is approved.
    private func notional(_ record: ProposalRecord, _ qty: ExactDecimal?) -> ExactDecimal {
        guard let qty, qty.isPositive, qty < record.terms.qty else { return record.notional }
        return (record.notional * qty).divided(by: record.terms.qty) ?? record.notional
    }

    private func overLimit(_ notional: ExactDecimal, _ limits: ApprovalLimits) -> Refusal? {
        if let single = limits.single, notional > single {
            return Refusal(
                .notAllowed,
                "This order is about $\(notional.grouped(minimumPlaces: 2)); you may approve up to "
                    + "$\(single.grouped(minimumPlaces: 2)) at once.")
        }
        if let day = limits.day, limits.usedToday + notional > day {
            return Refusal(
                .notAllowed,
                "With this order you would have approved "
                    + "$\((limits.usedToday + notional).grouped(minimumPlaces: 2)) today; your limit is "
                    + "$\(day.grouped(minimumPlaces: 2)).")
        }
        return nil
    }

    /// The record as it stands after the approver lowered the quantity, where one was asked for.
    private func reduced(
        _ record: ProposalRecord, _ decisions: [DecisionRecord], _ inquiry: DecisionInquiry,
        in session: PostgresSession
    ) throws -> Result<ProposalRecord, Refusal> {
        guard let qty = inquiry.request.qty, qty != record.terms.qty else { return .success(record) }
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
        try Reduction.apply(terms, to: record, by: inquiry.person, in: session)
        guard let changed = try ProposalQueries.lock(record.id, in: session) else {
            return .failure(.notFound("proposal"))
        }
        return .success(changed)
    }

    // MARK: what is done

    /// Records the votes; where one completes what its proposal needs, reads in the same round trip what the release is
    /// judged by.
    ///
    /// The rows of the proposals are locked, so the decisions read before are all there are.
    private func carryOut(
        _ votes: [Vote], in session: PostgresSession
    ) throws -> [(view: ProposalView, push: PushedRelease?)] {
        let completing = votes.filter(\.completes)
        var batch = PostgresBatch()
        let decided = batch.add(DecisionStore.record(votes.map(newDecision)))
        let questions =
            completing.isEmpty
            ? nil
            : CheckGround.Questions(
                symbols: Set(completing.map(\.record.terms.symbol)), except: completing.map(\.record.id),
                in: &batch)
        let answers = try session.run(batch)
        let times = try decided(answers)
        var release = try questions.map { questions in
            let ground = try CheckGround.load(questions, answers, knowing: context.policies, in: session)
            return GroupRelease(ground, completing.map(\.record))
        }
        let decisions = try votes.map { vote in vote.earlier + [try vote.decision(at: times)] }
        let transitions = try zip(votes, decisions).map { vote, decisions in
            let released =
                vote.completes ? try release?.judge(vote.record, decisions, vote.entry, context) : nil
            var transition = released ?? vote.transition
            // One vote, one time: the proposal was decided when it was cast.
            transition.decidedAt = decisions.last?.decidedAt
            return transition
        }
        whenJudged()
        let done = try Transition.carryOut(transitions, context, in: session)
        return zip(done, decisions).map { done, decisions in
            (ProposalView(record: done.record, decisions: decisions), done.push)
        }
    }

    private func newDecision(_ vote: Vote) -> NewDecision {
        NewDecision(
            id: context.newIdentifier(at: vote.record.createdAt), proposalID: vote.record.id,
            userID: vote.inquiry.person.id, verdict: vote.inquiry.request.verdict,
            orderHash: vote.record.orderHash, comment: vote.inquiry.request.comment,
            method: vote.inquiry.method)
    }
}

extension DecisionGroup.Scene {
    /// Counts an approval against the rest of that person's limit for the day.
    fileprivate mutating func use(_ vote: DecisionGroup.Vote) {
        guard vote.inquiry.request.verdict == .approve else { return }
        limits[vote.inquiry.person.id]?.usedToday += vote.record.notional
    }
}

extension DecisionGroup.Vote {
    /// The decision as it is read back.
    fileprivate func decision(at times: [Identifier: Timestamp]) throws -> DecisionRecord {
        guard let decidedAt = times[record.id] else {
            throw PostgresError(.decoding, "A decision was not among those recorded.")
        }
        return DecisionRecord(
            proposalID: record.id, userID: inquiry.person.id, userName: inquiry.person.name,
            verdict: inquiry.request.verdict, orderHash: record.orderHash, comment: inquiry.request.comment,
            method: inquiry.method, decidedAt: decidedAt)
    }

    fileprivate var entry: JournalDraft {
        var data: JSONObject = ["method": .string(inquiry.method.rawValue)]
        data["comment"] = inquiry.request.comment.map(JSONValue.string)
        return record.entry(inquiry.request.verdict == .approve ? "approved" : "rejected", by: actor, data)
    }

    /// What becomes of the proposal where the vote releases nothing.
    fileprivate var transition: Transition {
        switch inquiry.request.verdict {
        case .reject:
            Transition(
                record: record, actor: actor, state: .rejected, reason: inquiry.request.comment,
                entries: [entry], messages: [record.outcome(.rejected)])
        case .approve:
            Transition(
                record: record, actor: actor, entries: [entry],
                messages: [DeliveryRequest(kind: "approval-counted", proposalID: record.id, priority: 3)])
        }
    }
}

/// The releases of a group, judged one after the other.
private struct GroupRelease {
    private var ground: CheckGround
    /// What the proposals of the group take, which the ground leaves out.
    private var commitments: [Identifier: Commitment] = [:]

    init(_ ground: CheckGround, _ records: [ProposalRecord]) {
        self.ground = ground
        for record in records { commitments[record.id] = record.commitment(.proposed) }
    }

    /// What becomes of a proposal that is approved; the others of the group count as they stand by now.
    mutating func judge(
        _ record: ProposalRecord, _ decisions: [DecisionRecord], _ entry: JournalDraft,
        _ context: GateContext
    ) throws -> Transition? {
        commitments[record.id] = nil
        var own = ground
        for commitment in commitments.values { own.committed.add(commitment) }
        let approvedAt = decisions.last?.decidedAt ?? ground.now
        let transition = try Releasing.judge(
            ProposalView(record: record, decisions: decisions),
            approval: (approvedAt, approvedAt.adding(minutes: record.validityMinutes)),
            by: decisions.last.map { "user:\($0.userName)" } ?? "system", on: own, after: [entry],
            context)
        switch transition?.state {
        case .released:
            commitments[record.id] = record.commitment(.released)
            if transition?.order?.opensPosition ?? true {
                ground.newPositions.today += 1
                ground.newPositions.thisWeek += 1
            }
        case .approved: commitments[record.id] = record.commitment(.proposed)
        case .blocked, .pending, .rejected, .expired, .withdrawn, .cancelled, .refused, .lapsed, .revoked,
            nil:
            break
        }
        return transition
    }
}

extension ProposalRecord {
    /// What it takes, valued as when it came in.
    fileprivate func commitment(_ stage: Commitment.Stage) -> Commitment {
        Commitment(
            terms: terms, reference: notional.divided(by: terms.qty, scale: 12), isReducing: isReducing,
            stage: stage, proposalID: id, clientOrderID: clientOrderID)
    }
}
