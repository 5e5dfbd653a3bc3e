// Turning an approved proposal into an order: every check once more, then the signed document, the order row and the
// message to the worker, all in the transaction of the decision, or of the moment when a held approval comes free.

import Cryptography
import Domain
import JSON
import Postgres
import Store

/// Releases what people approved.
package struct Releasing: Sendable {
    private let context: GateContext

    /// The use case.
    package init(_ context: GateContext) { self.context = context }

    /// Releases, refuses or lapses approvals that are held; tells how many changed.
    package func releaseHeld(limit: Int = 100) async throws -> Int {
        let ids = try await context.pool.withSession { session in
            try ProposalQueries.held(limit: limit, in: session)
        }
        var changed = 0
        for id in ids {
            let settled = try await context.pool.transaction { [context] session in
                try Self.retry(id, context, in: session)
            }
            switch settled {
            case .held, nil: break
            case .ended: changed += 1
            case .released(_, let push):
                changed += 1
                if let push { context.push?(push) }
            }
        }
        return changed
    }

    /// What became of an approved proposal, and how it stands now.
    enum Settlement: Sendable {
        case held(ProposalRecord)
        case ended(ProposalRecord)
        /// With the message to the worker, where this process is to send it after the commit.
        case released(ProposalRecord, PushedRelease?)

        var record: ProposalRecord {
            switch self {
            case .held(let record), .ended(let record), .released(let record, _): record
            }
        }
    }

    private static func retry(
        _ id: Identifier, _ context: GateContext, in session: PostgresSession
    ) throws -> Settlement? {
        try session.read(StatementPlans.kept)
        try AccountLock.shared(in: session)
        guard let view = try lockedView(id, in: session), view.record.state == .approved,
            let approvedAt = view.record.approvedAt, let validUntil = view.record.validUntil
        else { return nil }
        if try DatabaseClock.now(in: session) >= validUntil {
            return .ended(
                try end(
                    view.record, as: .lapsed, reason: "the approval ran out while it was held", in: session))
        }
        let ground = try CheckGround.load(
            symbols: [view.record.terms.symbol], except: view.record.id, in: session)
        return try settle(
            view, approval: (approvedAt, validUntil), by: "system", on: ground, context, in: session)
    }

    private static func lockedView(_ id: Identifier, in session: PostgresSession) throws -> ProposalView? {
        guard let record = try ProposalQueries.lock(id, in: session) else { return nil }
        return ProposalView(record: record, decisions: try DecisionStore.list(for: [id], in: session))
    }

    /// Releases an approved proposal, refuses it, or holds it while the market is closed.
    ///
    /// The ground was read after its row was locked. `entries` go to the journal before those of the settlement.
    static func settle(
        _ view: ProposalView, approval: (at: Timestamp, validUntil: Timestamp), by actor: String,
        on ground: CheckGround, after entries: [JournalDraft] = [], _ context: GateContext,
        in session: PostgresSession
    ) throws -> Settlement {
        let record = view.record
        let check = ground.context(for: record, approvedPrice: nil)
        let findings = Checks.evaluate(record.terms, check, .release)
        if !findings.allow {
            return .ended(
                try end(
                    record, as: .refused, reason: findings.failureSentence, by: actor, approval: approval,
                    data: ["checks": findings.json], after: entries, in: session))
        }
        if findings.contains(where: { $0.code == .tradingHours && $0.outcome == .warn }) {
            guard record.state == .pending else { return .held(record) }
            return .held(
                try hold(record, by: actor, approval: approval, findings, after: entries, in: session))
        }
        let order = try newOrder(view, approval, check, context)
        let (released, push) = try release(
            order, record, approval, by: actor, after: entries, context, in: session)
        return .released(released, push)
    }

    private static func hold(
        _ record: ProposalRecord, by actor: String, approval: (at: Timestamp, validUntil: Timestamp),
        _ findings: [Finding], after entries: [JournalDraft], in session: PostgresSession
    ) throws -> ProposalRecord {
        let reason = findings.first { $0.code == .tradingHours }?.detail
        let at = try ProposalTransitions.end(
            record.id, as: .approved, by: actor, reason: reason, approval: approval, in: session)
        let held = record.entry(
            "held", by: "system", ["valid_until": .string(approval.validUntil.rfc3339)])
        try JournalStore.append(entries + [held], in: session)
        try DeliveryQueue.enqueue([record.outcome(.approved)], in: session)
        return record.ended(as: .approved, at: at, by: actor, reason: reason, approval: approval)
    }

    private static func end(
        _ record: ProposalRecord, as state: ProposalState, reason: String, by actor: String = "system",
        approval: (at: Timestamp, validUntil: Timestamp)? = nil, data: JSONObject = [:],
        after entries: [JournalDraft] = [], in session: PostgresSession
    ) throws -> ProposalRecord {
        let at = try ProposalTransitions.end(
            record.id, as: state, by: actor, reason: reason, approval: approval, in: session)
        let ended = record.entry(state.rawValue, by: "system", data.merging(["reason": .string(reason)]))
        try JournalStore.append(entries + [ended], in: session)
        try DeliveryQueue.enqueue([record.outcome(state)], in: session)
        return record.ended(as: state, at: at, by: actor, reason: reason, approval: approval)
    }

    private static func newOrder(
        _ view: ProposalView, _ approval: (at: Timestamp, validUntil: Timestamp), _ check: CheckContext,
        _ context: GateContext
    ) throws -> NewOrder {
        let record = view.record
        let orderID = context.newIdentifier(at: approval.at)
        let document = ReleaseDocument(
            view: view, orderID: orderID, approval: approval,
            orderTimeoutMinutes: check.policy.execution.orderTimeoutMinutes
        ).text
        return NewOrder(
            id: orderID, proposalID: record.id, clientOrderID: record.clientOrderID, terms: record.terms,
            notional: record.notional, isReducing: record.isReducing, orderHash: record.orderHash,
            document: document, keyID: context.secrets.signingKeyID,
            signature: context.secrets.signingKey.sign(Array(document.utf8)),
            approvedPrice: check.marketPrice(for: record.terms), validUntil: approval.validUntil)
    }

    private static func release(
        _ order: NewOrder, _ record: ProposalRecord, _ approval: (at: Timestamp, validUntil: Timestamp),
        by actor: String, after entries: [JournalDraft], _ context: GateContext, in session: PostgresSession
    ) throws -> (ProposalRecord, PushedRelease?) {
        var batch = PostgresBatch()
        let releasedAt = batch.add(OrderRelease.insert(order))
        let decidedAt = batch.add(
            ProposalTransitions.end(record.id, as: .released, by: actor, reason: nil, approval: approval))
        let data: JSONObject = [
            "order_id": .string(order.id.text), "valid_until": .string(approval.validUntil.rfc3339),
        ]
        batch.add(JournalStore.append(entries + [record.entry("released", by: "system", data)]))
        batch.add(DeliveryQueue.enqueue([record.outcome(.released)]))
        let message =
            context.hasWorkerWebhook
            ? batch.add(
                DeliveryQueue.enqueueRelease(
                    orderID: order.id, proposalID: record.id, validUntil: approval.validUntil,
                    leaseSeconds: context.push == nil ? nil : GateContext.pushLeaseSeconds)) : nil
        let answers = try session.run(batch)
        let released = record.ended(
            as: .released, at: try decidedAt(answers), by: actor, reason: nil, approval: approval,
            orderID: order.id)
        guard context.push != nil, let message else { return (released, nil) }
        let push = PushedRelease(
            orderID: order.id, order: ReleasedOrder(order, releasedAt: try releasedAt(answers)),
            record: try message(answers))
        return (released, push)
    }
}
