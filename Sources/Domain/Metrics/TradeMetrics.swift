/// Statistics of round trips: exact decimals, quotients to 12 places half to even.
package struct TradeMetrics: Sendable, Hashable {
    /// Profit of each round trip after commissions in USD, in the order in which they ended.
    package let profits: [ExactDecimal]

    /// Metrics of these profits.
    package init(_ profits: [ExactDecimal]) { self.profits = profits }

    /// Metrics of round trips that ended, the oldest first.
    package init(trips: [RoundTrip]) {
        profits = trips.filter { $0.closedAt != nil }.map(\.netPnL)
    }

    package var count: Int { profits.count }
    /// Round trips that made money.
    package var wins: Int { profits.count { $0.isPositive } }
    /// Round trips that lost money; one that came out even is neither.
    package var losses: Int { profits.count { $0.isNegative } }
    /// All profits less all losses, in USD.
    package var total: ExactDecimal { profits.reduce(.zero, +) }
    /// Whether there are too few round trips to rely on ratios.
    package var isInsufficient: Bool { count < Measure.reliableCount }

    private var grossProfit: ExactDecimal { profits.filter(\.isPositive).reduce(.zero, +) }
    private var grossLoss: ExactDecimal { profits.filter(\.isNegative).reduce(.zero, +).magnitude }

    /// Share of round trips that made money: wins / all.
    ///
    /// Source: pyfolio round trips `percent_profitable`. Nil without any.
    package var winRate: ExactDecimal? { ExactDecimal(wins).divided(by: ExactDecimal(count)) }

    /// Profits / losses, each summed up.
    ///
    /// Source: pyfolio `profit_factor`. Nil without a loss.
    package var profitFactor: ExactDecimal? { grossProfit.ratio(to: grossLoss) }

    /// Average profit / average loss.
    ///
    /// Source: pyfolio `ratio_avg_win_avg_loss`. Nil without a profit or without a loss.
    package var payoff: ExactDecimal? {
        guard wins > 0, losses > 0 else { return nil }
        return (grossProfit * ExactDecimal(losses)).ratio(to: grossLoss * ExactDecimal(wins))
    }

    /// Profit of those that made money, on average, in USD.
    package var averageWin: ExactDecimal? { grossProfit.divided(by: ExactDecimal(wins)) }

    /// Loss of those that lost money, on average, in USD and above nought.
    package var averageLoss: ExactDecimal? { grossLoss.divided(by: ExactDecimal(losses)) }

    /// Expectancy: what a round trip makes on average, in USD: total / all.
    package var expectancy: ExactDecimal? { total.divided(by: ExactDecimal(count)) }

    /// Losses in a row up to now: a loss adds one, a profit ends the row, one that came out even changes nothing.
    package var consecutiveLosses: Int { rows.last ?? 0 }

    /// The longest row of losses ever.
    package var longestLosses: Int { rows.max() ?? 0 }

    private var rows: [Int] {
        var row = 0
        return profits.map { profit in
            if profit.isNegative { row += 1 }
            if profit.isPositive { row = 0 }
            return row
        }
    }
}

/// R multiples of round trips: their profits as multiples of what was risked at the entry.
package struct RiskMultiples: Sendable, Hashable {
    /// One for each round trip whose order had a stop (`RoundTrip.riskMultiple`).
    package let multiples: [ExactDecimal]
    /// How many had no stop, so that nobody knows what was risked.
    package let withoutStop: Int

    /// The multiples of round trips; nil for each that has none.
    package init(_ multiples: [ExactDecimal?]) {
        self.multiples = multiples.compactMap(\.self)
        withoutStop = multiples.count - self.multiples.count
    }

    /// The average; nil without any.
    package var average: ExactDecimal? {
        multiples.reduce(.zero, +).divided(by: ExactDecimal(multiples.count), scale: 6)
    }

    /// Whether there are too few to rely on the average.
    package var isInsufficient: Bool { multiples.count < Measure.reliableCount }
}
