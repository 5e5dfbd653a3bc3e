import Domain
import Gate
import JSON

/// The metrics of a document of returns, executions or profits.
struct MetricsSheet {
    private(set) var json: JSONValue

    init(_ document: JSONValue) throws {
        let reader = JSONReader(document)
        var sheet = JSONObject()
        let periods = reader.value("periods_per_year")?.numberText.flatMap(Double.init) ?? 252
        let returns = try Self.numbers(reader, "returns")
        let benchmark = try Self.numbers(reader, "benchmark")
        if let returns { sheet["returns"] = Self.returns(returns, periods) }
        if let benchmark {
            guard let returns,
                let beside = BenchmarkMetrics(returns, benchmark: benchmark, periodsPerYear: periods)
            else { throw CommandFailure("\"benchmark\" must have as many numbers as \"returns\".") }
            sheet["benchmark"] = Self.benchmark(beside)
        }
        let executions = reader.objects("executions", maxCount: 1_000_000)?.enumerated().compactMap(
            Self.execution)
        let profits = reader.array("profits", maxCount: 1_000_000)
        reader.refuseUnknown()
        if let fault = reader.faults.first { throw CommandFailure("\(fault.pointer): \(fault.detail).") }
        if let executions { Self.book(executions, in: &sheet) }
        if let profits {
            let decimals = profits.compactMap { $0.numberText.flatMap { ExactDecimal($0) } }
            guard decimals.count == profits.count else {
                throw CommandFailure("\"profits\" must be decimals.")
            }
            sheet["trades"] = TradeMetrics(decimals).json
        }
        guard !sheet.members.isEmpty else {
            throw CommandFailure("The document has neither \"returns\" nor \"executions\" nor \"profits\".")
        }
        json = .object(sheet)
    }

    private static func numbers(_ reader: JSONReader, _ key: String) throws -> [Double]? {
        guard let values = reader.array(key, maxCount: 1_000_000) else { return nil }
        let numbers = values.compactMap { $0.numberText.flatMap(Double.init) }
        guard numbers.count == values.count, numbers.allSatisfy(\.isFinite) else {
            throw CommandFailure("\"\(key)\" must be an array of numbers.")
        }
        return numbers
    }

    private static func returns(_ returns: [Double], _ periods: Double) -> JSONValue {
        let metrics = ReturnMetrics(returns, periodsPerYear: periods)
        return [
            "count": .integer(returns.count), "cumulative": metrics.cumulative.json,
            "annual_return": metrics.annualReturn.json, "volatility": metrics.volatility.json,
            "sharpe": metrics.sharpe().json, "sortino": metrics.sortino.json,
            "max_drawdown": metrics.maxDrawdown.json, "current_drawdown": metrics.currentDrawdown.json,
            "winning_days": metrics.winningDays.json, "var_95": metrics.valueAtRisk().json,
            "var_95_parametric": metrics.parametricValueAtRisk().json,
            "cvar_95": metrics.conditionalValueAtRisk().json,
        ]
    }

    private static func benchmark(_ metrics: BenchmarkMetrics) -> JSONValue {
        [
            "beta": metrics.beta.json, "alpha_annual": metrics.alpha.json,
            "excess_return": metrics.excessReturn.json, "correlation": metrics.correlation.json,
        ]
    }

    private static func execution(_ place: Int, _ reader: JSONReader) -> Execution? {
        for key in ["symbol", "side", "qty", "price", "executed_at"] where reader.value(key) == nil {
            reader.missing(key)
        }
        let (symbol, side) = (reader.string("symbol", maxCharacters: 32), reader.choice("side", Side.self))
        let (qty, price) = (reader.brokerDecimal("qty"), reader.brokerDecimal("price"))
        let at = reader.string("executed_at").flatMap { Timestamp(rfc3339: $0) }
        if reader.value("executed_at") != nil, at == nil { reader.fault("executed_at", "must be a time") }
        let fee = reader.brokerDecimal("commission") ?? .zero
        guard let symbol, let side, let qty, let price, let at else { return nil }
        guard qty.isPositive, qty <= Limits.maxQty, !price.isNegative, price <= Limits.maxPrice else {
            reader.fault("qty", "must be above 0, and the price from 0")
            return nil
        }
        let id = reader.string("execution_id", maxCharacters: 128) ?? "\(place + 1)"
        reader.refuseUnknown()
        return Execution(
            id: id, symbol: symbol, side: side, qty: qty, price: price, commission: fee, executedAt: at)
    }

    /// Round trips of the account, and what each execution took in.
    private static func book(_ executions: [Execution], in sheet: inout JSONObject) {
        var replay = BookReplay()
        let order = executions.sorted { $0.place < $1.place }
        for execution in order { replay.enter(execution, only: [execution.keys[0]]) }
        sheet["round_trips"] = .array(replay.closedTrips.map(\.json))
        sheet["realized"] = .array(
            replay.bookings.map { booking in
                [
                    "execution_id": .string(booking.executionID), "symbol": .string(booking.key.symbol),
                    "realized_pnl": .string(booking.realizedPnL.description),
                    "qty_after": .string(booking.qtyAfter.description),
                ]
            })
        sheet["trades"] = TradeMetrics(trips: replay.closedTrips).json
    }
}

extension TradeMetrics {
    /// The statistics as decimals.
    var json: JSONValue {
        func text(_ value: ExactDecimal?) -> JSONValue { .text(value?.description) }
        return [
            "count": .integer(count), "wins": .integer(wins), "losses": .integer(losses),
            "total": text(total),
            "win_rate": text(winRate), "profit_factor": text(profitFactor), "payoff": text(payoff),
            "expectancy": text(expectancy), "average_win": text(averageWin),
            "average_loss": text(averageLoss),
            "consecutive_losses": .integer(consecutiveLosses), "longest_losses": .integer(longestLosses),
            "is_insufficient": .bool(isInsufficient),
        ]
    }
}

extension RoundTrip {
    fileprivate var json: JSONValue {
        [
            "symbol": .string(key.symbol), "direction": .string(direction.rawValue),
            "opened_at": .string(openedAt.rfc3339), "closed_at": .text(closedAt?.rfc3339),
            "qty": .string(entryQty.description),
            "entry_price": .text(averageEntryPrice?.rounded(scale: 6).description),
            "exit_price": .text(averageExitPrice?.rounded(scale: 6).description),
            "pnl": .string(realizedPnL.description), "commission": .string(commission.description),
            "net_pnl": .string(netPnL.description),
        ]
    }
}
