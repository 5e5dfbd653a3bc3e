// What follows from a halt: cancelling what it reaches and telling people. It may fail and be done again, while
// the halt itself holds.

import Domain
import JSON
import Postgres
import Store

/// How far a halt was carried out within one transaction.
struct HaltCarrying {
    /// What a halt cancelled.
    struct Reached: Sendable {
        var proposals: [Identifier] = []
        var orders: [(orderID: Identifier, proposalID: Identifier)] = []
    }

    private(set) var reached = Reached()
    /// What went wrong first, for the log.
    private(set) var failure: String?

    /// Does one piece of work whose failure must not undo what stands already.
    mutating func attempt(_ work: () throws -> Void) {
        attempt { _ in try work() }
    }

    /// The same, for work that adds to what was reached.
    mutating func attempt(_ work: (inout Reached) throws -> Void) {
        do {
            try work(&reached)
        } catch {
            failure = failure ?? "\(error)"
        }
    }

    /// Cancels everything that the halt reaches, or nothing.
    static func cancelAll(_ halt: HaltRecord, in session: PostgresSession) throws -> Reached {
        let reached = Reached(
            proposals: try ProposalTransitions.cancelHalted(
                scope: halt.scope.rawValue, target: halt.target, allowsReducing: halt.allowsReducing,
                by: halt.openedBy, reason: reason(halt), in: session),
            orders: try OrderRelease.cancelHalted(
                scope: halt.scope.rawValue, target: halt.target, allowsReducing: halt.allowsReducing,
                reason: reason(halt), in: session))
        try record(reached, of: halt, in: session)
        return reached
    }

    /// Cancels what it can, each by itself; a row that is locked or refuses keeps no other from being cancelled.
    mutating func cancelEach(_ halt: HaltRecord, limit: Int, in session: PostgresSession) throws {
        let (scope, target, allowsReducing) = (halt.scope.rawValue, halt.target, halt.allowsReducing)
        try AccountLock.limitWaiting(milliseconds: 100, in: session)
        let proposals = try ProposalTransitions.reached(
            scope: scope, target: target, allowsReducing: allowsReducing, in: session)
        let orders = try OrderRelease.reached(
            scope: scope, target: target, allowsReducing: allowsReducing, in: session)
        // Orders first: they are nearest to the broker.
        for id in orders.prefix(limit) {
            attempt { reached in
                reached.orders += try session.savepoint {
                    let orders = try OrderRelease.cancelHalted(
                        scope: scope, target: target, allowsReducing: allowsReducing,
                        reason: Self.reason(halt), only: id, in: session)
                    try Self.record(Reached(orders: orders), of: halt, in: session)
                    return orders
                }
            }
        }
        for id in proposals.prefix(limit) {
            attempt { reached in
                reached.proposals += try session.savepoint {
                    let proposals = try ProposalTransitions.cancelHalted(
                        scope: scope, target: target, allowsReducing: allowsReducing, by: halt.openedBy,
                        reason: Self.reason(halt), only: id, in: session)
                    try Self.record(Reached(proposals: proposals), of: halt, in: session)
                    return proposals
                }
            }
        }
    }

    /// Tells people where they are not told yet, notes how far it came, and gives the outcome.
    mutating func conclude(_ halt: HaltRecord, in session: PostgresSession) throws -> HaltOutcome {
        let isComplete = failure == nil
        if halt.toldAt == nil {
            attempt {
                try session.savepoint {
                    guard !halt.isBySystem else {
                        return try HaltStore.note(halt.id, isTold: true, isComplete: false, in: session)
                    }
                    var data = halt.json.objectValue ?? [:]
                    data["complete"] = .bool(isComplete)
                    data["at_broker"] = .text(try Self.atBroker(halt, in: session)?.rawValue)
                    try AlertRaising.raise(.opened(halt, data), in: session)
                    try HaltStore.note(halt.id, isTold: true, isComplete: false, in: session)
                }
            }
        }
        if isComplete, halt.completedAt == nil {
            try HaltStore.note(halt.id, isTold: false, isComplete: true, in: session)
        }
        return HaltOutcome(
            halt: try HaltStore.lock(halt.id, in: session) ?? halt, cancelledProposals: reached.proposals,
            cancelledOrders: reached.orders.map(\.orderID),
            tradingState: TradingState(halts: try HaltStore.listOpen(in: session)), failure: failure)
    }

    /// What the worker does at the broker because of a halt: its message tells that too, so that it is one.
    private static func atBroker(
        _ halt: HaltRecord, in session: PostgresSession
    ) throws -> CommandRecord.Kind? {
        try CommandStore.open(under: [halt.id], in: session).first?.kind
    }

    private static func reason(_ halt: HaltRecord) -> String { "halted: \(halt.reason)" }

    /// Writes journal and messages of what was cancelled.
    private static func record(
        _ reached: Reached, of halt: HaltRecord, in session: PostgresSession
    ) throws {
        let records = try ProposalQueries.find(reached.proposals, in: session)
        let entries =
            records.map { $0.entry("cancelled", by: halt.openedBy, ["halt_id": .string(halt.id.text)]) }
            + reached.orders.map {
                JournalDraft(
                    kind: "order.cancelled", actor: halt.openedBy, subject: "order:\($0.orderID)",
                    data: ["halt_id": .string(halt.id.text), "proposal_id": .string($0.proposalID.text)])
            }
        try JournalStore.append(entries, in: session)
        let cause: JSONObject = ["halt": halt.json]
        let messages =
            records.map { $0.outcome(.cancelled, cause) }
            + reached.orders.map {
                DeliveryRequest(
                    kind: "order-cancelled", proposalID: $0.proposalID, orderID: $0.orderID, priority: 3,
                    data: cause)
            }
        try DeliveryQueue.enqueue(messages, in: session)
        try ProposalNotice.send(in: session)
    }
}
