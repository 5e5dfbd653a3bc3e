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
            case .held: break
            case .ended: changed += 1
            case .released(let push):
                changed += 1
                if let push { context.push?(push) }
            }
        }
        return changed
    }

    /// What became of an approved proposal.
    enum Settlement: Sendable {
        case held
        case ended
        /// With the message to the worker, where this process is to send it after the commit.
        case released(PushedRelease?)
    }

    private static func retry(
        _ id: Identifier, _ context: GateContext, in session: PostgresSession
    ) throws -> Settlement {
        try AccountLock.shared(in: session)
        guard let view = try lockedView(id, in: session), view.record.state == .approved,
            let approvedAt = view.record.approvedAt, let validUntil = view.record.validUntil
        else { return .held }
        if try DatabaseClock.now(in: session) >= validUntil {
            try end(view.record, as: .lapsed, reason: "the approval ran out while it was held", in: session)
            return .ended
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
    /// The ground was read after its row was locked.
    static func settle(
        _ view: ProposalView, approval: (at: Timestamp, validUntil: Timestamp), by actor: String,
        on ground: CheckGround, _ context: GateContext, in session: PostgresSession
    ) throws -> Settlement {
        let record = view.record
        let check = ground.context(for: record, approvedPrice: nil)
        let findings = Checks.evaluate(record.terms, check, .release)
        if !findings.allow {
            try end(
                record, as: .refused, reason: findings.failureSentence, by: actor, approval: approval,
                data: ["checks": findings.json], in: session)
            return .ended
        }
        if findings.contains(where: { $0.code == .tradingHours && $0.outcome == .warn }) {
            if record.state == .pending {
                try hold(record, by: actor, approval: approval, findings, in: session)
            }
            return .held
        }
        let order = try newOrder(view, approval, check, context)
        return .released(try release(order, record, approval, by: actor, context, in: session))
    }

    private static func hold(
        _ record: ProposalRecord, by actor: String, approval: (at: Timestamp, validUntil: Timestamp),
        _ findings: [Finding], in session: PostgresSession
    ) throws {
        let reason = findings.first { $0.code == .tradingHours }?.detail
        try ProposalTransitions.end(
            record.id, as: .approved, by: actor, reason: reason, approval: approval, in: session)
        try JournalStore.append(
            [record.entry("held", by: "system", ["valid_until": .string(approval.validUntil.rfc3339)])],
            in: session)
        try DeliveryQueue.enqueue([record.outcome(.approved)], in: session)
    }

    private static func end(
        _ record: ProposalRecord, as state: ProposalState, reason: String, by actor: String = "system",
        approval: (at: Timestamp, validUntil: Timestamp)? = nil, data: JSONObject = [:],
        in session: PostgresSession
    ) throws {
        try ProposalTransitions.end(
            record.id, as: state, by: actor, reason: reason, approval: approval, in: session)
        try JournalStore.append(
            [record.entry(state.rawValue, by: "system", data.merging(["reason": .string(reason)]))],
            in: session)
        try DeliveryQueue.enqueue([record.outcome(state)], in: session)
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
        by actor: String, _ context: GateContext, in session: PostgresSession
    ) throws -> PushedRelease? {
        var batch = PostgresBatch()
        let releasedAt = batch.add(OrderRelease.insert(order))
        batch.add(
            ProposalTransitions.end(record.id, as: .released, by: actor, reason: nil, approval: approval))
        let data: JSONObject = [
            "order_id": .string(order.id.text), "valid_until": .string(approval.validUntil.rfc3339),
        ]
        batch.add(JournalStore.append([record.entry("released", by: "system", data)]))
        batch.add(DeliveryQueue.enqueue([record.outcome(.released)]))
        let message =
            context.hasWorkerWebhook
            ? batch.add(
                DeliveryQueue.enqueueRelease(
                    orderID: order.id, proposalID: record.id, validUntil: approval.validUntil,
                    leaseSeconds: context.push == nil ? nil : GateContext.pushLeaseSeconds)) : nil
        let answers = try session.run(batch)
        guard context.push != nil, let message else { return nil }
        return PushedRelease(
            orderID: order.id, order: ReleasedOrder(order, releasedAt: try releasedAt(answers)),
            record: try message(answers))
    }
}
