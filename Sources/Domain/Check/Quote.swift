package import JSON

/// The best prices at which others buy and sell a share, at one instant.
package struct Quote: Sendable, Hashable {
    package var symbol: String
    /// The highest price somebody pays; nought where nobody does.
    package var bid: ExactDecimal
    /// The lowest price somebody sells at; nought where nobody does.
    package var ask: ExactDecimal
    /// When the market said so.
    package var quotedAt: Timestamp
    /// When we received it.
    package var receivedAt: Timestamp

    /// A quote.
    package init(
        symbol: String, bid: ExactDecimal, ask: ExactDecimal, quotedAt: Timestamp, receivedAt: Timestamp
    ) {
        self.symbol = symbol
        self.bid = bid
        self.ask = ask
        self.quotedAt = quotedAt
        self.receivedAt = receivedAt
    }

    /// The price at which an order of that side would fill now; nil where nobody trades with it.
    package func price(for side: Side) -> ExactDecimal? {
        let price = side == .buy ? ask : bid
        return price.isPositive ? price : nil
    }

    /// The quote as the worker sends it.
    package var json: JSONValue {
        [
            "symbol": .string(symbol), "bid": .string(bid.description), "ask": .string(ask.description),
            "quoted_at": .string(quotedAt.rfc3339),
        ]
    }

    /// Reads a quote as `json` writes it, or with the market data API's names `bp`, `ap`, `t` (and `S`).
    package static func parse(_ value: JSONValue, receivedAt: Timestamp) throws(ValidationFailure) -> Quote {
        let reader = JSONReader(value)
        let symbol = reader.string("symbol") ?? reader.string("S")
        let bid = reader.brokerDecimal("bid") ?? reader.brokerDecimal("bp")
        let ask = reader.brokerDecimal("ask") ?? reader.brokerDecimal("ap")
        let quotedAt = reader.time("quoted_at") ?? reader.time("t")
        if symbol == nil { reader.missing("symbol") }
        if bid == nil { reader.missing("bid") }
        if ask == nil { reader.missing("ask") }
        if quotedAt == nil { reader.missing("quoted_at") }
        guard reader.faults.isEmpty, let symbol, let bid, let ask, let quotedAt else {
            throw ValidationFailure(faults: reader.faults)
        }
        return Quote(symbol: symbol, bid: bid, ask: ask, quotedAt: quotedAt, receivedAt: receivedAt)
    }
}
