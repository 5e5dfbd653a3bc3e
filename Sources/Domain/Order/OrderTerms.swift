/// What exactly is to be bought or sold, and how: what people approve and the broker receives.
package struct OrderTerms: Sendable, Hashable {
    /// The share's ticker, in capitals.
    package var symbol: String
    package var side: Side
    /// The number of shares.
    package var qty: ExactDecimal
    package var type: OrderType
    /// The worst price accepted, of limit and stop-limit orders.
    package var limitPrice: ExactDecimal?
    /// The price that sets the order off, of stop and stop-limit orders.
    package var stopPrice: ExactDecimal?
    package var timeInForce: TimeInForce
    /// The protective exit that follows a fill.
    package var stopLoss: StopLoss?
    /// The limit price of the profitable exit that follows a fill.
    package var takeProfitLimitPrice: ExactDecimal?

    /// Terms as given; `OrderShape` says whether they make an order.
    package init(
        symbol: String, side: Side, qty: ExactDecimal, type: OrderType, limitPrice: ExactDecimal? = nil,
        stopPrice: ExactDecimal? = nil, timeInForce: TimeInForce = .day, stopLoss: StopLoss? = nil,
        takeProfitLimitPrice: ExactDecimal? = nil
    ) {
        self.symbol = symbol
        self.side = side
        self.qty = qty
        self.type = type
        self.limitPrice = limitPrice
        self.stopPrice = stopPrice
        self.timeInForce = timeInForce
        self.stopLoss = stopLoss
        self.takeProfitLimitPrice = takeProfitLimitPrice
    }

    /// The class that follows from the exits attached.
    package var orderClass: OrderClass {
        switch (stopLoss != nil, takeProfitLimitPrice != nil) {
        case (true, true): .bracket
        case (true, false), (false, true): .oto
        case (false, false): .simple
        }
    }

    /// The order in one line for people: `BUY 400 NVDA LIMIT 118.20 DAY`.
    package var headline: String {
        var words = [side.word, qty.description, symbol]
        if type == .market { words.append("MARKET") }
        if let stopPrice { words += ["STOP", stopPrice.text(minimumPlaces: 2)] }
        if let limitPrice { words += ["LIMIT", limitPrice.text(minimumPlaces: 2)] }
        words.append(timeInForce.word)
        return words.joined(separator: " ")
    }
}

extension OrderTerms {
    /// The price to value the order at, on the careful side; nil where only the market could say and
    /// `reference` does not.
    ///
    /// A buy with a limit costs that at most. A buy stop fills at its stop or above it. A sale (which takes
    /// exposure only where it opens a short position) is valued at the highest of its prices and the market's.
    package func workingPrice(reference: ExactDecimal?) -> ExactDecimal? {
        switch side {
        case .buy: limitPrice ?? [stopPrice, reference].compactMap(\.self).max()
        case .sell: [limitPrice, stopPrice, reference].compactMap(\.self).max()
        }
    }

    /// Quantity times working price in USD.
    package func notional(reference: ExactDecimal?) -> ExactDecimal? {
        workingPrice(reference: reference).map { qty.saturatingProduct($0) }
    }

    /// The price at which the broker sets money aside for an order that opens a position.
    ///
    /// A buy without a limit: 4 percent above the market below $50, else 2.5 percent; a short sale: 3 percent
    /// above the market or the limit, whichever is higher (the broker's own rule).
    package func reservePrice(reference: ExactDecimal?) -> ExactDecimal? {
        guard let price = workingPrice(reference: reference) else { return nil }
        switch side {
        case .buy:
            if limitPrice != nil { return price }
            return price.saturatingProduct(price < ExactDecimal(50) ? Self.collarBelow50 : Self.collar)
        case .sell:
            return max(price, (reference ?? price).saturatingProduct(Self.shortCollar))
        }
    }

    private static let collarBelow50 = ExactDecimal(coefficient: 104, scale: 2)
    private static let collar = ExactDecimal(coefficient: 1025, scale: 3)
    private static let shortCollar = ExactDecimal(coefficient: 103, scale: 2)
}
