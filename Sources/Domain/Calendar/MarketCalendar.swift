/// One day's trading on the exchange.
package struct MarketSession: Sendable, Hashable {
    /// Its date in New York.
    package let date: CalendarDate
    /// The opening bell.
    package let opensAt: Timestamp
    /// The closing bell; from then on it is over.
    package let closesAt: Timestamp
    /// Whether it closes before 16:00.
    package let isEarlyClose: Bool

    /// The time from bell to bell.
    package var hours: Range<Timestamp> { opensAt..<closesAt }
}

/// When the New York Stock Exchange trades: by its rules, and by a table of days that go against them.
///
/// Where the broker's calendar says otherwise, the broker is right: put its days into `exceptions`.
package struct MarketCalendar: Sendable {
    /// Days that go against the rules.
    package let exceptions: [CalendarDate: SessionHours]

    /// By the rules and the closures known when this was written.
    package static let nyse = MarketCalendar()

    /// A calendar with more exceptions; they hold against the known ones.
    package init(exceptions: [CalendarDate: SessionHours] = [:]) {
        self.exceptions = MarketRules.exceptions.merging(exceptions) { $1 }
    }

    /// The hours of a day, or why there are none.
    package func hours(on date: CalendarDate) -> SessionHours {
        exceptions[date] ?? MarketRules.hours(on: date)
    }

    /// The session of a day, if it has one.
    package func session(on date: CalendarDate) -> MarketSession? {
        guard case .open(let opening, let closing) = hours(on: date), opening < closing else { return nil }
        return MarketSession(
            date: date, opensAt: NewYork.timestamp(date, hour: opening / 60, minute: opening % 60),
            closesAt: NewYork.timestamp(date, hour: closing / 60, minute: closing % 60),
            isEarlyClose: closing < 16 * 60)
    }

    /// The sessions of these days, first and last included.
    package func sessions(_ dates: ClosedRange<CalendarDate>) -> [MarketSession] {
        (dates.lowerBound.daysSince1970...dates.upperBound.daysSince1970).compactMap {
            session(on: CalendarDate(daysSince1970: $0))
        }
    }

    /// The first session after a day; nil if there is none within a year.
    package func session(after date: CalendarDate) -> MarketSession? {
        (1...366).lazy.compactMap { session(on: date.adding(days: $0)) }.first
    }

    /// The last session before a day; nil if there is none within a year.
    package func session(before date: CalendarDate) -> MarketSession? {
        (1...366).lazy.compactMap { session(on: date.adding(days: -$0)) }.first
    }

    /// Whether the exchange trades at this instant; at the closing bell it no longer does.
    package func isOpen(at instant: Timestamp) -> Bool {
        session(on: NewYork.date(instant))?.hours.contains(instant) ?? false
    }

    /// The next opening bell; nil if there is none within a year.
    package func nextOpen(after instant: Timestamp) -> Timestamp? {
        let today = NewYork.date(instant)
        if let session = session(on: today), session.opensAt > instant { return session.opensAt }
        return session(after: today)?.opensAt
    }

    /// The next closing bell; nil if there is none within a year.
    package func nextClose(after instant: Timestamp) -> Timestamp? {
        let today = NewYork.date(instant)
        if let session = session(on: today), session.closesAt > instant { return session.closesAt }
        return session(after: today)?.closesAt
    }

    /// The day an event counts for: its date in New York if that has a session, else the next that has.
    package func tradingDay(of instant: Timestamp) -> CalendarDate {
        let today = NewYork.date(instant)
        return session(on: today) == nil ? session(after: today)?.date ?? today : today
    }
}
