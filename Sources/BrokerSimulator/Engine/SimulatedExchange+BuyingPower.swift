import Domain
import JSON

extension SimulatedExchange {
    /// What may still be spent: multiplier times equity, less what positions and open opening orders take.
    ///
    /// With a multiplier of 1 and no short positions that is cash less reservations.
    func buyingPower(at now: Timestamp) -> ExactDecimal {
        let exposure = positions.reduce(ExactDecimal.zero) {
            $0 + ($1.value.quantity * quote($1.key, at: now).last).magnitude
        }
        let reserved = openOrders.reduce(ExactDecimal.zero) { $0 + reservation(for: $1, at: now) }
        return max(.zero, equity(at: now) * ExactDecimal(settings.multiplier) - exposure - reserved)
    }

    /// What an open order sets aside: nothing where it closes a position.
    func reservation(for order: SimulatedOrder, at now: Timestamp) -> ExactDecimal {
        guard !order.isClosing else { return .zero }
        if let notional = order.notional { return notional - order.filledCost }
        let price = OrderPricing.reservationPrice(
            side: order.side, kind: order.kind, limit: order.limitPrice, stop: order.stopPrice,
            quote: quote(order.symbol, at: now))
        return price * (order.remainingQuantity ?? .zero)
    }

    func checkBuyingPower(
        _ draft: OrderDraft, quote: SimulatedQuote, at now: Timestamp, released: ExactDecimal = .zero
    ) throws(BrokerRejection) {
        let price = OrderPricing.reservationPrice(
            side: draft.side, kind: draft.kind, limit: draft.limitPrice, stop: draft.stopPrice, quote: quote)
        let cost = draft.notional ?? price * (draft.quantity ?? .zero)
        let available = buyingPower(at: now) + released
        guard cost > available else { return }
        throw .forbidden(
            "insufficient buying power",
            ["buying_power": .string(available.cents), "cost_basis": .string(cost.cents)])
    }

    /// Refuses an order that could trade with another order of this account.
    ///
    /// Either order being a market or stop order always refuses; two limits only where they cross. Bracket,
    /// one-cancels-other and trailing orders are exempt, on either side.
    func checkWashTrade(_ draft: OrderDraft) throws(BrokerRejection) {
        guard ![.bracket, .oco].contains(draft.orderClass), draft.kind != .trailingStop else { return }
        for other in openOrders where other.symbol == draft.symbol && other.side == draft.side.opposite {
            guard ![.bracket, .oco].contains(other.orderClass), other.kind != .trailingStop,
                other.status != .held || other.isArmed, let reason = Self.washReason(draft, other)
            else { continue }
            throw .forbidden(
                "potential wash trade detected. use complex orders",
                ["existing_order_id": .string(other.id.text), "reject_reason": .string(reason)])
        }
    }

    private static func washReason(_ draft: OrderDraft, _ other: SimulatedOrder) -> String? {
        guard draft.kind.hasLimit, other.kind.hasLimit, let mine = draft.limitPrice,
            let its = other.limitPrice
        else { return "opposite side market/stop order exists" }
        let crosses = draft.side == .buy ? mine >= its : its >= mine
        return crosses ? "opposite side limit order exists" : nil
    }
}

extension ExactDecimal {
    /// The amount in whole cents.
    var cents: String { rounded(scale: 2).description }
}
