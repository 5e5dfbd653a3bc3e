package import Domain
import JSON

extension AlpacaClient {
    /// The daily bars of a symbol between two days, both included, oldest first; empty where the broker has none.
    ///
    /// Prices are as they were traded: splits are not calculated back into them, as they are not into the proposals'
    /// limits either.
    package func dailyBars(
        _ symbol: String, from first: CalendarDate, through last: CalendarDate
    ) async throws(BrokerError) -> [DailyBar] {
        guard OrderShape.isSymbol(symbol) else { return [] }
        let document: JSONValue
        do throws(BrokerError) {
            document = try await ask(
                configuration.dataURL, "/v2/stocks/bars",
                [
                    ("symbols", symbol), ("timeframe", "1Day"), ("start", first.description),
                    ("end", last.description), ("adjustment", "raw"), ("limit", "10000"), ("sort", "asc"),
                ])
        } catch {
            // A symbol that the broker does not know has no bars; anything else is no answer.
            switch error.kind {
            case .rejected, .notFound: return []
            case .duplicateClientOrderID, .rateLimited, .unauthorised, .outcomeUnknown, .unreachable,
                .noAnswer:
                throw error
            }
        }
        guard let bars = document["bars"] else {
            throw AlpacaErrors.unreadable("it holds no bars", .question)
        }
        var days: [DailyBar] = []
        for value in bars[symbol]?.arrayValue ?? [] {
            guard let bar = Self.bar(value) else {
                throw AlpacaErrors.unreadable("one of its bars makes no sense", .question)
            }
            if bar.day >= first, bar.day <= last { days.append(bar) }
        }
        return days
    }

    /// A bar whose time is the beginning of its day in New York.
    private static func bar(_ value: JSONValue) -> DailyBar? {
        func price(_ key: String) -> ExactDecimal? {
            value[key]?.numberText.flatMap { ExactDecimal($0) }?.rounded(scale: 6)
        }
        guard let at = value["t"]?.stringValue.flatMap({ Timestamp(rfc3339: $0) }), let open = price("o"),
            let high = price("h"), let low = price("l"), let close = price("c")
        else { return nil }
        return DailyBar(day: NewYork.date(at), open: open, high: high, low: low, close: close)
    }
}
