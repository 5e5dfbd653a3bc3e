import Domain
import JSON
import Testing

/// Values that the tests of the rules share.
enum Sample {
    /// A decimal that a test spells right.
    static func decimal(_ text: String) -> ExactDecimal {
        guard let decimal = ExactDecimal(text) else {
            Issue.record("\(text) is no decimal")
            return .zero
        }
        return decimal
    }

    /// Terms in the order's own words, by default `BUY 10 NVDA LIMIT 100.00 DAY`.
    static func terms(
        _ side: Side = .buy, qty: String = "10", _ type: OrderType = .limit, limit: String? = "100",
        stop: String? = nil, tif: TimeInForce = .day, stopLoss: String? = nil, stopLossLimit: String? = nil,
        takeProfit: String? = nil, symbol: String = "NVDA"
    ) -> OrderTerms {
        OrderTerms(
            symbol: symbol, side: side, qty: decimal(qty), type: type,
            limitPrice: type.takesLimitPrice ? limit.map(decimal) : nil, stopPrice: stop.map(decimal),
            timeInForce: tif,
            stopLoss: stopLoss.map {
                StopLoss(stopPrice: decimal($0), limitPrice: stopLossLimit.map(decimal))
            }, takeProfitLimitPrice: takeProfit.map(decimal))
    }
}
