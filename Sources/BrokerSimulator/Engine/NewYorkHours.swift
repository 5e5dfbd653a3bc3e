package import Domain

/// The hours of the New York Stock Exchange.
package struct NewYorkHours: MarketHours {
    private let calendar: MarketCalendar

    /// The hours by a calendar.
    package init(calendar: MarketCalendar = .nyse) { self.calendar = calendar }

    package func isOpen(at now: Timestamp) -> Bool { calendar.isOpen(at: now) }

    package func isExtendedSession(at now: Timestamp) -> Bool {
        guard let session = calendar.session(on: NewYork.date(now)) else { return false }
        return !session.hours.contains(now)
            && (session.preMarketOpensAt..<session.afterHoursClosesAt).contains(now)
    }

    package func nextOpen(after now: Timestamp) -> Timestamp {
        calendar.nextOpen(after: now) ?? Self.never(now)
    }
    package func nextClose(after now: Timestamp) -> Timestamp {
        calendar.nextClose(after: now) ?? Self.never(now)
    }
    package func nextDayEnd(after now: Timestamp) -> Timestamp { nextClose(after: now) }
    package func offsetSeconds(at now: Timestamp) -> Int { Zone.newYork.offsetSeconds(at: now) }

    package func days(from first: String, through last: String) -> [MarketDay] {
        guard let start = CalendarDate(first), let end = CalendarDate(last), start <= end else { return [] }
        return calendar.sessions(start...end).map { session in
            let afterwards = calendar.session(after: session.date)?.date ?? session.date
            return MarketDay(
                date: session.date.description, open: Self.clock(session.opensAt, ":"),
                close: Self.clock(session.closesAt, ":"),
                sessionOpen: Self.clock(session.preMarketOpensAt, ""),
                sessionClose: Self.clock(session.afterHoursClosesAt, ""),
                settlementDate: afterwards.description)
        }
    }

    private static func clock(_ instant: Timestamp, _ separator: String) -> String {
        let time = NewYork.time(instant)
        return [time.hour, time.minute].map { $0 < 10 ? "0\($0)" : String($0) }.joined(separator: separator)
    }

    /// Where the calendar knows no session within a year.
    private static func never(_ now: Timestamp) -> Timestamp { now.adding(minutes: 366 * 1440) }
}
