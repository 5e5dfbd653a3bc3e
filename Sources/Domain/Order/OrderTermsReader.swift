import JSON

/// The terms of an order before its quantity is known.
struct UnsizedTerms: Sendable, Hashable {
    let symbol: String
    let side: Side
    let type: OrderType
    let limitPrice: ExactDecimal?
    let stopPrice: ExactDecimal?
    let timeInForce: TimeInForce
    let stopLoss: StopLoss?
    let takeProfitLimitPrice: ExactDecimal?

    func terms(qty: ExactDecimal) -> OrderTerms {
        OrderTerms(
            symbol: symbol, side: side, qty: qty, type: type, limitPrice: limitPrice, stopPrice: stopPrice,
            timeInForce: timeInForce, stopLoss: stopLoss, takeProfitLimitPrice: takeProfitLimitPrice)
    }
}

/// Reads the members of an order that the API's proposal and the worker's document share.
enum OrderTermsReader {
    /// The terms, or nil where one of those that must be there is missing or wrong.
    static func read(_ reader: JSONReader) -> UnsizedTerms? {
        let symbol = required(reader, "symbol", reader.symbol("symbol"))
        let side = required(reader, "side", reader.choice("side", Side.self))
        let type = required(reader, "type", reader.choice("type", OrderType.self))
        let limitPrice = reader.price("limit_price")
        let stopPrice = reader.price("stop_price")
        let timeInForce = reader.choice("time_in_force", TimeInForce.self)
        let stopLoss = reader.object("stop_loss").flatMap(stopLoss)
        let takeProfit = reader.object("take_profit").flatMap { takeProfit in
            let price = required(takeProfit, "limit_price", takeProfit.price("limit_price"))
            takeProfit.refuseUnknown()
            return price
        }
        guard let symbol, let side, let type else { return nil }
        return UnsizedTerms(
            symbol: symbol, side: side, type: type, limitPrice: limitPrice, stopPrice: stopPrice,
            timeInForce: timeInForce ?? .day, stopLoss: stopLoss, takeProfitLimitPrice: takeProfit)
    }

    private static func stopLoss(_ reader: JSONReader) -> StopLoss? {
        let stopPrice = required(reader, "stop_price", reader.price("stop_price"))
        let limitPrice = reader.price("limit_price")
        reader.refuseUnknown()
        return stopPrice.map { StopLoss(stopPrice: $0, limitPrice: limitPrice) }
    }

    private static func required<Value>(_ reader: JSONReader, _ key: String, _ value: Value?) -> Value? {
        if reader.value(key) == nil { reader.missing(key) }
        return value
    }
}
