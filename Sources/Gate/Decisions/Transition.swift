// What becomes of proposals once it is judged, carried out together: state, order, journal and messages in a few statements,
// however many proposals there are.

import Domain
import Postgres
import Store

/// What becomes of one proposal whose row is locked.
struct Transition {
    let record: ProposalRecord
    /// Who or what does it, in the journal's words.
    let actor: String
    /// The state that it comes to; nil where it stays as it is.
    var state: ProposalState?
    var reason: String?
    var approval: (at: Timestamp, validUntil: Timestamp)?
    /// When the vote was cast that brings it about; nil where none does, or none ends it.
    var decidedAt: Timestamp?
    /// What the journal says of it, in order.
    var entries: [JournalDraft]
    var messages: [DeliveryRequest]
    /// The order that is released with it.
    var order: NewOrder?

    /// How the proposal stands after a transition, and the message to the worker where this process is to send it after the
    /// commit.
    typealias Done = (record: ProposalRecord, push: PushedRelease?)

    /// Carries transitions out, in their order; how each proposal stands then.
    static func carryOut(
        _ transitions: [Transition], _ context: GateContext, in session: PostgresSession
    ) throws -> [Done] {
        let orders = transitions.compactMap(\.order)
        let endings = transitions.compactMap(\.ending)
        var batch = PostgresBatch()
        // An order stands before its proposal is released; the guard wants it so.
        let releasedAt = orders.isEmpty ? nil : batch.add(OrderRelease.insert(orders))
        let endedAt = endings.isEmpty ? nil : batch.add(ProposalTransitions.end(endings))
        batch.add(JournalStore.append(transitions.flatMap(\.entries)))
        batch.add(DeliveryQueue.enqueue(transitions.flatMap(\.messages)))
        let messages =
            orders.isEmpty || !context.hasWorkerWebhook
            ? nil
            : batch.add(
                DeliveryQueue.enqueueReleases(
                    of: orders.map { ($0.id, $0.proposalID, $0.validUntil) },
                    leaseSeconds: context.push == nil ? nil : GateContext.pushLeaseSeconds))
        let answers = try session.run(batch)
        let ended = try endedAt?(answers) ?? [:]
        let released = try releasedAt?(answers) ?? [:]
        let sent = context.push == nil ? [:] : try messages?(answers) ?? [:]
        return try transitions.map { transition in
            try transition.done(ended[transition.record.id], released, sent)
        }
    }

    private var ending: ProposalEnding? {
        state.map {
            ProposalEnding(
                record.id, as: $0, by: actor, reason: reason, approval: approval, decidedAt: decidedAt)
        }
    }

    private func done(
        _ endedAt: Timestamp?, _ released: [Identifier: Timestamp], _ sent: [Identifier: DeliveryRecord]
    ) throws -> Done {
        guard let state else { return (record, nil) }
        guard let endedAt else {
            throw PostgresError(.decoding, "A proposal that was to become \(state.rawValue) was not found.")
        }
        let after = record.ended(
            as: state, at: endedAt, by: actor, reason: reason, approval: approval, orderID: order?.id)
        guard let order, let releasedAt = released[order.id], let message = sent[order.id] else {
            return (after, nil)
        }
        let push = PushedRelease(
            orderID: order.id, order: ReleasedOrder(order, releasedAt: releasedAt), record: message)
        return (after, push)
    }
}
