// Rules on an order request by itself (and the current price): what Alpaca answers with 422 before it looks
// at the account.

import Domain
import JSON

/// Judges the shape of an order request.
struct OrderShapeRules {
    let draft: OrderDraft
    let quote: SimulatedQuote

    /// Throws the first rule broken, in Alpaca's words.
    func check() throws(BrokerRejection) {
        try checkSize()
        try checkPrices()
        try checkTimeInForce()
        try checkFraction()
        try checkClass()
        try checkMarket()
        if let id = draft.clientOrderID, id.count > 128 {
            throw .badParameter("client_order_id must be no more than 128 characters")
        }
    }

    private func checkSize() throws(BrokerRejection) {
        switch (draft.quantity, draft.notional) {
        case (nil, nil): throw .badParameter("qty or notional is required")
        case (.some, .some): throw .badParameter("only one of qty or notional is accepted")
        case (let quantity?, nil):
            guard quantity.isPositive else { throw .badParameter("qty must be > 0") }
            guard quantity.decimalPlaces <= 9 else {
                throw .badParameter("qty must be limited to 9 decimal places")
            }
        case (nil, let notional?):
            guard notional.isPositive else { throw .badParameter("notional must be > 0") }
            guard notional.decimalPlaces <= 2 else {
                throw .badParameter("notional value must be limited to 2 decimal places")
            }
        }
    }

    private func checkPrices() throws(BrokerRejection) {
        if draft.kind.hasLimit, draft.limitPrice == nil {
            throw .badParameter("\(draft.kind.words) orders require limit price")
        }
        if draft.kind.hasStop, draft.stopPrice == nil {
            throw .badParameter("\(draft.kind.words) orders require stop price")
        }
        if draft.kind == .trailingStop, draft.trail == nil {
            throw .badParameter("trailing stop orders require trail_price or trail_percent")
        }
        if !draft.kind.hasLimit, draft.limitPrice != nil {
            throw .badParameter("\(draft.kind.words) orders must not have limit price")
        }
        if !draft.kind.hasStop, draft.stopPrice != nil {
            throw .badParameter("\(draft.kind.words) orders must not have stop price")
        }
        try checkIncrement("limit_price", draft.limitPrice)
        try checkIncrement("stop_price", draft.stopPrice)
        try checkIncrement("take_profit.limit_price", draft.takeProfitLimit)
        try checkIncrement("stop_loss.stop_price", draft.stopLossStop)
        try checkIncrement("stop_loss.limit_price", draft.stopLossLimit)
    }

    private func checkIncrement(_ name: String, _ price: ExactDecimal?) throws(BrokerRejection) {
        guard let price else { return }
        try Self.checkPrice(name, price)
    }

    /// A price above nought, in cents from one dollar upwards and in hundredths of a cent below.
    static func checkPrice(_ name: String, _ price: ExactDecimal) throws(BrokerRejection) {
        guard price.isPositive else { throw .badParameter("\(name) must be > 0") }
        guard price.decimalPlaces <= (price >= .one ? 2 : 4) else {
            throw .invalid(
                "invalid \(name) \(price). sub-penny increment does not fulfill minimum pricing criteria")
        }
    }

    private func checkTimeInForce() throws(BrokerRejection) {
        if draft.extendedHours {
            let fits = draft.kind == .limit && [.day, .gtc].contains(draft.timeInForce)
            guard fits else { throw .invalid("extended hours order must be DAY or GTC limit orders") }
        }
        if [.opg, .cls].contains(draft.timeInForce), ![.market, .limit].contains(draft.kind) {
            throw .invalid("\(draft.timeInForce.rawValue) orders must be market or limit orders")
        }
        if [.ioc, .fok].contains(draft.timeInForce), draft.kind.hasStop || draft.kind == .trailingStop {
            throw .invalid("\(draft.timeInForce.rawValue) orders must be market or limit orders")
        }
        if draft.kind == .trailingStop, ![.day, .gtc].contains(draft.timeInForce) {
            throw .invalid("trailing stop orders must be DAY or GTC orders")
        }
    }

    private func checkFraction() throws(BrokerRejection) {
        guard draft.isFractional else { return }
        guard draft.timeInForce == .day else { throw .invalid("fractional orders must be DAY orders") }
        guard draft.orderClass == .simple else { throw .invalid("fractional orders must be simple orders") }
        guard !draft.extendedHours else {
            throw .invalid("fractional orders are not allowed in extended hours")
        }
        guard draft.kind != .trailingStop else {
            throw .invalid("fractional orders must not be trailing stop orders")
        }
        let reference = draft.limitPrice ?? quote.ask
        let amount = draft.notional ?? (draft.quantity ?? .zero) * reference
        if amount < .one, draft.side == .buy {
            throw .forbidden("cost basis must be >= minimal amount of order 1")
        }
    }

    /// A stop on the wrong side of the market would trade at once; a limit far through it is taken for a
    /// slip.
    private func checkMarket() throws(BrokerRejection) {
        if draft.kind.hasStop, let stop = draft.stopPrice, quote.last.isPositive {
            if draft.side == .sell, stop >= quote.last {
                throw .invalid("stop price must be less than current price", quote.base)
            }
            if draft.side == .buy, stop <= quote.last {
                throw .invalid("stop price must be greater than current price", quote.base)
            }
        }
        guard draft.kind.hasLimit, let limit = draft.limitPrice, quote.last.isPositive else { return }
        let half = quote.last * OrderPricing.half
        let isFar = draft.side == .buy ? limit > quote.last + half : limit < half
        if isFar { throw .badParameter("limit price is more than 50% away from the market") }
    }
}

extension SimulatedQuote {
    /// The base price that Alpaca names beside a refusal.
    var base: JSONObject { ["base_price": .string(last.description)] }
}

extension SimulatedOrder.Kind {
    /// The type in the words of Alpaca's messages.
    var words: String {
        switch self {
        case .market: "market"
        case .limit: "limit"
        case .stop: "stop"
        case .stopLimit: "stop limit"
        case .trailingStop: "trailing stop"
        }
    }
}
