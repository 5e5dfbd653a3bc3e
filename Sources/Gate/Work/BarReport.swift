import Domain
import JSON

/// Daily bars of one symbol as a worker brings them: what its broker has of the days that were asked for.
struct BarReport: Sendable {
    /// More days than the server ever asks for.
    static let maxDays = 400
    static let maxSymbols = 10

    let symbol: String
    let days: ClosedRange<CalendarDate>
    let bars: [DailyBar]

    /// Reads `bars`; nil entries are faults of the reader.
    static func list(_ reader: JSONReader) -> [BarReport] {
        (reader.objects("bars", maxCount: maxSymbols) ?? []).compactMap { item in
            let symbol = item.string("symbol", maxCharacters: 32).flatMap {
                OrderShape.isSymbol($0) ? $0 : nil
            }
            if symbol == nil { item.fault("symbol", "must be a symbol such as \"NVDA\"") }
            let from = item.day("from")
            let until = item.day("until")
            let bars = (item.objects("days", maxCount: maxDays) ?? []).compactMap(bar)
            item.refuseUnknown()
            guard let symbol, let from, let until else { return nil }
            guard from <= until, bars.allSatisfy({ $0.day >= from && $0.day <= until }),
                Set(bars.map(\.day)).count == bars.count
            else {
                item.fault("days", "must lie between from and until, each once")
                return nil
            }
            return BarReport(symbol: symbol, days: from...until, bars: bars)
        }
    }

    private static func bar(_ item: JSONReader) -> DailyBar? {
        guard let day = item.day("day"), let open = item.amount("open"), let high = item.amount("high"),
            let low = item.amount("low"), let close = item.amount("close")
        else {
            item.fault("day", "must come with open, high, low and close")
            return nil
        }
        item.refuseUnknown()
        guard let bar = DailyBar(day: day, open: open, high: high, low: low, close: close) else {
            item.fault("day", "has prices that contradict each other")
            return nil
        }
        return bar
    }
}

extension JSONReader {
    /// The field as a day.
    fileprivate func day(_ key: String) -> CalendarDate? {
        guard let day = string(key, maxCharacters: 10).flatMap({ CalendarDate($0) }) else {
            fault(key, "must be a day such as \"2026-11-23\"")
            return nil
        }
        return day
    }
}
