package import Domain
package import JSON
package import Postgres
import Store

/// The numbers of risk and result as they stand now, made from the books.
package enum RiskReading {
    /// All of them in one session, which has to be a snapshot's: they are read by several statements.
    package static func metrics(in session: PostgresSession) throws -> JSONValue {
        let account = try AccountView.read(in: session)
        let days = try AccountDayStore.newest(252, in: session)
        let trips = try RoundTripStore.closed(.account, limit: 1000, in: session)
        let snapshot = account.snapshot
        return [
            "as_of": .string(snapshot.receivedAt.rfc3339), "age_seconds": .integer(account.ageSeconds),
            "equity": .decimal(snapshot.equity), "cash": .decimal(snapshot.cash),
            "result": result(snapshot.equity, days), "drawdown": drawdown(snapshot.equity, days),
            "trades": trades(trips), "returns": returns(days, equity: snapshot.equity),
            "exposure": exposure(account), "execution": try execution(snapshot.receivedAt, in: session),
            "positions_without_stop": .array(
                account.positions.filter { $0.stop.standing != .live }.map { .string($0.position.symbol) }),
            "strategies": .array(try StrategyResult.all(of: account, in: session).map(\.json)),
            "external_orders": .integer(account.foreignOrders.count),
            "mismatches": .array(account.mismatches.map(\.json)),
        ]
    }

    /// Profit of the day, the ISO week and the calendar month under way, by the newest equity.
    private static func result(_ equity: ExactDecimal, _ days: [AccountDay]) -> JSONValue {
        guard let today = days.last else { return .null }
        let live = equity - today.endEquity
        let week = ISOWeek(containing: today.day)
        let month = today.day.components
        func sum(_ isWithin: (AccountDay) -> Bool) -> ExactDecimal {
            days.filter(isWithin).reduce(live) { $0 + $1.pnl }
        }
        let pnl = today.pnl + live
        return [
            "trading_day": .string(today.day.description), "start_equity": .decimal(today.startEquity),
            "capital_flows": .decimal(today.capitalFlows), "daily_pnl": .decimal(pnl),
            "daily_pnl_pct": .decimal(today.startEquity.isPositive ? pnl.ratio(to: today.startEquity) : nil),
            "weekly_pnl": .decimal(sum { ISOWeek(containing: $0.day) == week }),
            "monthly_pnl": .decimal(
                sum { $0.day.components.year == month.year && $0.day.components.month == month.month }),
        ]
    }

    private static func drawdown(_ equity: ExactDecimal, _ days: [AccountDay]) -> JSONValue {
        guard let today = days.last else { return .null }
        let mark = max(today.highWaterMark, equity)
        return [
            "high_water_mark": .decimal(mark), "high_water_at": .string(today.highWaterAt.rfc3339),
            "current": .decimal(EquityCurve.drawdown(of: equity, from: mark)),
            "max_today": .decimal(today.maxDrawdown), "max": .decimal(days.map(\.maxDrawdown).max()),
        ]
    }

    private static func trades(_ trips: [RoundTrip]) -> JSONValue {
        let metrics = TradeMetrics(trips: trips.reversed())
        return [
            "count": .integer(metrics.count), "wins": .integer(metrics.wins),
            "losses": .integer(metrics.losses),
            "total": .decimal(metrics.total), "win_rate": .decimal(metrics.winRate),
            "profit_factor": .decimal(metrics.profitFactor), "payoff": .decimal(metrics.payoff),
            "expectancy": .decimal(metrics.expectancy),
            "consecutive_losses": .integer(metrics.consecutiveLosses),
            "is_insufficient": .bool(metrics.isInsufficient),
        ]
    }

    private static func returns(_ days: [AccountDay], equity: ExactDecimal) -> JSONValue {
        // The day under way is not over and would count as a quiet one.
        let metrics = ReturnMetrics(ReturnMetrics.daily(Array(days.dropLast())))
        return [
            "sharpe": metrics.sharpe().json, "sortino": metrics.sortino.json,
            "volatility": metrics.volatility.json, "max_drawdown": metrics.maxDrawdown.json,
            "var_95": metrics.valueAtRisk().json, "cvar_95": metrics.conditionalValueAtRisk().json,
        ]
    }

    private static func exposure(_ account: AccountView) -> JSONValue {
        let values = account.positions.map(\.position.marketValue)
        let equity = account.snapshot.equity
        return [
            "gross": .decimal(values.reduce(.zero) { $0 + $1.magnitude }),
            "net": .decimal(values.reduce(.zero, +)),
            "concentration": .decimal(ExposureMetrics.concentration(values, equity: equity)),
            "herfindahl": .decimal(ExposureMetrics.herfindahl(values)),
            "by_symbol": .array(
                account.positions.map { view in
                    [
                        "symbol": .string(view.position.symbol),
                        "market_value": .decimal(view.position.marketValue),
                        "share_of_equity": .decimal(
                            equity.isPositive ? view.position.marketValue.ratio(to: equity) : nil),
                    ]
                }),
        ]
    }

    /// Of the last 30 days: slippage in basis points against the price approved and the price sent, and fill rate.
    private static func execution(_ now: Timestamp, in session: PostgresSession) throws -> JSONValue {
        let since = now.adding(minutes: -30 * 1440)
        let prices = try ExecutionQualityStore.prices(since: since, in: session)
        let (ordered, filled) = try ExecutionQualityStore.filled(since: since, in: session)
        func slippage(_ reference: (ExecutedPrice) -> ExactDecimal?) -> ExactDecimal? {
            ExecutionMetrics.slippage(
                prices.compactMap { price in
                    reference(price).map { (price.side, price.qty, price.price, $0) }
                })
        }
        return [
            "days": 30, "executions": .integer(prices.count),
            "slippage_approved_bps": .decimal(slippage(\.approved)),
            "slippage_sent_bps": .decimal(slippage(\.sent)),
            "fill_rate": .decimal(ExecutionMetrics.fillRate(filled: filled, ordered: ordered)),
        ]
    }
}

extension Measure {
    /// The statistic as the API shows it: a number, or null, with what it may be trusted for.
    package var json: JSONValue {
        [
            "value": value.flatMap { JSONNumber("\($0)") }.map(JSONValue.number) ?? .null,
            "count": .integer(count), "standing": .string(standing.rawValue),
        ]
    }
}
