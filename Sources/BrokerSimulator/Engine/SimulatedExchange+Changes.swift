// Cancelling, replacing and closing: what the owner does with orders and positions that exist.

import Domain
import JSON

extension SimulatedExchange {
    /// Asks for a cancellation; the order is cancelled when the cancel delay has passed.
    mutating func cancel(_ id: Identifier, at now: Timestamp) throws(BrokerRejection) {
        guard let order = orders[id] else { throw .notFound("order not found for \(id)") }
        guard order.isOpen, order.status != .pendingCancel else {
            throw .invalid("order is already in \"\(order.status.rawValue)\" state")
        }
        let due = Timestamp(microseconds: now.microseconds + settings.cancelDelayMicroseconds)
        change(id, at: now) {
            $0.status = .pendingCancel
            $0.cancelDueAt = due
        }
        if let order = orders[id] { record("pending_cancel", order, at: now) }
    }

    /// Asks for the cancellation of every open order; legs go with their entry.
    mutating func cancelAll(at now: Timestamp) -> [Identifier] {
        var cancelled: [Identifier] = []
        for order in openOrders where order.parentID.flatMap({ orders[$0]?.isOpen }) != true {
            do throws(BrokerRejection) {
                try cancel(order.id, at: now)
                cancelled.append(order.id)
            } catch {
                continue
            }
        }
        return cancelled
    }

    /// Replaces an order by a new one with other terms; returns the new order.
    mutating func replace(
        _ id: Identifier, _ body: JSONValue, at now: Timestamp
    ) throws(BrokerRejection) -> SimulatedOrder {
        guard let old = orders[id] else { throw .notFound("order not found for \(id)") }
        let terms = try ReplacementTerms(body, of: old)
        if let clientOrderID = terms.clientOrderID, byClientOrderID[clientOrderID] != nil {
            throw .badParameter("client_order_id must be unique")
        }
        try checkAccountMayTrade()
        if !old.isClosing {
            try checkBuyingPower(
                terms.draft(of: old), quote: quote(old.symbol, at: now), at: now,
                released: reservation(for: old, at: now))
        }
        let new = successor(of: old, terms, at: now)
        takePlace(of: old, new, at: now)
        return new
    }

    private mutating func successor(
        of old: SimulatedOrder, _ terms: ReplacementTerms, at now: Timestamp
    ) -> SimulatedOrder {
        SimulatedOrder(
            id: random.identifier(), number: sequence.count,
            clientOrderID: terms.clientOrderID ?? random.identifier().text, symbol: old.symbol,
            side: old.side,
            kind: old.kind, timeInForce: terms.timeInForce, orderClass: old.orderClass, intent: old.intent,
            extendedHours: old.extendedHours, quantity: terms.quantity, notional: nil,
            limitPrice: terms.limitPrice, stopPrice: terms.stopPrice, trail: terms.trail, createdAt: now,
            expiresAt: terms.timeInForce == .gtc ? now.adding(minutes: 90 * 24 * 60) : old.expiresAt,
            status: old.status == .held ? .held : .pendingNew, isArmed: old.isArmed, drewPartialFill: true,
            nextMatchAt: now, parentID: old.parentID, legIDs: old.legIDs, replaces: old.id, updatedAt: now)
    }

    /// A touched stop's new self: a market order, or a limit order where it has a limit.
    mutating func replaceTouched(_ old: SimulatedOrder, at now: Timestamp) {
        let limit = old.limitPrice ?? (old.side == .buy ? old.stopPrice.map(OrderPricing.collar) : nil)
        let new = SimulatedOrder(
            id: random.identifier(), number: sequence.count, clientOrderID: random.identifier().text,
            symbol: old.symbol, side: old.side, kind: limit == nil ? .market : .limit,
            timeInForce: old.timeInForce, orderClass: old.orderClass, intent: old.intent,
            extendedHours: false,
            quantity: old.remainingQuantity, notional: old.notional, limitPrice: limit, stopPrice: nil,
            trail: nil, createdAt: now, expiresAt: old.expiresAt, status: .new,
            drewPartialFill: old.drewPartialFill, nextMatchAt: now, parentID: old.parentID, replaces: old.id,
            updatedAt: now)
        takePlace(of: old, new, at: now)
        record("new", new, at: now)
    }

    private mutating func takePlace(of old: SimulatedOrder, _ new: SimulatedOrder, at now: Timestamp) {
        change(old.id, at: now) { $0.replacedBy = new.id }
        close(old.id, as: .replaced, at: now)
        orders[new.id] = new
        sequence.append(new.id)
        openIDs.append(new.id)
        byClientOrderID[new.clientOrderID] = new.id
        if let parentID = new.parentID {
            change(parentID, at: now) { $0.legIDs = $0.legIDs.map { $0 == old.id ? new.id : $0 } }
        }
        for legID in new.legIDs { change(legID, at: now) { $0.parentID = new.id } }
    }

    /// Closes a position, or part of it, with a market order of the broker's own making.
    mutating func closePosition(
        _ symbol: String, quantity: String?, percentage: String?, at now: Timestamp
    ) throws(BrokerRejection) -> SimulatedOrder {
        guard let position = positions[symbol] else { throw .notFound("position does not exist") }
        try checkAccountMayTrade()
        let held = position.quantity.magnitude
        let requested = try Self.closingQuantity(held, quantity: quantity, percentage: percentage)
        let (available, related) = availableQuantity(symbol)
        guard requested <= available else {
            throw Self.insufficientQuantity(
                symbol, requested: requested, available: available, held: held, related: related)
        }
        let side: SimulatedOrder.Side = position.isShort ? .buy : .sell
        let draft = OrderDraft(
            symbol: symbol, side: side, kind: .market, timeInForce: .day, quantity: requested)
        return enter(draft, intent: side.closing, at: now)
    }

    private static func closingQuantity(
        _ held: ExactDecimal, quantity: String?, percentage: String?
    ) throws(BrokerRejection) -> ExactDecimal {
        switch (quantity, percentage) {
        case (nil, nil): return held
        case (.some, .some): throw .badParameter("only one of qty or percentage is accepted")
        case (let text?, nil):
            guard let number = ExactDecimal(text), number.isPositive, number.decimalPlaces <= 9 else {
                throw .badParameter("qty must be > 0")
            }
            return number
        case (nil, let text?):
            guard let number = ExactDecimal(text), number.isPositive, number <= ExactDecimal(100) else {
                throw .badParameter("percentage must be between 0 and 100")
            }
            return (held * number).divided(by: ExactDecimal(100), scale: 9, rounding: .down) ?? held
        }
    }
}
