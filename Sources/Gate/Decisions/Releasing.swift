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
            guard let settled else { continue }
            changed += 1
            if let push = settled.push { context.push?(push) }
        }
        return changed
    }

    private static func retry(
        _ id: Identifier, _ context: GateContext, in session: PostgresSession
    ) throws -> Transition.Done? {
        try session.read(TransactionSettings.keptPlans)
        try AccountLock.shared(in: session)
        guard let view = try lockedView(id, in: session), view.record.state == .approved,
            let approvedAt = view.record.approvedAt, let validUntil = view.record.validUntil
        else { return nil }
        let transition: Transition?
        if try DatabaseClock.now(in: session) >= validUntil {
            transition = ending(
                view.record, as: .lapsed, by: "system", reason: "the approval ran out while it was held")
        } else {
            let ground = try CheckGround.load(
                symbols: [view.record.terms.symbol], except: view.record.id, in: session)
            transition = try judge(
                view, approval: (approvedAt, validUntil), by: "system", on: ground, context)
        }
        guard let transition else { return nil }
        return try Transition.carryOut([transition], context, in: session).first
    }

    private static func lockedView(_ id: Identifier, in session: PostgresSession) throws -> ProposalView? {
        guard let record = try ProposalQueries.lock(id, in: session) else { return nil }
        return ProposalView(record: record, decisions: try DecisionStore.list(for: [id], in: session))
    }

    /// What becomes of a proposal that enough people have approved: it is released, refused, or held while the market is
    /// closed; nil where it is held already.
    ///
    /// The ground was read after its row was locked. `entries` go to the journal before those of the transition.
    static func judge(
        _ view: ProposalView, approval: (at: Timestamp, validUntil: Timestamp), by actor: String,
        on ground: CheckGround, after entries: [JournalDraft] = [], _ context: GateContext
    ) throws -> Transition? {
        let record = view.record
        let check = ground.context(for: record, approvedPrice: nil)
        let findings = Checks.evaluate(record.terms, check, .release)
        if !findings.allow {
            return ending(
                record, as: .refused, by: actor, reason: findings.failureSentence, approval: approval,
                data: ["checks": findings.json], after: entries)
        }
        if let hours = findings.first(where: { $0.code == .tradingHours && $0.outcome == .warn }) {
            guard record.state == .pending else { return nil }
            let held = record.entry(
                "held", by: "system", ["valid_until": .string(approval.validUntil.rfc3339)])
            return Transition(
                record: record, actor: actor, state: .approved, reason: hours.detail, approval: approval,
                entries: entries + [held], messages: [record.outcome(.approved)])
        }
        let order = try newOrder(view, approval, check, context)
        let released = record.entry(
            "released", by: "system",
            ["order_id": .string(order.id.text), "valid_until": .string(approval.validUntil.rfc3339)])
        return Transition(
            record: record, actor: actor, state: .released, approval: approval, entries: entries + [released],
            messages: [record.outcome(.released)], order: order)
    }

    private static func ending(
        _ record: ProposalRecord, as state: ProposalState, by actor: String, reason: String,
        approval: (at: Timestamp, validUntil: Timestamp)? = nil, data: JSONObject = [:],
        after entries: [JournalDraft] = []
    ) -> Transition {
        let ended = record.entry(state.rawValue, by: "system", data.merging(["reason": .string(reason)]))
        return Transition(
            record: record, actor: actor, state: state, reason: reason, approval: approval,
            entries: entries + [ended], messages: [record.outcome(state)])
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
            notional: record.notional, isReducing: record.isReducing,
            opensPosition: !record.isReducing && !check.isHeld(record.terms.symbol),
            orderHash: record.orderHash,
            document: document, keyID: context.secrets.signingKeyID,
            signature: context.secrets.signingKey.sign(Array(document.utf8)),
            approvedPrice: check.marketPrice(for: record.terms), validUntil: approval.validUntil)
    }
}
