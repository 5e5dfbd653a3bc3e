// What a fill and an ending do: to the order, the position, the cash, the statement and the order's group.

import Domain

extension SimulatedExchange {
    /// Books an execution.
    mutating func fill(_ id: Identifier, quantity: ExactDecimal, price: ExactDecimal, at now: Timestamp) {
        guard var order = orders[id], order.isOpen, quantity.isPositive else { return }
        let isShortSale = order.side == .sell && !heldQuantity(order.symbol).isPositive
        if order.quantity == nil { order.quantity = quantity }
        order.filledQuantity = order.filledQuantity + quantity
        order.filledCost = order.filledCost + quantity * price
        let isComplete = order.remainingQuantity.map { !$0.isPositive } ?? true
        if isComplete {
            order.status = .filled
            order.filledAt = now
        } else if order.status != .pendingCancel {
            order.status = .partiallyFilled
        }
        order.updatedAt = now
        orders[id] = order
        book(order, quantity: quantity, price: price, isShortSale: isShortSale, at: now)
        if isComplete { wakeLegs(of: order, at: now) }
        adjustSiblings(of: order, by: quantity, at: now)
    }

    private mutating func book(
        _ order: SimulatedOrder, quantity: ExactDecimal, price: ExactDecimal, isShortSale: Bool,
        at now: Timestamp
    ) {
        let signed = order.side == .buy ? quantity : -quantity
        cash = cash - (signed * price).rounded(scale: 2)
        positions[order.symbol, default: SimulatedPosition()].take(quantity: signed, price: price)
        if positions[order.symbol]?.isFlat == true {
            positions[order.symbol] = nil
            lastDayPrices[order.symbol] = nil
        }
        let content = Activity.Fill(
            orderID: order.id, symbol: order.symbol, side: order.side, isShortSale: isShortSale,
            quantity: quantity, price: price, cumulativeQuantity: order.filledQuantity,
            leavesQuantity: max(.zero, order.remainingQuantity ?? .zero))
        let activity = makeActivity(.fill(content), at: now)
        activities.append(activity)
        record(
            order.status == .filled ? "fill" : "partial_fill", order, at: now, executionID: activity.id,
            price: price, quantity: quantity)
    }

    /// An entry of the statement.
    ///
    /// Its id starts with the wall clock of New York, as Alpaca's does: no time to rely on.
    mutating func makeActivity(_ content: Activity.Content, at now: Timestamp) -> Activity {
        let local = now.adding(seconds: hours.offsetSeconds(at: now)).rfc3339
        let digits = (local.filter { $0.isNumber } + "000").prefix(17)
        return Activity(id: "\(digits)::\(random.identifier())", at: now, content: content)
    }

    /// The legs of an entry begin to work once it has filled completely: the first one openly, a pair's stop
    /// as `held`.
    private mutating func wakeLegs(of order: SimulatedOrder, at now: Timestamp) {
        guard order.orderClass == .bracket || order.orderClass == .oto else { return }
        for (place, legID) in order.legIDs.enumerated() where orders[legID]?.isOpen == true {
            change(legID, at: now) {
                $0.isArmed = true
                if place == 0 { $0.status = .new }
            }
            if place == 0, let leg = orders[legID] { record("new", leg, at: now) }
        }
    }

    /// The orders of which only one may fill together with this one.
    func siblings(of order: SimulatedOrder) -> [SimulatedOrder] {
        if order.orderClass == .oco, order.parentID == nil { return order.legIDs.compactMap { orders[$0] } }
        guard let parent = order.parentID.flatMap({ orders[$0] }) else { return [] }
        let others = parent.legIDs.filter { $0 != order.id }.compactMap { orders[$0] }
        return parent.orderClass == .oco ? others + [parent] : others
    }

    /// What one exit has sold, the other need not sell any more.
    private mutating func adjustSiblings(
        of order: SimulatedOrder, by quantity: ExactDecimal, at now: Timestamp
    ) {
        for sibling in siblings(of: order) where sibling.isOpen {
            let rest = (sibling.remainingQuantity ?? .zero) - quantity
            if order.status == .filled || !rest.isPositive {
                close(sibling.id, as: .canceled, at: now, spreads: false)
            } else {
                change(sibling.id, at: now) { $0.quantity = $0.quantity.map { $0 - quantity } }
            }
        }
    }

    /// Ends an order, and with it the orders that make no sense without it.
    mutating func close(
        _ id: Identifier, as status: SimulatedOrder.Status, at now: Timestamp, spreads: Bool = true
    ) {
        guard let order = orders[id], order.isOpen else { return }
        change(id, at: now) {
            $0.status = status
            switch status {
            case .canceled: $0.canceledAt = now
            case .expired: $0.expiredAt = now
            case .rejected: $0.failedAt = now
            case .replaced: $0.replacedAt = now
            case .accepted, .new, .filled, .held, .pendingNew, .partiallyFilled, .pendingCancel: break
            }
        }
        if let closed = orders[id] { record(status.rawValue, closed, at: now) }
        guard spreads, status != .replaced else { return }
        let entry = order.parentID.flatMap { orders[$0] }.map { [$0] } ?? []
        let dependents = order.legIDs.compactMap { orders[$0] } + siblings(of: order) + entry
        for dependent in dependents where dependent.isOpen {
            close(dependent.id, as: status == .expired ? .expired : .canceled, at: now, spreads: false)
        }
    }
}
