import Domain
import JSON

extension DailyBar {
    /// A bar within five percent of a price: always the same for a symbol and a day.
    init?(madeFor symbol: String, _ day: CalendarDate, around price: ExactDecimal) {
        func at(_ date: CalendarDate, _ part: String) -> ExactDecimal {
            var random = SplitMix64.named("\(part) of \(symbol) on \(date)")
            let basisPoints = ExactDecimal(9500 + Int(random.next() % 1001))
            return (price * basisPoints).divided(by: ExactDecimal(10_000), scale: 2, rounding: .halfEven)
                ?? price
        }
        let open = at(day.adding(days: -1), "close")
        let close = at(day, "close")
        let (one, other) = (at(day, "high"), at(day, "low"))
        self.init(
            day: day, open: open, high: [open, close, one, other].max() ?? open,
            low: [open, close, one, other].min() ?? open, close: close)
    }

    /// The bar as Alpaca's market data writes it.
    var alpacaJSON: JSONValue {
        [
            "t": .string(NewYork.timestamp(day, hour: 0).rfc3339), "o": .numeric(open), "h": .numeric(high),
            "l": .numeric(low), "c": .numeric(close), "v": 1_000_000, "n": 5000, "vw": .numeric(close),
        ]
    }

    /// A bar as `POST /sim/bars/{symbol}` gives it: `{"day", "open", "high", "low", "close"}`.
    init?(control value: JSONValue) {
        func price(_ key: String) -> ExactDecimal? { value[key]?.numberText.flatMap { ExactDecimal($0) } }
        guard let day = value["day"]?.stringValue.flatMap({ CalendarDate($0) }), let open = price("open"),
            let high = price("high"), let low = price("low"), let close = price("close")
        else { return nil }
        self.init(day: day, open: open, high: high, low: low, close: close)
    }
}
