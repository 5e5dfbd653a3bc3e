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
            let didChange = try await context.pool.transaction { [context] session in
                try Self.retry(id, context, in: session)
            }
            if didChange { changed += 1 }
        }
        return changed
    }

    private static func retry(_ id: Identifier, _ context: GateContext, in session: PostgresSession) throws
        -> Bool
    {
        try AccountLock.shared(in: session)
        guard let view = try lockedView(id, in: session), view.record.state == .approved,
            let approvedAt = view.record.approvedAt, let validUntil = view.record.validUntil
        else { return false }
        if try DatabaseClock.now(in: session) >= validUntil {
            try end(view.record, as: .lapsed, reason: "the approval ran out while it was held", in: session)
            return true
        }
        return try settle(view, approval: (approvedAt, validUntil), by: "system", context, in: session)
    }

    private static func lockedView(_ id: Identifier, in session: PostgresSession) throws -> ProposalView? {
        guard let record = try ProposalQueries.lock(id, in: session) else { return nil }
        return ProposalView(record: record, decisions: try DecisionStore.list(for: [id], in: session))
    }

    /// Releases an approved proposal, refuses it, or holds it while the market is closed; true where it changed state.
    @discardableResult
    static func settle(
        _ view: ProposalView, approval: (at: Timestamp, validUntil: Timestamp), by actor: String,
        _ context: GateContext, in session: PostgresSession
    ) throws -> Bool {
        let record = view.record
        let ground = try CheckGround.load(
            symbols: [record.terms.symbol], except: record.id, in: session)
        let check = ground.context(for: record, approvedPrice: nil)
        let findings = Checks.evaluate(record.terms, check, .release)
        if !findings.allow {
            try end(
                record, as: .refused, reason: findings.failureSentence, by: actor, approval: approval,
                data: ["checks": findings.json], in: session)
            return true
        }
        if findings.contains(where: { $0.code == .tradingHours && $0.outcome == .warn }) {
            guard record.state == .pending else { return false }
            try hold(record, by: actor, approval: approval, findings, in: session)
            return true
        }
        try release(view, approval, check.marketPrice(for: record.terms), by: actor, context, in: session)
        return true
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

    private static func release(
        _ view: ProposalView, _ approval: (at: Timestamp, validUntil: Timestamp),
        _ approvedPrice: ExactDecimal?,
        by actor: String, _ context: GateContext, in session: PostgresSession
    ) throws {
        let record = view.record
        let orderID = context.newIdentifier(at: approval.at)
        let document = ReleaseDocument(
            view: view, orderID: orderID, approval: approval,
            orderTimeoutMinutes: try orderTimeout(in: session)
        ).text
        let order = NewOrder(
            id: orderID, proposalID: record.id, clientOrderID: record.clientOrderID, terms: record.terms,
            notional: record.notional, isReducing: record.isReducing, orderHash: record.orderHash,
            document: document, keyID: context.secrets.signingKeyID,
            signature: context.secrets.signingKey.sign(Array(document.utf8)), approvedPrice: approvedPrice,
            validUntil: approval.validUntil)
        var statements: [(String, [PostgresValue])] = [
            (OrderRelease.insertSQL, OrderRelease.insertParameters(order)),
            (
                ProposalTransitions.endSQL,
                ProposalTransitions.endParameters(
                    record.id, as: .released, by: actor, reason: nil, approval: approval)
            ),
            (
                JournalStore.appendSQL,
                JournalStore.appendParameters([
                    record.entry(
                        "released", by: "system",
                        [
                            "order_id": .string(orderID.text),
                            "valid_until": .string(approval.validUntil.rfc3339),
                        ])
                ])
            ),
            (DeliveryQueue.enqueueSQL, DeliveryQueue.enqueueParameters([record.outcome(.released)])),
        ]
        if context.hasWorkerWebhook {
            statements.append(
                (
                    DeliveryQueue.enqueueReleaseSQL,
                    [orderID.postgresValue, record.id.postgresValue, approval.validUntil.postgresValue]
                ))
        }
        _ = try session.pipeline(statements)
    }

    private static func orderTimeout(in session: PostgresSession) throws -> Int? {
        guard let (_, document) = try CheckingStore.newestPolicy(in: session) else { return nil }
        return try PolicyDocument.parse(document).execution.orderTimeoutMinutes
    }
}
