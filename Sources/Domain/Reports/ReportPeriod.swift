/// The time that a report tells of: whole trading days, from close to close as the books count them.
package struct ReportPeriod: Sendable, Hashable {
    /// Its trading days, in order; never empty.
    package let days: ClosedRange<CalendarDate>
    /// What happened after this instant belongs to it.
    package let start: Timestamp
    /// What happened until this instant, itself included, belongs to it.
    package let end: Timestamp

    /// A trading day; nil where the exchange does not trade on it.
    package init?(day: CalendarDate, calendar: MarketCalendar = .nyse) {
        self.init([calendar.session(on: day)].compactMap(\.self), calendar)
    }

    /// The trading days of a week; nil where it has none.
    package init?(week: ISOWeek, calendar: MarketCalendar = .nyse) {
        self.init(calendar.sessions(week.monday...week.sunday), calendar)
    }

    private init?(_ sessions: [MarketSession], _ calendar: MarketCalendar) {
        guard let first = sessions.first, let last = sessions.last,
            let start = calendar.bookDayStart(first.date)
        else { return nil }
        days = first.date...last.date
        self.start = start
        end = last.closesAt.adding(minutes: MarketCalendar.closingMinutes)
    }

    /// Whether nothing more can happen in it.
    package func isOver(at now: Timestamp) -> Bool { now > end }
}
