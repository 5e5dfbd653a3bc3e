import Domain
import JSON

extension OrderShapeRules {
    /// The rules of bracket, one-triggers-other and one-cancels-other requests.
    func checkClass() throws(BrokerRejection) {
        switch draft.orderClass {
        case .simple: try checkSimple()
        case .bracket: try checkBracket()
        case .oto: try checkOneTriggersOther()
        case .oco: try checkOneCancelsOther()
        }
    }

    private func checkSimple() throws(BrokerRejection) {
        if draft.takeProfitLimit != nil || draft.stopLossStop != nil || draft.stopLossLimit != nil {
            throw .invalid("simple orders must not have take_profit or stop_loss")
        }
    }

    private func checkBracket() throws(BrokerRejection) {
        guard draft.takeProfitLimit != nil else {
            throw .invalid("bracket orders require take_profit.limit_price")
        }
        guard draft.stopLossStop != nil else { throw .invalid("bracket orders require stop_loss.stop_price") }
        try checkAdvanced()
        try checkLegs()
    }

    private func checkOneTriggersOther() throws(BrokerRejection) {
        switch (draft.takeProfitLimit, draft.stopLossStop) {
        case (nil, nil): throw .invalid("oto orders require take_profit.limit_price or stop_loss.stop_price")
        case (.some, .some): throw .invalid("oto orders must not have both take_profit and stop_loss")
        case (.some, nil), (nil, .some): break
        }
        try checkAdvanced()
        try checkLegs()
    }

    private func checkOneCancelsOther() throws(BrokerRejection) {
        guard draft.kind == .limit else { throw .invalid("oco orders must be limit orders") }
        guard draft.takeProfitLimit != nil else {
            throw .invalid("oco orders require take_profit.limit_price")
        }
        guard draft.stopLossStop != nil else { throw .invalid("oco orders require stop_loss.stop_price") }
        try checkAdvanced()
        try checkLegs()
    }

    private func checkAdvanced() throws(BrokerRejection) {
        let name = draft.orderClass.rawValue
        guard [.day, .gtc].contains(draft.timeInForce) else {
            throw .invalid("\(name) orders must be DAY or GTC orders")
        }
        guard !draft.extendedHours else { throw .invalid("\(name) orders must not be extended hours orders") }
        guard draft.kind != .trailingStop else {
            throw .invalid("\(name) orders must not be trailing stop orders")
        }
        if draft.stopLossLimit != nil, draft.stopLossStop == nil {
            throw .invalid("stop_loss.limit_price requires stop_loss.stop_price")
        }
    }

    /// Profit lies beyond the base price and the stop before it, by a cent at least; mirrored where the exit
    /// is a purchase.
    private func checkLegs() throws(BrokerRejection) {
        let isExitSale = draft.orderClass == .oco ? draft.side == .sell : draft.side == .buy
        let base = draft.orderClass == .oco ? quote.last : draft.limitPrice ?? quote.last
        let tick = PriceBook.tick(at: base)
        let extras: JSONObject = ["base_price": .string(base.description)]
        if let profit = draft.takeProfitLimit, let stop = draft.stopLossStop {
            guard isExitSale ? profit > stop : profit < stop else {
                let word = isExitSale ? ">" : "<"
                throw .invalid("take_profit.limit_price must be \(word) stop_loss.stop_price")
            }
        }
        if let stop = draft.stopLossStop {
            guard isExitSale ? stop <= base - tick : stop >= base + tick else {
                let word = isExitSale ? "<= base_price - \(tick)" : ">= base_price + \(tick)"
                throw .invalid("stop_loss.stop_price must be \(word)", extras)
            }
        }
        if let profit = draft.takeProfitLimit, draft.orderClass != .oco {
            guard isExitSale ? profit >= base + tick : profit <= base - tick else {
                let word = isExitSale ? ">= base_price + \(tick)" : "<= base_price - \(tick)"
                throw .invalid("take_profit.limit_price must be \(word)", extras)
            }
        }
    }
}
