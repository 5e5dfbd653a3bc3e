import Domain
import JSON

/// What PATCH /v2/orders/{id} makes of an order: what it names is changed, the rest stays.
struct ReplacementTerms {
    let clientOrderID: String?
    let quantity: ExactDecimal?
    let timeInForce: SimulatedOrder.TimeInForce
    let limitPrice: ExactDecimal?
    let stopPrice: ExactDecimal?
    let trail: SimulatedOrder.Trail?

    /// Reads a request's body and judges it for that order.
    init(_ body: JSONValue, of old: SimulatedOrder) throws(BrokerRejection) {
        try Self.checkReplaceable(old)
        let fields = try OrderFields(body)
        clientOrderID = fields.text("client_order_id")
        timeInForce = try fields.optionalChoice("time_in_force") ?? old.timeInForce
        quantity = try fields.decimal("qty") ?? old.remainingQuantity
        limitPrice = try fields.decimal("limit_price") ?? old.limitPrice
        stopPrice = try fields.decimal("stop_price") ?? old.stopPrice
        trail = try Self.trail(fields, of: old)
        try check(old)
    }

    private static func checkReplaceable(_ old: SimulatedOrder) throws(BrokerRejection) {
        if old.notional != nil { throw .invalid("notional orders cannot be replaced") }
        switch old.status {
        case .new, .partiallyFilled: return
        case .held: if old.isArmed { return }
        case .filled, .canceled, .expired, .replaced, .rejected:
            throw .invalid("order is already in \"\(old.status.rawValue)\" state")
        case .accepted, .pendingNew, .pendingCancel: break
        }
        throw .invalid("cannot replace order in \(old.status.rawValue) status")
    }

    private static func trail(
        _ fields: OrderFields, of old: SimulatedOrder
    ) throws(BrokerRejection) -> SimulatedOrder.Trail? {
        guard let trail = try fields.decimal("trail") else { return old.trail }
        switch old.trail {
        case .price: return .price(trail)
        case .percent: return .percent(trail)
        case nil: throw .badParameter("trail is for trailing stop orders only")
        }
    }

    private func check(_ old: SimulatedOrder) throws(BrokerRejection) {
        guard let quantity, quantity.isPositive else { throw .badParameter("qty must be > 0") }
        if quantity != old.remainingQuantity, !quantity.isWhole || old.quantity?.isWhole == false {
            throw .invalid("qty of fractional orders cannot be replaced")
        }
        if old.isClosing, let most = old.remainingQuantity, quantity > most {
            throw .invalid("qty of an exit order cannot be increased")
        }
        if limitPrice != nil, !old.kind.hasLimit {
            throw .badParameter("\(old.kind.words) orders must not have limit price")
        }
        if stopPrice != old.stopPrice, !old.kind.hasStop {
            throw .badParameter("\(old.kind.words) orders must not have stop price")
        }
        if let limitPrice { try OrderShapeRules.checkPrice("limit_price", limitPrice) }
        if let stopPrice { try OrderShapeRules.checkPrice("stop_price", stopPrice) }
        if let clientOrderID, clientOrderID.count > 128 {
            throw .badParameter("client_order_id must be no more than 128 characters")
        }
    }

    /// The new order as a request, for the buying power rule.
    func draft(of old: SimulatedOrder) -> OrderDraft {
        OrderDraft(
            symbol: old.symbol, side: old.side, kind: old.kind, timeInForce: timeInForce,
            quantity: quantity, limitPrice: limitPrice, stopPrice: stopPrice)
    }
}
