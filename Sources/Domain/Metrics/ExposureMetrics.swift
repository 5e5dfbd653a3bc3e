/// How much is at stake, and how it is spread: exact decimals, quotients to 12 places half to even.
package enum ExposureMetrics {
    /// Concentration: the largest |market value| / equity, a fraction.
    ///
    /// Source: pyfolio `max |w|`. Nil without equity.
    package static func concentration(
        _ marketValues: [ExactDecimal], equity: ExactDecimal
    ) -> ExactDecimal? {
        guard equity.isPositive else { return nil }
        return (marketValues.map(\.magnitude).max() ?? .zero).ratio(to: equity)
    }

    /// Herfindahl-Hirschman index of the positions: Σ (|market value| / Σ |market value|)², from 1/n to 1.
    ///
    /// Nil without positions.
    package static func herfindahl(_ marketValues: [ExactDecimal]) -> ExactDecimal? {
        let gross = marketValues.reduce(ExactDecimal.zero) { $0 + $1.magnitude }
        let shares = marketValues.compactMap { $0.magnitude.ratio(to: gross)?.rounded(scale: 9) }
        guard shares.count == marketValues.count, !shares.isEmpty else { return nil }
        return shares.reduce(.zero) { $0 + $1 * $1 }
    }

    /// Turnover: value traded / mean equity, a number of times.
    ///
    /// Source: pyfolio `get_turnover` with equity as base. Nil without equity.
    package static func turnover(traded: ExactDecimal, equities: [ExactDecimal]) -> ExactDecimal? {
        let sum = equities.reduce(.zero, +)
        guard sum.isPositive, let mean = sum.divided(by: ExactDecimal(equities.count), scale: 9) else {
            return nil
        }
        return traded.ratio(to: mean)
    }
}

/// How well orders were executed: exact decimals.
package enum ExecutionMetrics {
    /// Slippage in basis points: side × (fill − reference) / reference × 10,000, to 4 places half to even;
    /// above nought where the fill was worse.
    ///
    /// `side` is 1 for a buy and −1 for a sale. Nil where the reference is nought.
    package static func slippage(
        _ side: Side, fill: ExactDecimal, reference: ExactDecimal
    ) -> ExactDecimal? {
        guard reference.isPositive else { return nil }
        let worse = side == .buy ? fill - reference : reference - fill
        return (worse * ExactDecimal(10_000)).divided(by: reference, scale: 4)
    }

    /// Slippage over several fills, weighted by their value at the reference; nil without any.
    package static func slippage(
        _ fills: [(side: Side, qty: ExactDecimal, fill: ExactDecimal, reference: ExactDecimal)]
    ) -> ExactDecimal? {
        let known = fills.filter { $0.reference.isPositive }
        let worse = known.reduce(ExactDecimal.zero) { sum, fill in
            let difference = fill.side == .buy ? fill.fill - fill.reference : fill.reference - fill.fill
            return sum + difference.saturatingProduct(fill.qty)
        }
        let value = known.reduce(ExactDecimal.zero) { $0 + $1.reference.saturatingProduct($1.qty) }
        return worse.ratio(to: value).map { ($0 * ExactDecimal(10_000)).rounded(scale: 4) }
    }

    /// Fill rate: shares filled / shares ordered, a fraction.
    ///
    /// Nil where nothing was ordered.
    package static func fillRate(filled: ExactDecimal, ordered: ExactDecimal) -> ExactDecimal? {
        filled.ratio(to: ordered)
    }
}
