import Domain
import Testing

struct ReportScheduleTests {
    private func at(_ text: String) throws -> Timestamp { try #require(Timestamp(rfc3339: text)) }
    private func dates(_ texts: String...) -> [CalendarDate] { texts.compactMap { CalendarDate($0) } }

    @Test(arguments: [
        ("2026-11-24", "2026-11-24T21:30:00Z"), ("2026-11-27", "2026-11-27T18:30:00Z"),
        ("2026-03-06", "2026-03-06T21:30:00Z"), ("2026-03-09", "2026-03-09T20:30:00Z"),
    ])
    func `a day is due half an hour after its own closing bell`(date: String, time: String) throws {
        let day = try #require(CalendarDate(date))
        let due = try at(time)
        #expect(ReportSchedule.dueTime(day: day) == due)
        let last = day.adding(days: -1)
        let began = try at("2020-01-02T15:00:00Z")
        #expect(ReportSchedule.dueDays(after: last, began: began, now: due.adding(seconds: -1)).isEmpty)
        #expect(ReportSchedule.dueDays(after: last, began: began, now: due) == [day])
        #expect(ReportSchedule.dueDays(after: day, began: began, now: due).isEmpty)
    }

    @Test func `what was missed is made up for, up to five days, and nothing from before there was anything`()
        throws
    {
        let now = try at("2026-11-30T12:00:00Z")
        let began = try at("2020-01-02T15:00:00Z")
        let last = CalendarDate("2026-11-23")
        #expect(
            ReportSchedule.dueDays(after: last, began: began, now: now)
                == dates("2026-11-24", "2026-11-25", "2026-11-27"))
        #expect(ReportSchedule.dueDays(after: nil, began: began, now: now).count == ReportSchedule.mostDays)
        // Set up on Wednesday evening: Friday is the first day to tell of.
        #expect(
            ReportSchedule.dueDays(after: nil, began: try at("2026-11-25T23:00:00Z"), now: now)
                == dates("2026-11-27"))
    }

    @Test(arguments: [
        ("2026-W48", "2026-11-29T14:00:00Z"), ("2026-W10", "2026-03-08T13:00:00Z"),
        ("2026-W44", "2026-11-01T14:00:00Z"), ("2026-W53", "2027-01-03T14:00:00Z"),
    ])
    func `a week is due on Sunday at nine in New York, also when the clocks change that day`(
        name: String, time: String
    ) throws {
        let week = try #require(ISOWeek(name))
        let due = try at(time)
        #expect(ReportSchedule.dueTime(week: week) == due)
        let last = week.adding(weeks: -1)
        let began = try at("2020-01-02T15:00:00Z")
        #expect(ReportSchedule.dueWeeks(after: last, began: began, now: due.adding(seconds: -1)).isEmpty)
        #expect(ReportSchedule.dueWeeks(after: last, began: began, now: due) == [week])
        #expect(ReportSchedule.dueWeeks(after: week, began: began, now: due).isEmpty)
        #expect(
            ReportSchedule.dueWeeks(after: week.adding(weeks: -3), began: began, now: due)
                == [week.adding(weeks: -2), last, week])
    }
}
