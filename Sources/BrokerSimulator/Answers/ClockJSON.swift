import Domain
import JSON

extension SimulatedExchange {
    /// The market's clock in the exchange's wall time, with its offset, as Alpaca writes it.
    func clockJSON(at now: Timestamp) -> JSONValue {
        var nextOpen = hours.nextOpen(after: now)
        let nextClose = hours.nextClose(after: now)
        if marketOverride == true, nextOpen < nextClose { nextOpen = nextClose }
        return [
            "timestamp": .string(local(now)), "is_open": .bool(isMarketOpen(at: now)),
            "next_open": .string(local(nextOpen)), "next_close": .string(local(nextClose)),
        ]
    }

    /// Trading days from one date to another.
    func calendarJSON(from first: String, through last: String) -> JSONValue {
        .array(
            hours.days(from: first, through: last).map {
                [
                    "date": .string($0.date), "open": .string($0.open), "close": .string($0.close),
                    "session_open": .string($0.sessionOpen), "session_close": .string($0.sessionClose),
                    "settlement_date": .string($0.settlementDate),
                ]
            })
    }

    private func local(_ instant: Timestamp) -> String {
        let offset = hours.offsetSeconds(at: instant)
        guard offset != 0 else { return instant.rfc3339 }
        let minutes = abs(offset) / 60
        let text = instant.adding(seconds: offset).rfc3339.dropLast()
        return text + (offset < 0 ? "-" : "+") + Self.twoDigits(minutes / 60) + ":"
            + Self.twoDigits(minutes % 60)
    }

    private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
}
