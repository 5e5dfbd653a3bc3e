extension MarketCalendar {
    /// How long after the bell the prints of the closing auction count for the day that closed.
    package static let closingMinutes = 5

    /// The trading day that an instant counts for in the books: the books run from close to close.
    ///
    /// What happens after a day's closing bell (and five minutes for its auction), at night, at a weekend or on a holiday
    /// counts for the next session, as it does in the broker's own `last_equity`. So every execution, cash flow and
    /// snapshot counts for exactly one day, and the profits of the days add up to that of the whole time.
    package func bookDay(of instant: Timestamp) -> CalendarDate {
        let today = NewYork.date(instant)
        if let session = session(on: today), instant <= session.closesAt.adding(minutes: Self.closingMinutes)
        {
            return today
        }
        return session(after: today)?.date ?? today
    }

    /// When the books of a trading day begin: when those of the session before end.
    package func bookDayStart(_ day: CalendarDate) -> Timestamp? {
        session(before: day).map { $0.closesAt.adding(minutes: Self.closingMinutes) }
    }
}
