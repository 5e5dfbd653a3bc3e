import Domain
import Testing

struct ReportPeriodTests {
    private func day(_ text: String) throws -> ReportPeriod? {
        ReportPeriod(day: try #require(CalendarDate(text)))
    }
    private func week(_ text: String) throws -> ReportPeriod? {
        ReportPeriod(week: try #require(ISOWeek(text)))
    }

    @Test(arguments: [
        // An ordinary day, one after an early close, an early close itself, and the days around a change of clocks.
        ("2026-11-24", "2026-11-23T21:05:00Z", "2026-11-24T21:05:00Z"),
        ("2026-11-30", "2026-11-27T18:05:00Z", "2026-11-30T21:05:00Z"),
        ("2026-11-27", "2026-11-25T21:05:00Z", "2026-11-27T18:05:00Z"),
        ("2026-03-09", "2026-03-06T21:05:00Z", "2026-03-09T20:05:00Z"),
        ("2026-11-02", "2026-10-30T20:05:00Z", "2026-11-02T21:05:00Z"),
    ])
    func `a day runs from close to close`(date: String, start: String, end: String) throws {
        let period = try #require(try day(date))
        #expect(period.start == Timestamp(rfc3339: start) && period.end == Timestamp(rfc3339: end))
        #expect(!period.isOver(at: period.end) && period.isOver(at: period.end.adding(seconds: 1)))
        // The books count the same instants for the same day.
        #expect(MarketCalendar.nyse.bookDay(of: period.end) == CalendarDate(date))
        #expect(MarketCalendar.nyse.bookDay(of: period.start) != CalendarDate(date))
        #expect(MarketCalendar.nyse.bookDay(of: period.start.adding(seconds: 1)) == CalendarDate(date))
    }

    @Test(arguments: ["2026-11-21", "2026-11-26", "2026-04-03"])
    func `a day without trading has no report`(date: String) throws { #expect(try day(date) == nil) }

    @Test func `a week is its trading days, and weeks follow each other without a gap`() throws {
        let thanksgiving = try #require(try week("2026-W48"))
        #expect(thanksgiving.days.lowerBound == CalendarDate("2026-11-23"))
        #expect(thanksgiving.days.upperBound == CalendarDate("2026-11-27"))
        #expect(thanksgiving.start == Timestamp(rfc3339: "2026-11-20T21:05:00Z"))
        #expect(thanksgiving.end == Timestamp(rfc3339: "2026-11-27T18:05:00Z"))
        #expect(try week("2026-W49")?.start == thanksgiving.end)
        // Friday was a holiday.
        #expect(try week("2026-W14")?.days.upperBound == CalendarDate("2026-04-02"))
    }
}
