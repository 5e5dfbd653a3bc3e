// What time does: day ends, expiry, acceptance, cancellations that fall due, and matching.

import Domain

extension SimulatedExchange {
    /// Lets everything happen that is due at an instant; true where anything changed.
    mutating func advance(to now: Timestamp) -> Bool {
        var changed = false
        while nextDayEnd <= now {
            endDay(at: nextDayEnd)
            changed = true
        }
        for id in openIDs {
            guard let order = orders[id], order.isOpen, order.expiresAt <= now else { continue }
            closeAuctionOrExpire(order)
            changed = true
        }
        if settle(at: now) { changed = true }
        if changed { forgetClosed() }
        return changed
    }

    /// Drops from the working set what cannot change any more.
    mutating func forgetClosed() { openIDs.removeAll { orders[$0]?.isOpen != true } }

    /// Works the open orders until nothing moves any more: a fill may wake legs that fill at once.
    mutating func settle(at now: Timestamp) -> Bool {
        var changed = false
        for _ in 0..<16 {
            var moved = false
            for id in openIDs {
                guard let order = orders[id], order.isOpen else { continue }
                if step(order, at: now) { moved = true }
            }
            guard moved else { break }
            changed = true
        }
        return changed
    }

    /// One step of one order's life; false where nothing was due.
    private mutating func step(_ order: SimulatedOrder, at now: Timestamp) -> Bool {
        switch order.status {
        case .accepted, .pendingNew:
            return acknowledge(order, at: now)
        case .pendingCancel:
            guard let due = order.cancelDueAt, due <= now else { return match(order, at: now) }
            close(order.id, as: .canceled, at: now)
            return true
        case .new, .partiallyFilled:
            return match(order, at: now)
        case .held:
            return order.isArmed && match(order, at: now)
        case .filled, .canceled, .expired, .replaced, .rejected:
            return false
        }
    }

    private mutating func acknowledge(_ order: SimulatedOrder, at now: Timestamp) -> Bool {
        guard isTradable(order, at: now) else { return false }
        if scripts.rejectionsAfterAcceptance > 0 {
            scripts.rejectionsAfterAcceptance -= 1
            close(order.id, as: .rejected, at: now)
            return true
        }
        change(order.id, at: now) { $0.status = .new }
        if let order = orders[order.id] { record("new", order, at: now) }
        return true
    }

    /// At its expiry an order for the closing auction trades; every other one ends.
    private mutating func closeAuctionOrExpire(_ order: SimulatedOrder) {
        if order.timeInForce == .cls, order.status != .pendingCancel, !isMatchingManual,
            let price = executionPrice(order, at: order.expiresAt)
        {
            fill(order.id, quantity: wholeQuantity(order, price: price), price: price, at: order.expiresAt)
        }
        if orders[order.id]?.isOpen == true { close(order.id, as: .expired, at: order.expiresAt) }
    }

    /// Takes the day's last equity and prices; the next day starts from them.
    private mutating func endDay(at end: Timestamp) {
        lastEquity = equity(at: end)
        history.append(EquityPoint(at: end, equity: lastEquity))
        for symbol in positions.keys { lastDayPrices[symbol] = quote(symbol, at: end).last }
        nextDayEnd = hours.nextDayEnd(after: end)
    }

    /// Ends the session by script: day orders expire and the day is closed.
    mutating func closeMarket(at now: Timestamp) {
        marketOverride = false
        for order in openOrders where order.timeInForce != .gtc && orders[order.id]?.isOpen == true {
            close(order.id, as: .expired, at: now)
        }
        lastEquity = equity(at: now)
        history.append(EquityPoint(at: now, equity: lastEquity))
    }

    /// Changes an order in place and stamps it.
    mutating func change(_ id: Identifier, at now: Timestamp, _ body: (inout SimulatedOrder) -> Void) {
        guard var order = orders[id] else { return }
        body(&order)
        order.updatedAt = now
        orders[id] = order
    }

    mutating func record(
        _ event: String, _ order: SimulatedOrder, at now: Timestamp, executionID: String? = nil,
        price: ExactDecimal? = nil, quantity: ExactDecimal? = nil
    ) {
        updates.append(
            OrderUpdate(
                event: event, at: now, order: order, executionID: executionID, price: price,
                quantity: quantity))
    }
}
