/// The stop that the policy adds where a bot brings none.
package enum Stops {
    /// The terms with the policy's default stop, where it requires one, names a distance, and the order opens a
    /// position; else as they were.
    ///
    /// The stop is rounded to a step of the price towards the entry, so that the loss is at most the distance;
    /// only where that would leave the policy's band is it rounded the other way. A `stop_limit` default accepts
    /// a price worse than its stop by `max_slippage_pct`, or by half a percent where that is off.
    package static func withDefault(
        _ terms: OrderTerms, _ context: CheckContext
    ) -> (terms: OrderTerms, wasAdded: Bool) {
        let policy = context.policy.limits.stopLoss
        guard policy.isRequired, terms.stopLoss == nil, let distance = policy.defaultPct,
            context.effect(of: terms) == .opens,
            let entry = terms.limitPrice ?? terms.workingPrice(reference: context.marketPrice(for: terms)),
            let stop = stopPrice(terms.side, entry, distance, policy)
        else { return (terms, false) }
        var protected = terms
        let slippage = context.policy.limits.maxSlippagePct ?? ExactDecimal(coefficient: 5, scale: 3)
        protected.stopLoss = StopLoss(
            stopPrice: stop,
            limitPrice: policy.kind == .stopLimit ? exitLimit(terms.side, stop, slippage) : nil)
        return (protected, true)
    }

    private static func stopPrice(
        _ side: Side, _ entry: ExactDecimal, _ distance: ExactDecimal, _ policy: StopLossPolicy
    ) -> ExactDecimal? {
        let isBuy = side == .buy
        let factor = isBuy ? ExactDecimal.one - distance : ExactDecimal.one + distance
        let exact = entry.saturatingProduct(factor)
        let near = PriceTick.rounded(exact, isBuy ? .up : .down)
        let isInBand = policy.minPct.map { (entry - near).magnitude >= entry.saturatingProduct($0) } ?? true
        let stop = isInBand ? near : PriceTick.rounded(exact, isBuy ? .down : .up)
        return stop.isPositive ? stop : nil
    }

    private static func exitLimit(_ side: Side, _ stop: ExactDecimal, _ slippage: ExactDecimal)
        -> ExactDecimal?
    {
        let isBuy = side == .buy
        let factor = isBuy ? ExactDecimal.one - slippage : ExactDecimal.one + slippage
        let limit = PriceTick.rounded(stop.saturatingProduct(factor), isBuy ? .down : .up)
        return limit.isPositive ? limit : nil
    }
}
