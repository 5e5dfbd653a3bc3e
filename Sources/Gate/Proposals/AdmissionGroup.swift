import Cryptography
import Domain
import JSON
import Postgres
import Store

/// A run of admission transactions under one holding of the account's lock, one for each slice of requests.
///
/// While the database writes one slice, the requests that have come in meanwhile are judged as the next, by what was read
/// before that writing began and by what the slice being written takes. The lock is never let go in between, so nobody
/// else can have added anything to it.
struct AdmissionGroup {
    private let context: GateContext
    private let boarding: AdmissionBoarding

    init(_ context: GateContext, _ boarding: AdmissionBoarding) {
        self.context = context
        self.boarding = boarding
    }

    /// Requests that are judged together.
    fileprivate struct Slice {
        var results: [Result<Identifier, Refusal>] = []
        /// What is to be stored, with the request that it came from.
        var admitted: [Admission] = []
        /// What it was judged by, with what it takes itself; nil before the first.
        var ground: CheckGround?
        /// Whether it was asked whether somebody waits for the account's lock, and nobody did.
        var isUndisturbed = false
        /// The statements that store it, ready to be sent, and how their answers are read.
        var writing = PostgresBatch()
        var stored: (PostgresAnswers) throws -> [ProposalRecord] = { _ in [] }

        struct Admission {
            let request: AdmissionRequest
            let proposal: NewProposal
            /// What it takes of the limits.
            let commitment: Commitment
        }
    }

    /// What one slice asks the database.
    private struct Questions {
        let replays: PostgresAnswer<[ProposalQueries.StoredRequest]>
        let ground: CheckGround.Questions

        /// Whether somebody waits for the account's lock, where that is asked.
        let isAwaited: PostgresAnswer<Bool>?

        init(
            _ requests: [AdmissionRequest], after ground: CheckGround?, asksForOthers: Bool = false,
            in batch: inout PostgresBatch
        ) {
            replays = batch.add(Replays.question(requests))
            self.ground = CheckGround.Questions(
                symbols: Set(requests.map(\.draft.symbol)), wishes: Set(requests.map(\.wish)),
                after: ground, in: &batch)
            isAwaited = asksForOthers ? batch.add(AccountLock.isAwaited) : nil
        }
    }

    /// After so many slices others get the lock, who share it or want it for themselves, where there are any.
    private static let slicesInARow = 4
    /// After so many they do in any case, and what others have given up meanwhile is no longer counted.
    private static let mostSlices = 16

    /// Judges and stores in slices and answers all but the last, whose results are for after the commit.
    ///
    /// Each message to the database commits one slice, asks for the next and writes the one in between, so that it goes from one
    /// to the other without waiting for this process.
    func admit(in session: PostgresSession) throws -> [Result<Admitted, any Error>] {
        let first = boarding.waiters.map(\.request)
        var batch = PostgresBatch()
        batch.add(TransactionSettings.keptPlans)
        batch.add(AccountLock.exclusive)
        batch.add(ExposureStore.fold)
        let questions = Questions(first, after: nil, in: &batch)
        var next = try judge(first, questions, try session.run(batch), after: Slice())
        var written: [Result<Admitted, any Error>]?
        var last = Self.slicesInARow
        for place in 1...Self.mostSlices {
            let slice = next
            let joined = place < last ? boarding.join() : []
            if joined.isEmpty && slice.results.isEmpty { break }
            let stored: [ProposalRecord]
            (next, stored) = try write(
                slice, committing: written, whileJudging: joined,
                asksForOthers: place == last - 1 && last < Self.mostSlices, in: session)
            written = try answer(slice.results, stored, in: session)
            if next.isUndisturbed {
                last += Self.slicesInARow
                boarding.makeRoom()
            }
        }
        return written ?? []
    }

    /// Judges requests by what the database answered, and by what the slice before them takes, which was not stored then.
    private func judge(
        _ requests: [AdmissionRequest], _ questions: Questions, _ answers: PostgresAnswers,
        after before: Slice
    ) throws -> Slice {
        var replays = Replays(try questions.replays(answers))
        for admission in before.admitted { replays.remember(admission.request, admission.proposal.id) }
        var ground = try CheckGround.load(
            questions.ground, answers, knowing: context.policies, after: before.ground)
        var slice = Slice()
        slice.isUndisturbed = try questions.isAwaited.map { try !$0(answers) } ?? false
        for request in requests {
            if let earlier = replays.answer(to: request) {
                slice.results.append(earlier)
                continue
            }
            let result = judge(request, ground)
            if case .success(let admission) = result {
                slice.admitted.append(admission)
                replays.remember(request, admission.proposal.id)
                ground.count(admission)
            }
            slice.results.append(result.map(\.proposal.id))
        }
        slice.ground = ground
        try slice.makeReady()
        return slice
    }

