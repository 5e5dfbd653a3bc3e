// Rules on an order against the account: what Alpaca answers with 403, and the uniqueness of client order
// ids.

import Domain
import JSON

extension SimulatedExchange {
    /// Judges a request against the market and the account; throws the first rule broken.
    func admit(_ draft: OrderDraft, at now: Timestamp) throws(BrokerRejection)
        -> SimulatedOrder.PositionIntent
    {
        guard let asset = prices.asset(draft.symbol) else {
            throw .badParameter("asset \"\(draft.symbol)\" not found")
        }
        guard asset.isTradable else { throw .invalid("asset \"\(draft.symbol)\" is not active") }
        let quote = quote(draft.symbol, at: now)
        try OrderShapeRules(draft: draft, quote: quote).check()
        if let id = draft.clientOrderID, byClientOrderID[id] != nil {
            throw .badParameter("client_order_id must be unique")
        }
        try checkAccountMayTrade()
        if draft.isFractional, !asset.isFractionable || !configuration.fractionalTrading {
            throw .forbidden("asset \"\(draft.symbol)\" is not fractionable")
        }
        if draft.timeInForce == .opg, isMarketOpen(at: now) {
            throw .invalid("opg orders must be submitted while the market is closed")
        }
        let intent = inferredIntent(draft.side, draft.symbol)
        try checkIntent(draft, intent)
        try checkWashTrade(draft)
        switch intent {
        case .buyToClose, .sellToClose: try checkAvailable(draft, quote: quote)
        case .sellToOpen: try checkShort(draft, asset)
        case .buyToOpen: break
        }
        if intent == .buyToOpen || intent == .sellToOpen {
            try checkBuyingPower(draft, quote: quote, at: now)
        }
        return intent
    }

    func checkAccountMayTrade() throws(BrokerRejection) {
        if configuration.suspendTrade { throw .forbidden("new orders are rejected by user request") }
        if accountOverlay["trading_blocked"] == true || accountOverlay["account_blocked"] == true {
            throw .forbidden("account is restricted from trading")
        }
        if let status = accountOverlay["status"]?.stringValue, status != "ACTIVE" {
            throw .forbidden("account is not active")
        }
    }

    /// What an order does to the position there is now.
    func inferredIntent(_ side: SimulatedOrder.Side, _ symbol: String) -> SimulatedOrder.PositionIntent {
        let held = heldQuantity(symbol)
        switch side {
        case .buy: return held.isNegative ? .buyToClose : .buyToOpen
        case .sell: return held.isPositive ? .sellToClose : .sellToOpen
        }
    }

    private func checkIntent(
        _ draft: OrderDraft, _ inferred: SimulatedOrder.PositionIntent
    ) throws(BrokerRejection) {
        if let stated = draft.intent, stated != inferred {
            throw .invalid(
                "position intent mismatch, inferred: \(inferred.rawValue), specified: \(stated.rawValue)")
        }
        let isClosing = inferred == .buyToClose || inferred == .sellToClose
        switch draft.orderClass {
        case .bracket, .oto:
            if isClosing { throw .invalid("\(draft.orderClass.rawValue) orders must be entry orders") }
        case .oco:
            if !isClosing { throw .invalid("oco orders must be exit orders") }
        case .simple: break
        }
    }

    /// Shares of a position that no open order has set aside; the legs of one group set them aside once.
    func availableQuantity(_ symbol: String) -> (available: ExactDecimal, orders: [SimulatedOrder]) {
        let closing = openOrders.filter { $0.symbol == symbol && $0.isClosing && setsSharesAside($0) }
        let held = closing.reduce(ExactDecimal.zero) { $0 + ($1.remainingQuantity ?? .zero) }
        return (max(.zero, heldQuantity(symbol).magnitude - held), closing)
    }

    /// A leg that still waits for its entry sets nothing aside, nor does the second leg of a pair.
    private func setsSharesAside(_ order: SimulatedOrder) -> Bool {
        order.status != .held || (order.isArmed && siblings(of: order).allSatisfy { !$0.isOpen })
    }

    private func checkAvailable(_ draft: OrderDraft, quote: SimulatedQuote) throws(BrokerRejection) {
        let requested = draft.quantity ?? (draft.notional ?? .zero).divided(by: quote.last, scale: 9) ?? .zero
        let (available, related) = availableQuantity(draft.symbol)
        let held = heldQuantity(draft.symbol).magnitude
        if settings.allowsPositionFlips, available == held { return }
        guard requested > available else { return }
        throw Self.insufficientQuantity(
            draft.symbol, requested: requested, available: available, held: held, related: related)
    }

    static func insufficientQuantity(
        _ symbol: String, requested: ExactDecimal, available: ExactDecimal, held: ExactDecimal,
        related: [SimulatedOrder]
    ) -> BrokerRejection {
        .forbidden(
            "insufficient qty available for order (requested: \(requested), available: \(available))",
            [
                "available": .string(available.description), "existing_qty": .string(held.description),
                "held_for_orders": .string((held - available).description),
                "related_orders": .array(related.map { .string($0.id.text) }), "symbol": .string(symbol),
            ])
    }

    private func checkShort(_ draft: OrderDraft, _ asset: SimulatedAsset) throws(BrokerRejection) {
        guard !draft.isFractional else { throw .invalid("fractional orders cannot be sold short") }
        guard settings.isShortingEnabled, !configuration.noShorting else {
            throw .forbidden("account is not allowed to short")
        }
        guard asset.isShortable else { throw .invalid("asset \"\(draft.symbol)\" cannot be sold short") }
    }
}
