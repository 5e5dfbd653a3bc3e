package import Domain
package import JSON
package import Postgres
import Store

/// The daily summary: what became of the account and of the proposals on one trading day.
package enum DailyReport {
    /// The summary of a trading day as it was made and sent, or as things stand where it was not made yet; nil where the
    /// exchange does not trade on it or it has not begun.
    package static func find(_ date: CalendarDate, in session: PostgresSession) throws -> JSONValue? {
        try ReportStore.find(.daily, date.description, in: session) ?? read(date, in: session)
    }

    /// The summary of a trading day as things stand; nil where the exchange does not trade on it or it has not begun.
    package static func read(_ date: CalendarDate, in session: PostgresSession) throws -> JSONValue? {
        let now = try DatabaseClock.now(in: session)
        guard let period = ReportPeriod(day: date), now > period.start else { return nil }
        let figures = DecisionFigures(try DecisionFigureStore.counts(period, in: session))
        let deployment = try DeploymentStore.find(in: session)
        var report: JSONObject = [
            "kind": "daily", "date": .string(date.description),
            "status": .string(period.isOver(at: now) ? "final" : "preliminary"),
            "as_of": .string(now.rfc3339), "from": .string(period.start.rfc3339),
            "until": .string(period.end.rfc3339), "mode": .text(deployment?.mode.rawValue),
            "account": .text(deployment?.accountNumber),
            "decisions": try DecisionReport.read(period, figures, in: session),
            "halts": .array(try ReportQueries.halts(period, in: session).map(\.reportJSON)),
        ]
        let record = try AccountDayStore.records(date...date, in: session).first
        report = report.merging(result(record)).merging(try trades(date, in: session))
        let account = try AccountPart.read(period, now: now, in: session)
        report = report.merging(try holdings(account, period, in: session))
        report["seven_days"] = try sevenDays(date, in: session)
        return .object(report)
    }

    private static func result(_ record: DayRecord?) -> JSONObject {
        let day = record?.day
        return [
            "starting_value": .decimal(day?.startEquity), "ending_value": .decimal(day?.endEquity),
            "daily_pnl": .decimal(day?.pnl), "daily_pnl_pct": .decimal(day?.returnFraction),
            "capital_flows": .decimal(day?.capitalFlows),
            "income_and_fees": .decimal(day.map { $0.income + $0.fees }),
            "drawdown": .decimal(day?.drawdown), "max_drawdown": .decimal(day?.maxDrawdown),
            "high_water_mark": .decimal(day?.highWaterMark),
        ]
    }

    private static func trades(_ date: CalendarDate, in session: PostgresSession) throws -> JSONObject {
        let trips = try RoundTripStore.closed(.account, days: date...date, limit: 1000, in: session)
        let metrics = TradeMetrics(trips: trips)
        let stops = try RoundTripStore.stops(of: trips, in: session)
        return [
            "trades_executed": .integer(try ReportQueries.executions(date...date, in: session)),
            "positions_closed": .array(trips.reversed().map { $0.reportJSON(stops) }),
            "wins": .integer(metrics.wins),
            "losses": .integer(metrics.losses), "win_rate": .decimal(metrics.winRate),
            "realized_pnl": .decimal(metrics.total),
        ]
    }

    private static func holdings(
        _ account: AccountPart?, _ period: ReportPeriod, in session: PostgresSession
    ) throws -> JSONObject {
        guard let account else {
            return [
                "open_positions": [], "open_positions_value": .null, "cash_balance": .null,
                "margin_used": .null, "largest_position": .null, "limits": [], "account_as_of": .null,
            ]
        }
        let document = try ReportQueries.policy(at: period.end, in: session)?.document
        let policy = try document.map { (document) throws(ValidationFailure) in
            try PolicyDocument.parse(document)
        }
        let opened = try ReportQueries.openedPositions(on: period.days.upperBound, in: session)
        return [
            "open_positions": account.positions, "open_positions_value": .decimal(account.grossValue),
            "cash_balance": .decimal(account.snapshot.cash), "margin_used": .decimal(account.marginUsed),
            "largest_position": account.largest,
            "limits": .array(policy.map { account.limits($0.limits, openedToday: opened) } ?? []),
            "account_as_of": .string(account.snapshot.receivedAt.rfc3339),
        ]
    }

    /// The seven days of the calendar that end with this one.
    private static func sevenDays(_ date: CalendarDate, in session: PostgresSession) throws -> JSONValue {
        let days = date.adding(days: -6)...date
        let metrics = TradeMetrics(
            trips: try RoundTripStore.closed(.account, days: days, limit: 10_000, in: session))
        let records = try AccountDayStore.records(days, in: session)
        return [
            "from": .string(days.lowerBound.description), "total_trades": .integer(metrics.count),
            "wins": .integer(metrics.wins), "win_rate": .decimal(metrics.winRate),
            "total_pnl": .decimal(metrics.total),
            "return_pct": .decimal(PeriodReturn.chained(records.map(\.day.returnFraction))),
        ]
    }
}

extension RoundTrip {
    /// Its profit as a multiple of what was risked, by the stop of the order that opened it; nil without one.
    func riskMultiple(_ stops: [Identifier: ExactDecimal]) -> ExactDecimal? {
        riskMultiple(stopPrice: orderID.flatMap { stops[$0] })
    }

    /// The round trip as reports tell it, with the stops of orders.
    func reportJSON(_ stops: [Identifier: ExactDecimal]) -> JSONValue {
        [
            "symbol": .string(key.symbol), "direction": .string(direction.rawValue),
            "qty": .decimal(entryQty),
            "entry_price": .decimal(averageEntryPrice), "exit_price": .decimal(averageExitPrice),
            "realized_pnl": .decimal(netPnL), "opened_at": .string(openedAt.rfc3339),
            "closed_at": .text(closedAt?.rfc3339), "order_id": .text(orderID?.text),
            "stop_price": .decimal(orderID.flatMap { stops[$0] }),
            "r_multiple": .decimal(riskMultiple(stops)),
        ]
    }
}

extension HaltRecord {
    /// The halt as reports tell it.
    var reportJSON: JSONValue {
        [
            "id": .string(id.text), "scope": .string(scope.rawValue), "target": .string(target),
            "cause": .string(cause), "reason": .string(reason), "opened_at": .string(openedAt.rfc3339),
            "opened_by": .string(openedBy), "cleared_at": .text(clearedAt?.rfc3339),
            "cleared_by": .text(clearedBy),
        ]
    }
}
