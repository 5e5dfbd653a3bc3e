import Domain
import JSON
import Postgres
import Store

// Claim, revocation, halt and the end of an approval compete for a released order (invariant I4). Whoever comes second
// is told here who won, when, and what that means.

enum LostOrder {
    /// Why nothing can be done with an order that is released no more.
    static func refusal(_ order: OrderRecord, in session: PostgresSession) throws -> Refusal {
        let entry = try JournalQueries.page(
            before: nil, subject: "order:\(order.id)", limit: 20, in: session
        ).first { $0.entry.kind == "order.\(order.state.rawValue)" }?.entry
        let who = ActorText.words(entry?.actor) ?? "somebody"
        let at = (order.finishedAt ?? entry?.at).map { " at \($0.rfc3339)" } ?? ""
        var facts: JSONObject = [
            "order_id": .string(order.id.text), "order_state": .string(order.state.rawValue),
            "claimed_by": .text(order.claimedBy), "claimed_at": .text(order.claimedAt?.rfc3339),
            "checks": order.claimChecks ?? .null,
        ]
        facts["ended_by"] =
            order.state.mayBeAtBroker
            ? nil : .string(entry.map { Contest.name(of: $0.actor) } ?? "somebody")
        facts["ended_at"] = order.state.mayBeAtBroker ? nil : .text(order.finishedAt?.rfc3339)
        switch order.state {
        case .released, .submitting, .accepted, .partiallyFilled, .filled, .canceled, .expired, .rejected,
            .unknown:
            let when = order.claimedAt.map { " at \($0.rfc3339)" } ?? ""
            let advice = order.state.isFinal ? "" : " To end it, cancel it at the broker or stop trading."
            return Refusal(
                .claimed,
                "Too late: \(order.claimedBy ?? "the worker") claimed this order\(when). "
                    + order.state.sentence + advice, facts: facts)
        case .refused:
            return Refusal(
                .refused, "Refused\(at): a check failed when the worker took it. Nothing was sent.",
                facts: facts)
        case .lapsed:
            return Refusal(
                .lapsed, "Lapsed\(at): the worker did not take it in time. Nothing was sent.", facts: facts)
        case .revoked:
            return Refusal(
                .conflict, "Revoked by \(who)\(at), before the worker took it. Nothing was sent.",
                facts: facts)
        case .cancelled:
            return Refusal(
                .conflict, "Trading was halted by \(who)\(at), before the worker took it. Nothing was sent.",
                facts: facts)
        }
    }
}
