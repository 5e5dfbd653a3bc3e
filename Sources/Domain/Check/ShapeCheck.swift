import JSON

// Whether the broker would take the order as it stands, by its own rules and at the present price.

extension CheckRun {
    func orderShape() -> Finding {
        let report = CheckReport(code: .orderShape)
        var certain = OrderShape.faults(terms).map { "\($0.pointer.dropFirst()) \($0.detail)" }
        if isReducing, terms.orderClass != .simple {
            certain.append("an order that reduces a position cannot carry a stop loss or take profit")
        }
        let (refused, doubtful) = marketFaults()
        let isLive = context.livePrice(for: terms) != nil
        if isLive { certain += refused }
        guard certain.isEmpty else {
            return report.fail("The broker would refuse the order: \(certain.joined(separator: "; ")).")
        }
        let possible = doubtful + (isLive ? [] : refused)
        guard possible.isEmpty else {
            return report.warn("The broker might refuse the order: \(possible.joined(separator: "; ")).")
        }
        return report.pass("The order has a form that the broker takes.")
    }

    /// What the broker refuses at the present price, and what it may refuse.
    private func marketFaults() -> (refused: [String], doubtful: [String]) {
        guard let market = marketPrice, market.isPositive else { return ([], []) }
        var refused = stopFaults(market) + exitFaults(market)
        var doubtful: [String] = []
        if terms.side == .buy, !terms.qty.isWhole, let notional, notional < .one {
            refused.append("qty makes a fractional order below $1")
        }
        if let limit = terms.limitPrice,
            (limit - market).magnitude.saturatingProduct(ExactDecimal(2)) > market
        {
            let words =
                "limit_price \(limit.priceWords) is more than 50% away from the market's \(market.priceWords)"
            let wouldFill = terms.side == .buy ? limit > market : limit < market
            if wouldFill { refused.append(words) } else { doubtful.append(words) }
        }
        return (refused, doubtful)
    }

    private func stopFaults(_ market: ExactDecimal) -> [String] {
        guard let stop = terms.stopPrice else { return [] }
        let isBuy = terms.side == .buy
        guard isBuy ? stop <= market : stop >= market else { return [] }
        return [
            "stop_price \(stop.priceWords) is not \(isBuy ? "above" : "below") the market's \(market.priceWords)"
        ]
    }

    /// The exits of an order without a limit are measured from the market.
    private func exitFaults(_ market: ExactDecimal) -> [String] {
        guard terms.limitPrice == nil else { return [] }
        let isBuy = terms.side == .buy
        let least = PriceTick.minimumStopDistance
        var faults: [String] = []
        if let stop = terms.stopLoss?.stopPrice, (isBuy ? market - stop : stop - market) < least {
            faults.append(
                "stop_loss/stop_price \(stop.priceWords) is not \(isBuy ? "below" : "above") the market's "
                    + market.priceWords)
        }
        if let profit = terms.takeProfitLimitPrice, (isBuy ? profit - market : market - profit) < least {
            faults.append(
                "take_profit/limit_price \(profit.priceWords) is not \(isBuy ? "above" : "below") the market's "
                    + market.priceWords)
        }
        return faults
    }
}
