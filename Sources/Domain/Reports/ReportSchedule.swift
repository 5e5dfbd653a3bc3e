/// When reports are made: daily ones half an hour after the closing bell, weekly ones on Sunday at 09:00 in New York.
package enum ReportSchedule {
    /// How long after the closing bell the daily summary is made.
    package static let minutesAfterClose = 30
    /// More than so many days that were missed are not made up for.
    package static let mostDays = 5
    /// The same in weeks.
    package static let mostWeeks = 4

    /// When the daily summary of a day is due; nil where the exchange does not trade on it.
    package static func dueTime(day: CalendarDate, calendar: MarketCalendar = .nyse) -> Timestamp? {
        calendar.session(on: day).map { $0.closesAt.adding(minutes: minutesAfterClose) }
    }

    /// When the weekly review of a week is due.
    package static func dueTime(week: ISOWeek) -> Timestamp { NewYork.timestamp(week.sunday, hour: 9) }

    /// The days whose summaries are due and were not made, in order.
    ///
    /// `last` is the newest that was made; without one, `began` is when there first was something to tell of.
    package static func dueDays(
        after last: CalendarDate?, began: Timestamp, now: Timestamp, calendar: MarketCalendar = .nyse
    ) -> [CalendarDate] {
        let today = NewYork.date(now)
        let first = max(last?.adding(days: 1) ?? NewYork.date(began), today.adding(days: -31))
        guard first <= today else { return [] }
        let due = calendar.sessions(first...today).map(\.date).filter { day in
            guard let time = dueTime(day: day, calendar: calendar),
                let period = ReportPeriod(day: day, calendar: calendar)
            else { return false }
            return time <= now && period.end > began
        }
        return Array(due.suffix(mostDays))
    }

    /// The weeks whose reviews are due and were not made, in order.
    package static func dueWeeks(
        after last: ISOWeek?, began: Timestamp, now: Timestamp, calendar: MarketCalendar = .nyse
    ) -> [ISOWeek] {
        let newest = NewYork.date(now).isoWeek
        let due = (0...mostWeeks).map { newest.adding(weeks: -$0) }.reversed().filter { week in
            guard last.map({ week > $0 }) ?? true, dueTime(week: week) <= now,
                let period = ReportPeriod(week: week, calendar: calendar)
            else { return false }
            return period.end > began
        }
        return Array(due.suffix(mostWeeks))
    }
}
