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

    /// How far ahead of the server's clock a quote may be dated and still count as made now, in seconds.
    ///
    /// Clocks that are set over the network differ by milliseconds, and those of machines that are not looked after by
    /// a second or so. A feed whose quotes come from further in the future does not know the time: how far ahead they
    /// are counts as their age.
    package static let clockToleranceSeconds = 2

    /// The price at which an order of that side would fill now; nil where nobody trades with it, or where the quote is
    /// crossed.
    package func price(for side: Side) -> ExactDecimal? {
        let price = side == .buy ? ask : bid
        return price.isPositive && !isCrossed ? price : nil
    }

    /// Whether somebody pays more than another asks for: nobody would, so neither price is to be believed.
    package var isCrossed: Bool { ask.isPositive && bid > ask }

    /// Whether it is dated further in the future than clocks differ.
    package func isAhead(of now: Timestamp) -> Bool {
        quotedAt > now.adding(seconds: Self.clockToleranceSeconds)
    }

    /// Why no order is judged by it, as a sentence without its full stop; nil where it is not crossed.
    package var crossedWords: String? {
        guard isCrossed else { return nil }
        return "The quote of \(symbol) is crossed: somebody pays \(bid.priceWords) and another asks for "
            + ask.priceWords
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
        if bid == nil, reader.isEmpty("bid", "bp") { reader.missing("bid") }
        if ask == nil, reader.isEmpty("ask", "ap") { reader.missing("ask") }
        if quotedAt == nil, reader.isEmpty("quoted_at", "t") { reader.missing("quoted_at") }
        guard reader.faults.isEmpty, let symbol, let bid, let ask, let quotedAt else {
            throw ValidationFailure(faults: reader.faults)
        }
        return Quote(symbol: symbol, bid: bid, ask: ask, quotedAt: quotedAt, receivedAt: receivedAt)
    }
}

extension JSONReader {
    /// Whether a field has nothing in it by either of its names: what makes no sense is not missing besides.
    fileprivate func isEmpty(_ key: String, _ brokersKey: String) -> Bool {
        [value(key), value(brokersKey)].allSatisfy { $0 == nil || $0 == "" }
    }
}
