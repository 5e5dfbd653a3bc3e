import Domain
import JSON
import Postgres
import Store

/// That the broker executed more shares of an order than were ordered: more than anybody approved.
///
/// What was done cannot be undone here, so it is recorded as it was. The symbol is halted until a person has looked, because
/// what made one order too much may do so again; orders that reduce the position still go out.
struct Overfill {
    /// Who opens the halt, in the journal's words.
    static let actor = "system:overfill"
    static let cause = "overfill"

    let order: OrderRecord
    /// All shares of it that the broker executed.
    let executed: ExactDecimal

    private var excess: ExactDecimal { executed - order.qty }

    /// Opens the halt where none is open for the same reason, and raises the alert; the account's lock is held.
    func stop(_ context: GateContext, in session: PostgresSession) throws {
        let isOpen = try HaltStore.listOpen(in: session).contains {
            $0.cause == Self.cause && $0.scope == .symbol && $0.target == order.symbol
        }
        if !isOpen {
            let request = HaltRequest(
                scope: .symbol, target: order.symbol, reason: words, cause: Self.cause, allowsReducing: true)
            _ = try Halting.open(request, by: Self.actor, context, in: session)
        }
        try AlertRaising.raise(alert, in: session)
    }

    private var words: String {
        "The broker executed \(executed.grouped()) shares of an order for \(order.qty.grouped()): "
            + "\(excess.grouped()) more than anybody approved."
    }

    private var alert: AlertDraft {
        let deed = order.side == .buy ? "bought" : "sold"
        return AlertDraft(
            .overfill,
            title:
                "More executed than ordered: \(order.symbol) \(deed) \(executed.grouped()) of \(order.qty.grouped())",
            detail:
                "\(words) They are in the account. Orders in \(order.symbol) that add to a position are stopped until a person"
                + " clears the halt; those that reduce it still go out. Look at the order \(order.clientOrderID) and the"
                + " position at the broker, close what is too much, and ask the broker how it came about.",
            evidence: [
                "symbol": .string(order.symbol), "side": .string(order.side.rawValue),
                "ordered_qty": .decimal(order.qty), "executed_qty": .decimal(executed),
                "excess_qty": .decimal(excess), "order_id": .string(order.id.text),
                "broker_order_id": .text(order.brokerOrderID),
            ], subject: "order:\(order.id)", dedupKey: "overfill:\(order.id):\(executed)")
    }
}
