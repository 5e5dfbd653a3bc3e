// When an order trades, at what price, and how much at once.

import Domain

extension SimulatedExchange {
    /// Tries to fill an order; true where the order changed.
    mutating func match(_ order: SimulatedOrder, at now: Timestamp) -> Bool {
        guard order.isWorking, !isMatchingManual, isTradable(order, at: now), let due = order.nextMatchAt,
            due <= now
        else { return false }
        var order = order
        let moved = watchStop(&order, at: now)
        guard orders[order.id]?.isOpen == true else { return true }
        guard let price = executionPrice(order, at: now) else {
            return endImmediate(order, at: now) || moved
        }
        let (quantity, holdsRest) = slice(&order, price: price)
        guard quantity.isPositive else { return endImmediate(order, at: now) || moved }
        orders[order.id] = order
        let excess = quantity == order.remainingQuantity ? scripts.takeOverfill(for: order.symbol) : .zero
        fill(order.id, quantity: quantity + excess, price: price, at: now)
        guard let rest = orders[order.id], rest.isOpen else { return true }
        if !endImmediate(rest, at: now) {
            let next = Timestamp(
                microseconds: now.microseconds + max(1, settings.partialFillDelayMicroseconds))
            change(order.id, at: now) { $0.nextMatchAt = holdsRest ? nil : next }
        }
        return true
    }

    /// Follows a trailing stop and notices when a stop is touched.
    private mutating func watchStop(_ order: inout SimulatedOrder, at now: Timestamp) -> Bool {
        guard order.kind.hasStop || order.kind == .trailingStop, !order.isTriggered else { return false }
        let last = quote(order.symbol, at: now).last
        guard last.isPositive else { return false }
        let followed = order.follow(last)
        guard let stop = order.stopPrice, order.side == .buy ? last >= stop : last <= stop else {
            if followed { orders[order.id] = order }
            return followed
        }
        order.isTriggered = true
        if order.status == .held { order.status = .new }
        order.updatedAt = now
        orders[order.id] = order
        for sibling in siblings(of: order) where sibling.isOpen {
            close(sibling.id, as: .canceled, at: now, spreads: false)
        }
        if settings.replacesTouchedStops { replaceTouched(order, at: now) }
        return true
    }

    /// The price at which the order would trade now; nil where it would not.
    func executionPrice(_ order: SimulatedOrder, at now: Timestamp) -> ExactDecimal? {
        let quote = quote(order.symbol, at: now)
        let price = order.side == .buy ? quote.ask : quote.bid
        guard price.isPositive else { return nil }
        let limit: ExactDecimal?
        switch order.kind {
        case .market: limit = nil
        case .limit: limit = order.limitPrice
        case .stopLimit:
            guard order.isTriggered else { return nil }
            limit = order.limitPrice
        case .stop, .trailingStop:
            guard order.isTriggered, let stop = order.stopPrice else { return nil }
            limit = order.side == .buy ? OrderPricing.collar(stop) : nil
        }
        guard let limit else { return price }
        return (order.side == .buy ? price <= limit : price >= limit) ? price : nil
    }

    /// All that is left of the order, in shares at that price.
    func wholeQuantity(_ order: SimulatedOrder, price: ExactDecimal) -> ExactDecimal {
        if let remaining = order.remainingQuantity { return remaining }
        return (order.notional ?? .zero).divided(by: price, scale: 9, rounding: .down) ?? .zero
    }

    /// How much fills at once: everything, or a scripted or drawn part of it.
    private mutating func slice(
        _ order: inout SimulatedOrder, price: ExactDecimal
    ) -> (quantity: ExactDecimal, holdsRest: Bool) {
        let whole = wholeQuantity(order, price: price)
        guard order.quantity != nil, order.timeInForce != .fok, !order.drewPartialFill else {
            return (whole, false)
        }
        order.drewPartialFill = true
        if let script = scripts.takePartialFill(for: order.symbol) {
            guard let part = script.quantity ?? drawnPart(of: whole), part < whole else {
                return (whole, false)
            }
            return (part, script.holdsRest)
        }
        guard settings.partialFillPercent > 0 else { return (whole, false) }
        let draws = Int(random.next() % 100) < settings.partialFillPercent
        return (draws ? drawnPart(of: whole) ?? whole : whole, false)
    }

    /// A random whole number of shares below the whole; nil where there is no room for one.
    private mutating func drawnPart(of whole: ExactDecimal) -> ExactDecimal? {
        guard let shares = Int(whole.rounded(scale: 0, .down).description), shares > 1 else { return nil }
        return ExactDecimal(Int.random(in: 1..<shares, using: &random))
    }

    /// What an immediate order has not got at once, it does not get.
    private mutating func endImmediate(_ order: SimulatedOrder, at now: Timestamp) -> Bool {
        guard [.ioc, .fok, .opg].contains(order.timeInForce) else { return false }
        close(order.id, as: .canceled, at: now)
        return true
    }
}

extension SimulatedOrder {
    /// Moves a trailing stop along with the price; true where it moved.
    mutating func follow(_ last: ExactDecimal) -> Bool {
        guard kind == .trailingStop, let trail else { return false }
        if let mark = highWaterMark, side == .sell ? last <= mark : last >= mark { return false }
        highWaterMark = last
        let distance: ExactDecimal
        switch trail {
        case .price(let price): distance = price
        case .percent(let percent):
            distance = (last * percent).divided(by: ExactDecimal(100), scale: 4) ?? .zero
        }
        stopPrice = (side == .sell ? last - distance : last + distance).rounded(scale: last >= .one ? 2 : 4)
        return true
    }
}
