import Cryptography
import Domain
import JSON
import Postgres
import Store

/// One admission transaction.
struct AdmissionGroup {
    private let context: GateContext
    private let requests: [AdmissionRequest]

    init(_ context: GateContext, _ requests: [AdmissionRequest]) {
        self.context = context
        self.requests = requests
    }

    /// Judges each request in turn and stores what is let in; a result for each.
    func admit(in session: PostgresSession) throws -> [Result<Admitted, any Error>] {
        var batch = PostgresBatch()
        batch.add(StatementPlans.kept)
        batch.add(AccountLock.exclusive)
        batch.add(ExposureStore.fold)
        let known = batch.add(Replays.question(requests))
        let questions = CheckGround.Questions(
            symbols: Set(requests.map(\.draft.symbol)), wishes: Set(requests.map(\.wish)), in: &batch)
        let answers = try session.run(batch)
        var replays = Replays(try known(answers))
        var ground = try CheckGround.load(questions, answers, in: session)
        var results: [Result<Identifier, Refusal>] = []
        var admitted: [NewProposal] = []
        for request in requests {
            if let earlier = replays.answer(to: request) {
                results.append(earlier)
                continue
            }
            let result = judge(request, &ground)
            if case .success(let proposal) = result {
                admitted.append(proposal)
                replays.remember(request, proposal.id)
            }
            results.append(result.map(\.id))
        }
        return try answer(results, try save(admitted, in: session), in: session)
    }

    private func judge(_ request: AdmissionRequest, _ ground: inout CheckGround) -> Result<
        NewProposal, Refusal
    > {
        let draft = request.draft
        let approval = ground.policy.approval
        let id = context.newIdentifier(at: ground.now)
        let minutes = min(draft.timeoutMinutes ?? approval.timeoutMinutes, approval.timeoutMinutes)
        let expiresAt = ground.now.adding(minutes: minutes)
        let notes = ProposalNotes(draft)
        var check = ground.context(
            expiresAt: expiresAt, notes: notes, symbol: draft.symbol, proposer: request.proposer.name,
            proposalID: id)
        let sized: OrderTerms
        switch size(draft, check) {
        case .success(let terms): sized = terms
        case .failure(let failure): return .failure(.invalid(failure.faults))
        }
        let (terms, isStopDefault) = Stops.withDefault(sized, check)
        check.isStopDefault = isStopDefault
        let findings = Checks.evaluate(terms, check, .admission)
        let isBlocked = !findings.allow
        let clientOrderID = "cs-\(context.mode.rawValue)-\(id)"
        let canonical = terms.canonical(clientOrderID: clientOrderID)
        let commitment = check.commitment(terms, clientOrderID: nil)
        if !isBlocked { ground.admit(commitment, terms, request.proposer.name, id) }
        return .success(
            NewProposal(
                id: id, state: isBlocked ? .blocked : .pending, mode: context.mode,
                proposerKeyID: request.proposer.keyID, proposerUserID: request.proposer.userID,
                proposerName: request.proposer.name, idempotencyKey: request.idempotencyKey,
                requestHash: request.requestHash, terms: terms, notes: notes,
                notional: terms.notional(reference: check.marketPrice(for: terms)) ?? .zero,
                isReducing: commitment.isReducing, clientOrderID: clientOrderID, canonicalOrder: canonical,
                orderHash: SHA256.hexadecimal(canonical), tier: "standard",
                approvalsRequired: approval.approvals,
                policyVersion: ground.policyVersion, checks: findings.json,
                impact: Impact(terms, check)?.json, createdAt: ground.now, expiresAt: expiresAt,
                validityMinutes: approval.validityMinutes, decidedAt: isBlocked ? ground.now : nil,
                decidedBy: isBlocked ? "system" : nil, reason: isBlocked ? findings.failureSentence : nil))
    }

