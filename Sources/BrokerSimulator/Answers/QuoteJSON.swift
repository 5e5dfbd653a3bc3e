import Domain
import JSON

extension SimulatedExchange {
    /// The best bid and ask as market data writes them; nil where there is no such symbol.
    func quoteJSON(_ symbol: String, at now: Timestamp) -> JSONValue? {
        guard let quote = prices.quote(symbol, at: now) else { return nil }
        return [
            "ap": .numeric(quote.ask), "as": .integer(quote.askSize), "ax": "Q", "bp": .numeric(quote.bid),
            "bs": .integer(quote.bidSize), "bx": "Q", "c": ["R"], "t": .time(quote.at ?? now), "z": "C",
        ]
    }

    /// The last trade as market data writes it; nil where there is no such symbol.
    func tradeJSON(_ symbol: String, at now: Timestamp) -> JSONValue? {
        guard let quote = prices.quote(symbol, at: now) else { return nil }
        return [
            "c": ["@"], "i": 1, "p": .numeric(quote.last), "s": 100, "t": .time(quote.at ?? now), "x": "Q",
            "z": "C",
        ]
    }

    /// Quote, trade and bars as market data writes them; nil where there is no such symbol.
    func snapshotJSON(_ symbol: String, at now: Timestamp) -> JSONValue? {
        guard let quote = quoteJSON(symbol, at: now), let trade = tradeJSON(symbol, at: now),
            let price = prices.quote(symbol, at: now)?.last
        else { return nil }
        let today = bar(price, at: now)
        let yesterday = bar(lastDayPrices[symbol] ?? price, at: now.adding(minutes: -1440))
        return [
            "latestTrade": trade, "latestQuote": quote, "minuteBar": today, "dailyBar": today,
            "prevDailyBar": yesterday,
        ]
    }

    /// A bar in which nothing moved.
    private func bar(_ price: ExactDecimal, at now: Timestamp) -> JSONValue {
        let value = JSONValue.numeric(price)
        return [
            "c": value, "h": value, "l": value, "n": 100, "o": value, "t": .time(now), "v": 10_000,
            "vw": value,
        ]
    }
}
