package import Domain

/// When the simulated market trades.
package protocol MarketHours: Sendable {
    /// Whether the regular session is on.
    func isOpen(at now: Timestamp) -> Bool
    /// Whether orders for extended hours may trade, outside the regular session.
    func isExtendedSession(at now: Timestamp) -> Bool
    /// The first opening after an instant.
    func nextOpen(after now: Timestamp) -> Timestamp
    /// The first close after an instant.
    func nextClose(after now: Timestamp) -> Timestamp
    /// The first end of a trading day after an instant: when `last_equity` is taken.
    func nextDayEnd(after now: Timestamp) -> Timestamp
    /// Trading days from one date to another, both included, in ISO 8601.
    func days(from first: String, through last: String) -> [MarketDay]
    /// How far the exchange's wall clock is ahead of UTC.
    func offsetSeconds(at now: Timestamp) -> Int
}

/// One trading day as Alpaca's calendar lists it.
package struct MarketDay: Sendable, Hashable {
    /// The date in ISO 8601.
    package let date: String
    /// The opening as `09:30`, New York time.
    package let open: String
    /// The close as `16:00`, New York time.
    package let close: String
    /// The begin of the extended session as `0400`.
    package let sessionOpen: String
    /// The end of the extended session as `2000`.
    package let sessionClose: String
    /// When trades of the day settle.
    package let settlementDate: String

    /// A trading day.
    package init(
        date: String, open: String, close: String, sessionOpen: String, sessionClose: String,
        settlementDate: String
    ) {
        self.date = date
        self.open = open
        self.close = close
        self.sessionOpen = sessionOpen
        self.sessionClose = sessionClose
        self.settlementDate = settlementDate
    }
}

/// A market that never closes, for demos and tests.
///
/// Its close is always between one and two days away, so that no closing buffer ever applies; its days end at
/// midnight UTC.
package struct AlwaysOpenHours: MarketHours {
    private static let day: Int64 = 86_400_000_000

    /// The hours of a market that never closes.
    package init() {}

    package func isOpen(at now: Timestamp) -> Bool { true }
    package func isExtendedSession(at now: Timestamp) -> Bool { false }
    package func nextOpen(after now: Timestamp) -> Timestamp { nextClose(after: now) }
    package func nextClose(after now: Timestamp) -> Timestamp { midnight(days: 2, after: now) }
    package func nextDayEnd(after now: Timestamp) -> Timestamp { midnight(days: 1, after: now) }
    package func offsetSeconds(at now: Timestamp) -> Int { 0 }

    package func days(from first: String, through last: String) -> [MarketDay] {
        guard let start = Timestamp(rfc3339: first + "T00:00:00Z"),
            let end = Timestamp(rfc3339: last + "T00:00:00Z"), start <= end
        else { return [] }
        return stride(from: start.microseconds, through: end.microseconds, by: Int(Self.day)).map {
            MarketDay(
                date: Self.date($0), open: "00:00", close: "23:59", sessionOpen: "0000", sessionClose: "2359",
                settlementDate: Self.date($0 + Self.day))
        }
    }

    private func midnight(days: Int64, after now: Timestamp) -> Timestamp {
        Timestamp(microseconds: (now.microseconds / Self.day + days) * Self.day)
    }

    private static func date(_ microseconds: Int64) -> String {
        String(Timestamp(microseconds: microseconds).rfc3339.prefix(10))
    }
}
