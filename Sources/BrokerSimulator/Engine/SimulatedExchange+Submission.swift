import Domain
import JSON

extension SimulatedExchange {
    /// Takes an order request; returns the new order, not yet matched.
    mutating func submit(_ body: JSONValue, at now: Timestamp) throws(BrokerRejection) -> SimulatedOrder {
        let draft = try OrderDraft(body)
        let intent = try admit(draft, at: now)
        return enter(draft, intent: intent, at: now)
    }

    /// Books an admitted order and the legs that hang on it.
    mutating func enter(
        _ draft: OrderDraft, intent: SimulatedOrder.PositionIntent, at now: Timestamp
    ) -> SimulatedOrder {
        var order = makeOrder(draft, intent: intent, at: now)
        order.status = isTradable(order, at: now) ? .pendingNew : .accepted
        order.nextMatchAt = Timestamp(microseconds: now.microseconds + settings.fillDelayMicroseconds)
        store(order)
        for leg in legDrafts(of: draft) {
            var legOrder = makeOrder(leg, intent: leg.side.closing, at: now)
            legOrder.parentID = order.id
            legOrder.isArmed = draft.orderClass == .oco
            store(legOrder)
            order.legIDs.append(legOrder.id)
        }
        orders[order.id] = order
        record(order.status == .accepted ? "accepted" : "pending_new", order, at: now)
        return order
    }

    private mutating func makeOrder(
        _ draft: OrderDraft, intent: SimulatedOrder.PositionIntent, at now: Timestamp
    ) -> SimulatedOrder {
        let id = random.identifier()
        let clientOrderID = draft.clientOrderID ?? random.identifier().text
        return SimulatedOrder(
            id: id, number: sequence.count, clientOrderID: clientOrderID, symbol: draft.symbol,
            side: draft.side,
            kind: draft.kind, timeInForce: draft.timeInForce, orderClass: draft.orderClass, intent: intent,
            extendedHours: draft.extendedHours, quantity: draft.quantity, notional: draft.notional,
            limitPrice: draft.limitPrice, stopPrice: draft.stopPrice, trail: draft.trail, createdAt: now,
            expiresAt: expiry(draft, at: now), status: .held, nextMatchAt: now, updatedAt: now)
    }

    private mutating func store(_ order: SimulatedOrder) {
        orders[order.id] = order
        sequence.append(order.id)
        openIDs.append(order.id)
        byClientOrderID[order.clientOrderID] = order.id
    }

    /// The exit orders that a request brings along.
    private func legDrafts(of draft: OrderDraft) -> [OrderDraft] {
        guard draft.orderClass != .simple else { return [] }
        let side = draft.orderClass == .oco ? draft.side : draft.side.opposite
        var legs: [OrderDraft] = []
        if let limit = draft.takeProfitLimit, draft.orderClass != .oco {
            var leg = exit(draft, side: side, kind: .limit)
            leg.limitPrice = limit
            legs.append(leg)
        }
        if let stop = draft.stopLossStop {
            var leg = exit(draft, side: side, kind: draft.stopLossLimit == nil ? .stop : .stopLimit)
            leg.stopPrice = stop
            leg.limitPrice = draft.stopLossLimit
            legs.append(leg)
        }
        return legs
    }

    private func exit(_ draft: OrderDraft, side: SimulatedOrder.Side, kind: SimulatedOrder.Kind) -> OrderDraft
    {
        OrderDraft(
            symbol: draft.symbol, side: side, kind: kind, timeInForce: draft.timeInForce,
            orderClass: draft.orderClass, quantity: draft.quantity)
    }

    /// Day orders end with the next close (four hours later in extended hours), the others after Alpaca's
    /// ninety days.
    private func expiry(_ draft: OrderDraft, at now: Timestamp) -> Timestamp {
        switch draft.timeInForce {
        case .gtc: now.adding(minutes: 90 * 24 * 60)
        case .day where draft.extendedHours:
            hours.nextClose(after: now.adding(minutes: -240)).adding(minutes: 240)
        case .day, .opg, .cls, .ioc, .fok: hours.nextClose(after: now)
        }
    }
}

extension SimulatedOrder.Side {
    /// The intent of an exit order on this side.
    var closing: SimulatedOrder.PositionIntent { self == .buy ? .buyToClose : .sellToClose }
}
