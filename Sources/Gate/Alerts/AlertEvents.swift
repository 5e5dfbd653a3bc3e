// What is worth an alert the moment it happens; what stands for a while is found by `AlertWatch`.

import Domain
import JSON
import Postgres
import Store

extension AlertDraft {
    /// The key of the alert about a halt.
    static func key(ofHalt id: Identifier) -> String { "halt:\(id)" }

    /// That a breaker tripped.
    static func tripped(_ trip: BreakerTrip, _ halt: HaltRecord, _ data: JSONObject) -> AlertDraft {
        var draft = AlertDraft(
            AlertType(tripped: trip.kind), title: "Breaker tripped: \(trip.words)", evidence: data,
            subject: "halt:\(halt.id)", dedupKey: key(ofHalt: halt.id))
        draft.messageKind = "breaker-tripped"
        return draft
    }

    /// That somebody stopped trading: a person knows of it, what a script did somebody has to take note of.
    static func opened(_ halt: HaltRecord, _ data: JSONObject) -> AlertDraft {
        var draft = AlertDraft(
            .tradingHalted, priority: halt.openedBy.hasPrefix("user:") ? .high : .critical,
            title:
                "Trading is halted: \(halt.target.isEmpty ? "the whole account" : "\(halt.scope.rawValue) \(halt.target)")",
            detail: halt.reason, evidence: data, subject: "halt:\(halt.id)", dedupKey: key(ofHalt: halt.id))
        draft.messageKind = "halt-opened"
        return draft
    }

    /// That an order was rejected: by the broker, or because it never got there; the order's own message tells it.
    static func rejected(_ order: OrderRecord, reason: String?) -> AlertDraft {
        var draft = AlertDraft(
            .executionFailure,
            title: "Rejected, not traded: \(order.side.rawValue) \(order.qty.grouped()) \(order.symbol)",
            detail: reason ?? "No reason was given.",
            evidence: [
                "symbol": .string(order.symbol), "qty": .decimal(order.qty),
                "order_id": .string(order.id.text),
                "reason": .text(reason),
            ], subject: "order:\(order.id)", dedupKey: "order-rejected:\(order.id)")
        draft.isToldElsewhere = true
        return draft
    }
}
