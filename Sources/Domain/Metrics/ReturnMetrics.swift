// Statistics of a series of returns. Double is used here and for nothing that is money. The definitions are those of
// the Python packages empyrical and quantstats, which the acceptance tests compare with to 1e-9.

import Glibc

/// Statistics over returns of equal periods, as fractions: 0.01 is one percent.
package struct ReturnMetrics: Sendable, Hashable {
    /// The returns, the oldest first.
    package let returns: [Double]
    /// How many periods make a year: 252 trading days.
    package let periodsPerYear: Double

    /// Metrics of these returns.
    package init(_ returns: [Double], periodsPerYear: Double = 252) {
        self.returns = returns
        self.periodsPerYear = periodsPerYear
    }

    /// The return of each day: (end − capital flows) / start − 1, as fractions; days that began with nothing
    /// are left out.
    ///
    /// Source: the modified return with flows at the day's end.
    package static func daily(_ days: [AccountDay]) -> [Double] {
        days.compactMap { $0.returnFraction?.approximate }
    }

    /// Return of the whole time: Π(1 + r) − 1, a fraction.
    ///
    /// Source: empyrical `cum_returns_final`.
    package var cumulative: Measure {
        measure(returns.reduce(1) { $0 * (1 + $1) } - 1, atLeast: 1)
    }

    /// Return per year: (Π(1 + r))^(252/n) − 1, a fraction.
    ///
    /// Source: empyrical `annual_return`.
    package var annualReturn: Measure {
        let growth = returns.reduce(1) { $0 * (1 + $1) }
        return measure(
            growth >= 0 ? pow(growth, periodsPerYear / Double(returns.count)) - 1 : nil, atLeast: 1)
    }

    /// Volatility per year: sd(r) × √252 with n − 1 degrees of freedom, a fraction.
    ///
    /// Source: empyrical `annual_volatility`.
    package var volatility: Measure {
        measure(Self.deviation(returns).map { $0 * periodsPerYear.squareRoot() }, atLeast: 2)
    }

    /// Sharpe ratio per year: mean(r − rf) / sd(r) × √252, n − 1 degrees of freedom.
    ///
    /// Source: Sharpe 1994; empyrical and quantstats `sharpe`. None where all returns are the same.
    package func sharpe(riskFree: Double = 0) -> Measure {
        let excess = returns.map { $0 - riskFree }
        guard let deviation = Self.deviation(excess), !Self.isNought(deviation, beside: excess) else {
            return measure(nil, atLeast: 2)
        }
        return measure(Self.mean(excess) / deviation * periodsPerYear.squareRoot(), atLeast: 2)
    }

    /// Sortino ratio per year: mean(r) / √(Σ min(r, 0)² / n) × √252.
    ///
    /// Source: empyrical and quantstats `sortino`. None without a loss.
    package var sortino: Measure {
        let squares = returns.reduce(0) { $0 + min($1, 0) * min($1, 0) }
        let downside = (squares / Double(returns.count)).squareRoot()
        let ratio = Self.mean(returns) / downside * periodsPerYear.squareRoot()
        return measure(downside > 0 ? ratio : nil, atLeast: 2)
    }

    /// Deepest fall from a peak: max over t of 1 − E_t / max(E_0…E_t), with E_0 = 1, a fraction from nought.
    ///
    /// Source: empyrical `max_drawdown` with its sign turned.
    package var maxDrawdown: Measure { measure(drawdowns.max(), atLeast: 1) }

    /// How far the last value stands below its peak, a fraction from nought.
    package var currentDrawdown: Measure { measure(drawdowns.last, atLeast: 1) }

    /// The fall from the peak so far at the start and after each return; fractions from nought.
    package var drawdowns: [Double] {
        var (value, peak) = (1.0, 1.0)
        return [0]
            + returns.map { change in
                value *= 1 + change
                peak = max(peak, value)
                return 1 - value / peak
            }
    }

    /// Share of days that gained: days above nought / days that are not nought.
    ///
    /// Source: quantstats `win_rate`.
    package var winningDays: Measure {
        let moved = returns.count { $0 != 0 }
        let won = returns.count { $0 > 0 }
        return measure(moved > 0 ? Double(won) / Double(moved) : nil, atLeast: 1)
    }

    /// Historical value at risk: what a day loses at most with that confidence, as a positive fraction of
    /// equity: −percentile(r, 5 %) with linear interpolation.
    ///
    /// Source: empyrical `value_at_risk`. None from fewer than 60 days.
    package func valueAtRisk(confidence: Double = 0.95, atLeast minimum: Int = 60) -> Measure {
        measure(Self.percentile(returns, 1 - confidence).map { -$0 }, atLeast: max(minimum, 1))
    }

    /// Expected loss on the worst days: −mean of the lowest ⌊(n − 1) × 5 %⌋ + 1 returns, a positive fraction.
    ///
    /// Source: empyrical `conditional_value_at_risk`. None from fewer than 60 days.
    package func conditionalValueAtRisk(confidence: Double = 0.95, atLeast minimum: Int = 60) -> Measure {
        guard !returns.isEmpty else { return measure(nil, atLeast: 1) }
        let count = Int(Double(returns.count - 1) * (1 - confidence)) + 1
        return measure(-Self.mean(Array(returns.sorted().prefix(count))), atLeast: max(minimum, 1))
    }

    /// Parametric value at risk, for comparison: −(mean(r) + z × sd(r)) with z = −1.6448536… for 95 %, a
    /// positive fraction.
    ///
    /// Source: quantstats `value_at_risk`. None from fewer than 60 days.
    package func parametricValueAtRisk(atLeast minimum: Int = 60) -> Measure {
        let quantile = -1.6448536269514729
        let deviation = Self.deviation(returns)
        return measure(deviation.map { -(Self.mean(returns) + quantile * $0) }, atLeast: max(minimum, 2))
    }

    private func measure(_ value: Double?, atLeast minimum: Int) -> Measure {
        Measure(value, count: returns.count, atLeast: minimum)
    }
}

extension ReturnMetrics {
    /// Arithmetic mean; 0 of nothing.
    static func mean(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
    }

    /// Standard deviation with n − 1 degrees of freedom; nil of fewer than two.
    static func deviation(_ values: [Double]) -> Double? {
        guard values.count > 1 else { return nil }
        let mean = mean(values)
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (squares / Double(values.count - 1)).squareRoot()
    }

    /// The value below which that fraction of a sample lies, between neighbours in proportion; nil of nothing.
    static func percentile(_ values: [Double], _ fraction: Double) -> Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        let place = Double(sorted.count - 1) * min(max(fraction, 0), 1)
        let below = Int(place)
        let above = min(below + 1, sorted.count - 1)
        return sorted[below] + (sorted[above] - sorted[below]) * (place - Double(below))
    }

    /// Whether a deviation is only the noise of adding: a series of equal numbers has none.
    static func isNought(_ deviation: Double, beside values: [Double]) -> Bool {
        let largest = values.map(\.magnitude).max() ?? 0
        return deviation <= largest * 1e-14
    }
}
