import Domain
import JSON
import Postgres
import Store

/// The numbers of a week.
enum WeekPerformance {
    static func read(_ period: ReportPeriod, in session: PostgresSession) throws -> JSONValue {
        let records = try AccountDayStore.records(period.days, in: session)
        let year = try AccountDayStore.newest(252, until: period.days.upperBound, in: session)
        let returns = ReturnMetrics(ReturnMetrics.daily(year))
        return [
            "starting_value": .decimal(records.first?.day.startEquity),
            "ending_value": .decimal(records.last?.day.endEquity),
            "pnl": .decimal(records.isEmpty ? nil : records.reduce(.zero) { $0 + $1.day.pnl }),
            "capital_flows": .decimal(
                records.isEmpty ? nil : records.reduce(.zero) { $0 + $1.day.capitalFlows }),
            "return_pct": .decimal(PeriodReturn.chained(records.map(\.day.returnFraction))),
            "drawdown": .decimal(records.last?.day.drawdown),
            "max_drawdown": .decimal(records.map(\.day.maxDrawdown).max()),
            "days": .array(records.map(day)),
            "recent": .array(year.suffix(ReportChart.recentDays).map(recent)),
            "statistics": [
                "days": .integer(returns.returns.count), "sharpe": returns.sharpe().reportJSON,
                "sortino": returns.sortino.reportJSON, "volatility": returns.volatility.reportJSON,
                "max_drawdown": returns.maxDrawdown.reportJSON,
                "winning_days": returns.winningDays.reportJSON, "var_95": returns.valueAtRisk().reportJSON,
            ],
        ]
    }

    /// A day of the weeks up to this one, as charts show it.
    private static func recent(_ day: AccountDay) -> JSONValue {
        [
            "date": .string(day.day.description), "ending_value": .decimal(day.endEquity),
            "pnl": .decimal(day.pnl), "drawdown": .decimal(day.drawdown),
        ]
    }

    private static func day(_ record: DayRecord) -> JSONValue {
        [
            "date": .string(record.day.day.description), "starting_value": .decimal(record.day.startEquity),
            "ending_value": .decimal(record.day.endEquity), "pnl": .decimal(record.day.pnl),
            "return_pct": .decimal(record.day.returnFraction), "drawdown": .decimal(record.day.drawdown),
            "trades": .integer(record.trades), "wins": .integer(record.wins),
        ]
    }

    /// Round trips that ended, given from the newest to the oldest.
    static func trades(_ trips: [RoundTrip], _ stops: [Identifier: ExactDecimal]) -> JSONValue {
        let metrics = TradeMetrics(trips: trips.reversed())
        let multiples = RiskMultiples(trips.map { $0.riskMultiple(stops) })
        return [
            "count": .integer(metrics.count), "wins": .integer(metrics.wins),
            "losses": .integer(metrics.losses), "total": .decimal(metrics.total),
            "win_rate": .decimal(metrics.winRate), "profit_factor": .decimal(metrics.profitFactor),
            "payoff": .decimal(metrics.payoff), "expectancy": .decimal(metrics.expectancy),
            "average_win": .decimal(metrics.averageWin), "average_loss": .decimal(metrics.averageLoss),
            "consecutive_losses": .integer(metrics.consecutiveLosses),
            "is_insufficient": .bool(metrics.isInsufficient),
            "r_multiple": [
                "value": .decimal(multiples.average), "count": .integer(multiples.multiples.count),
                "without_stop": .integer(multiples.withoutStop),
                "standing": .string(
                    (multiples.isInsufficient ? Measure.Standing.insufficient : .sufficient).rawValue),
            ],
        ]
    }

    /// The best or the worst round trip with why it was made; null where none gained or lost.
    static func largest(
        _ trip: RoundTrip?, _ stops: [Identifier: ExactDecimal], isGain: Bool, in session: PostgresSession
    ) throws -> JSONValue {
        guard let trip, isGain ? trip.netPnL.isPositive : trip.netPnL.isNegative else { return .null }
        let origin = try trip.orderID.flatMap { try WeekQueries.origin(of: $0, in: session) }
        return .object(
            (trip.reportJSON(stops).objectValue ?? [:]).merging([
                "proposal_id": .text(origin?.proposalID.text), "strategy": .text(origin?.strategy),
                "bot": .text(origin?.bot), "rationale": .text(origin?.rationale),
            ]))
    }

    /// How well orders of the week were executed.
    static func execution(
        _ prices: [ExecutedPrice], _ period: ReportPeriod, in session: PostgresSession
    ) throws -> JSONValue {
        let (ordered, filled) = try ExecutionQualityStore.filled(
            since: period.start, until: period.end, in: session)
        return .object(
            slippage(prices).merging([
                "executions": .integer(prices.count),
                "fill_rate": .decimal(ExecutionMetrics.fillRate(filled: filled, ordered: ordered)),
            ]))
    }

    /// Slippage against the price that people approved, and against the market when the order was claimed.
    private static func slippage(_ prices: [ExecutedPrice]) -> JSONObject {
        func basisPoints(_ reference: (ExecutedPrice) -> ExactDecimal?) -> JSONValue {
            .decimal(
                ExecutionMetrics.slippage(
                    prices.compactMap { price in
                        reference(price).map { (price.side, price.qty, price.price, $0) }
                    }))
        }
        return [
            "slippage_approved_bps": basisPoints(\.approved), "slippage_sent_bps": basisPoints(\.sent),
        ]
    }

    /// Each strategy that proposed or closed something.
    static func strategies(
        _ period: ReportPeriod, _ figures: DecisionFigures, _ prices: [ExecutedPrice],
        in session: PostgresSession
    ) throws -> JSONValue {
        let trips = try RoundTripStore.closed(.strategy, days: period.days, limit: 10_000, in: session)
        let closed = Dictionary(grouping: trips, by: \.key.target)
        let executed = Dictionary(grouping: prices, by: \.strategy)
        return .array(
            Set(closed.keys).union(figures.strategies.keys).sorted().map { name in
                let metrics = TradeMetrics(trips: (closed[name] ?? []).reversed())
                let outcomes = figures.strategies[name] ?? DecisionFigures.Outcomes()
                let figure: JSONObject = [
                    "strategy": .string(name), "proposed": .integer(outcomes.proposed),
                    "approved": .integer(outcomes.approved), "trades": .integer(metrics.count),
                    "wins": .integer(metrics.wins), "win_rate": .decimal(metrics.winRate),
                    "total": .decimal(metrics.total),
                ]
                return .object(figure.merging(slippage(executed[name] ?? [])))
            })
    }
}

extension Measure {
    /// The statistic with what it may be trusted for; null where there is none.
    var reportJSON: JSONValue {
        let digits = value.flatMap { ExactDecimal("\($0)") }?.rounded(scale: 9)
        return [
            "value": .decimal(digits), "count": .integer(count), "standing": .string(standing.rawValue),
        ]
    }
}