    private func judge(
        _ request: AdmissionRequest, _ ground: CheckGround
    ) -> Result<Slice.Admission, Refusal> {
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
        let clientOrderID = "cs-\(context.mode.rawValue)-\(id)"
        let canonical = terms.canonical(clientOrderID: clientOrderID)
        let commitment = check.commitment(terms, clientOrderID: nil)
        let proposal = NewProposal(
            id: id, mode: context.mode,
            proposerKeyID: request.proposer.keyID, proposerUserID: request.proposer.userID,
            proposerName: request.proposer.name, idempotencyKey: request.idempotencyKey,
            requestHash: request.requestHash, terms: terms, notes: notes,
            notional: terms.notional(reference: check.marketPrice(for: terms)) ?? .zero,
            isReducing: commitment.isReducing, clientOrderID: clientOrderID, canonicalOrder: canonical,
            orderHash: SHA256.hexadecimal(canonical), tier: "standard",
            approvalsRequired: approval.approvals,
            policyVersion: ground.policyVersion, checks: findings.json,
            impact: Impact(terms, check)?.json.encoded, createdAt: ground.now, expiresAt: expiresAt,
            validityMinutes: approval.validityMinutes,
            blockedReason: findings.allow ? nil : findings.failureSentence)
        return .success(Slice.Admission(request: request, proposal: proposal, commitment: commitment))
    }

    private func size(_ draft: ProposalDraft, _ check: CheckContext) -> Result<OrderTerms, ValidationFailure>
    {
        if let terms = draft.terms { return .success(terms) }
        return Sizing.shares(draft, check).map { draft.terms(qty: $0) }
    }

    /// Writes a slice, and judges the requests that joined meanwhile; the slice before it is committed first, and then answered.
    private func write(
        _ slice: Slice, committing written: [Result<Admitted, any Error>]?,
        whileJudging joined: [AdmissionRequest], asksForOthers: Bool, in session: PostgresSession
    ) throws -> (next: Slice, stored: [ProposalRecord]) {
        guard written != nil || !joined.isEmpty || !slice.admitted.isEmpty else { return (Slice(), []) }
        var asked = PostgresBatch()
        // Each transaction has settings of its own.
        if written != nil { asked.add(TransactionSettings.keptPlans) }
        let questions =
            joined.isEmpty
            ? nil : Questions(joined, after: slice.ground, asksForOthers: asksForOthers, in: &asked)
        let judging = { (answers: PostgresAnswers) in
            try questions.map { try judge(joined, $0, answers, after: slice) } ?? Slice(ground: slice.ground)
        }
        let (next, answers) =
            if let written {
                try AccountLock.commitAndKeepExclusive(
                    in: session, asked, and: slice.writing, committed: { boarding.answer(written) },
                    meanwhile: judging)
            } else {
                try session.run(asked, and: slice.writing, meanwhile: judging)
            }
        return (next, try slice.stored(answers))
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

extension AdmissionGroup.Slice {
    /// Makes the statements ready that store it.
    fileprivate mutating func makeReady() throws {
        let proposals = admitted.map(\.proposal)
        guard !proposals.isEmpty else { return }
        let pending = proposals.filter { $0.state == .pending }
        let insertion = writing.add(ProposalInsertion.insert(proposals).notifying(ProposalNotice.channel))
        writing.add(JournalStore.append(proposals.map(\.journalEntry)))
        if !pending.isEmpty { writing.add(DeliveryQueue.enqueue(pending.map(\.approvalRequest))) }
        try writing.makeReady()
        stored = { answers in try ProposalInsertion.records(proposals, stored: try insertion(answers)) }
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
    fileprivate mutating func count(_ admission: AdmissionGroup.Slice.Admission) {
        let proposal = admission.proposal
        guard proposal.state == .pending else { return }
        committed.add(admission.commitment)
        recentIntents.add(
            RecentIntents.Intent(
                proposalID: proposal.id, symbol: proposal.terms.symbol, side: proposal.terms.side,
                qty: proposal.terms.qty, createdAt: proposal.createdAt, proposer: proposal.proposerName))
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
        data["reason"] = blockedReason.map(JSONValue.string)
        let actor = proposerUserID == nil ? "key:\(proposerName)" : "user:\(proposerName)"
        let kind = state == .blocked ? "proposal.blocked" : "proposal.created"
        return JournalDraft(kind: kind, actor: actor, subject: "proposal:\(id)", data: data)
    }

    fileprivate var approvalRequest: DeliveryRequest {
        DeliveryRequest(kind: "approval-requested", proposalID: id, priority: 1, notAfter: expiresAt)
    }
}
