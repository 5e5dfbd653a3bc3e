import Domain

/// Shares of one symbol held long (positive) or short (negative) at average cost.
struct SimulatedPosition: Sendable, Hashable {
    /// Shares; below nought for a short position.
    private(set) var quantity: ExactDecimal = .zero
    /// What the shares cost, with the sign of the quantity.
    private(set) var costBasis: ExactDecimal = .zero
    /// Profit taken by closing, since the position was last flat.
    private(set) var realizedProfit: ExactDecimal = .zero

    var isFlat: Bool { quantity.isZero }
    var isShort: Bool { quantity.isNegative }

    /// The average price of entry.
    var averageEntryPrice: ExactDecimal { costBasis.divided(by: quantity, scale: 6) ?? .zero }

    /// Takes a fill of a signed quantity.
    ///
    /// A fill through nought closes at average cost and opens the rest at the fill's price.
    mutating func take(quantity change: ExactDecimal, price: ExactDecimal) {
        let isIncrease = quantity.isZero || quantity.isNegative == change.isNegative
        if isIncrease {
            if quantity.isZero { realizedProfit = .zero }
            quantity = quantity + change
            costBasis = costBasis + change * price
            return
        }
        let closed = min(change.magnitude, quantity.magnitude)
        let closedSigned = quantity.isNegative ? -closed : closed
        let closedCost =
            closed == quantity.magnitude
            ? costBasis : (costBasis * closedSigned).divided(by: quantity, scale: 12) ?? .zero
        realizedProfit = realizedProfit + closedSigned * price - closedCost
        quantity = quantity - closedSigned
        costBasis = costBasis - closedCost
        let rest = change + closedSigned
        if !rest.isZero {
            quantity = rest
            costBasis = rest * price
        }
    }
}
