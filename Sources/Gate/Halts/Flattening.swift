import Domain
import JSON
import Postgres
import Store

// What a stop does at the broker, and what it would do.

extension Halting {
    /// Has the worker cancel what a stop should cancel at the broker, or close everything.
    ///
    /// What fails here must not undo the stop.
    static func follow(
        _ request: HaltRequest, _ halt: HaltRecord, by actor: String, _ context: GateContext,
        in session: PostgresSession
    ) -> (command: CommandRecord?, failure: String?) {
        guard let kind = request.atBroker else { return (nil, nil) }
        do {
            let command = try session.savepoint {
                try Commanding.issue(kind, for: halt, by: actor, context, in: session)
            }
            return (command, nil)
        } catch {
            return (nil, "\(error)")
        }
    }

    /// What would be cancelled and closed at the broker, by the account as it was reported last.
    static func foreseeAtBroker(_ request: HaltRequest, in session: PostgresSession) throws -> JSONValue? {
        guard let kind = request.atBroker else { return nil }
        guard let (report, receivedAt) = try CheckingStore.accountState(in: session),
            let account = try? AccountSnapshot.parse(report, receivedAt: receivedAt)
        else { return ["known": false, "would_cancel": [], "would_close": []] }
        let reach = try Commanding.Reach(scope: request.scope, target: request.target)
        let names = try reach.strategy.map {
            Set(try CommandStore.clientOrderIDs(ofStrategy: $0, in: session))
        }
        let orders = account.openOrders.filter { order in
            guard order.isOpen, reach.symbol.map({ $0 == order.symbol }) ?? true else { return false }
            if let names, !(order.clientOrderID.map(names.contains) ?? false) { return false }
            return kind.closesPositions || !(order.isExit || account.reduces(order))
        }
        let positions = account.positions.filter { position in
            kind.closesPositions && (reach.symbol.map { $0 == position.symbol } ?? true)
        }
        return [
            "known": true, "as_of": .string(receivedAt.rfc3339),
            "market_open": .bool(account.isMarketOpen(at: try DatabaseClock.now(in: session))),
            "would_cancel": .array(orders.map(\.foreseen)),
            "would_close": .array(positions.map(\.foreseen)),
        ]
    }
}

extension AccountSnapshot {
    fileprivate func reduces(_ order: BrokerOpenOrder) -> Bool {
        guard let position = positions.first(where: { $0.symbol == order.symbol }) else { return false }
        return position.qty.isNegative == (order.side == .buy) && order.remainingQty <= position.qty.magnitude
    }
}

extension BrokerOpenOrder {
    fileprivate var foreseen: JSONValue {
        [
            "symbol": .string(symbol), "side": .string(side.rawValue), "qty": .decimal(remainingQty),
            "type": .string(type), "client_order_id": .text(clientOrderID),
        ]
    }
}

extension Position {
    /// The order that closes it.
    fileprivate var foreseen: JSONValue {
        [
            "symbol": .string(symbol), "side": .string(qty.isNegative ? "buy" : "sell"),
            "qty": .decimal(qty.magnitude),
        ]
    }
}