    private func size(_ draft: ProposalDraft, _ check: CheckContext) -> Result<OrderTerms, ValidationFailure>
    {
        if let terms = draft.terms { return .success(terms) }
        return Sizing.shares(draft, check).map { draft.terms(qty: $0) }
    }

    private func save(_ proposals: [NewProposal], in session: PostgresSession) throws -> [ProposalRecord] {
        guard !proposals.isEmpty else { return [] }
        let pending = proposals.filter { $0.state == .pending }
        var batch = PostgresBatch()
        let stored = batch.add(ProposalInsertion.insert(proposals))
        batch.add(JournalStore.append(proposals.map(\.journalEntry)))
        if !pending.isEmpty { batch.add(DeliveryQueue.enqueue(pending.map(\.approvalRequest))) }
        try ProposalNotice.send(in: session)
        return try ProposalInsertion.records(proposals, stored: try stored(try session.run(batch)))
    }

    /// The answers; only what was admitted before is read from the database.
    private func answer(
        _ results: [Result<Identifier, Refusal>], _ stored: [ProposalRecord], in session: PostgresSession
    ) throws -> [Result<Admitted, any Error>] {
        let fresh = Set(stored.map(\.id))
        var seen: Set<Identifier> = []
        var records: [Identifier: ProposalView] = [:]
        for record in stored { records[record.id] = ProposalView(record: record, decisions: []) }
        let known = results.compactMap { try? $0.get() }.filter { !fresh.contains($0) }
        for view in try ProposalReading.views(known, in: session) { records[view.record.id] = view }
        return results.map { result in
            switch result {
            case .failure(let refusal): return .failure(refusal)
            case .success(let id):
                guard let view = records[id] else { return .failure(Refusal.notFound("proposal")) }
                let isFirst = fresh.contains(id) && seen.insert(id).inserted
                return .success(Admitted(view: view, isReplay: !isFirst))
            }
        }
    }
}

extension AdmissionRequest {
    /// What the bot asks for, to find an earlier request of the kind.
    fileprivate var wish: CheckingStore.Wish {
        CheckingStore.Wish(
            proposer: proposer.name, symbol: draft.symbol, side: draft.side, qty: draft.terms?.qty)
    }
}

extension CheckGround {
    /// Counts a proposal that was let in against the ones after it.
    fileprivate mutating func admit(
        _ commitment: Commitment, _ terms: OrderTerms, _ proposer: String, _ id: Identifier
    ) {
        committed.add(commitment)
        recentIntents.add(
            RecentIntents.Intent(
                proposalID: id, symbol: terms.symbol, side: terms.side, qty: terms.qty, createdAt: now,
                proposer: proposer))
    }
}

extension [Finding] {
    /// Why nothing may be sent, in a sentence; empty where nothing failed.
    var failureSentence: String {
        having(.fail).map { "\($0.code.rawValue): \($0.detail)" }.joined(separator: " ")
    }
}

extension NewProposal {
    fileprivate var journalEntry: JournalDraft {
        var data: JSONObject = [
            "symbol": .string(terms.symbol), "side": .string(terms.side.rawValue),
            "qty": .string(terms.qty.description), "order_hash": .string(orderHash),
            "strategy": .string(notes.strategy), "notional": .string(notional.description),
            "expires_at": .string(expiresAt.rfc3339), "policy_version": .integer(policyVersion),
            "order": .object(terms.json), "checks": checks,
        ]
        data["reason"] = reason.map(JSONValue.string)
        let actor = proposerUserID == nil ? "key:\(proposerName)" : "user:\(proposerName)"
        let kind = state == .blocked ? "proposal.blocked" : "proposal.created"
        return JournalDraft(kind: kind, actor: actor, subject: "proposal:\(id)", data: data)
    }

    fileprivate var approvalRequest: DeliveryRequest {
        DeliveryRequest(kind: "approval-requested", proposalID: id, priority: 1, notAfter: expiresAt)
    }
}
