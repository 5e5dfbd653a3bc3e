import Domain
import Testing

/// Days and weeks as numbers and as text.
struct CalendarDateTests {
    @Test func `a day reads and writes`() {
        #expect(CalendarDate("2026-11-27")?.description == "2026-11-27")
        #expect(CalendarDate("1970-01-01")?.daysSince1970 == 0)
        #expect(CalendarDate("2024-02-29") != nil && CalendarDate("2000-02-29") != nil)
        #expect(CalendarDate(year: 2026, month: 11, day: 27) == CalendarDate("2026-11-27"))
    }

    @Test(arguments: [
        "", "2026-11-31", "2023-02-29", "1900-02-29", "2026-13-01", "2026-00-10", "2026-1-01", "26-01-01",
        "0000-01-01", "2026-11-27T", " 2026-11-27", "+026-11-27", "2026-11--1", "２０２６-11-27",
    ])
    func `what is no day is refused`(text: String) {
        #expect(CalendarDate(text) == nil)
    }

    @Test func `days follow each other over the ends of months and years`() throws {
        var date = try #require(CalendarDate("1999-12-30"))
        var weekday = date.weekday
        #expect(weekday == .thursday)
        for _ in 0..<20_000 {
            let next = date.adding(days: 1)
            #expect(next > date && CalendarDate(next.description) == next)
            weekday = weekday == .sunday ? .monday : try #require(Weekday(rawValue: weekday.rawValue + 1))
            #expect(next.weekday == weekday)
            date = next
        }
    }

    @Test(arguments: [
        ("2026-11-27", "2026-W48"), ("2024-12-30", "2025-W01"), ("2027-01-03", "2026-W53"),
        ("2021-01-01", "2020-W53"), ("2016-01-03", "2015-W53"), ("2023-01-01", "2022-W52"),
        ("2008-12-29", "2009-W01"), ("2010-01-03", "2009-W53"), ("1969-12-29", "1970-W01"),
    ])
    func `a week belongs to the year of its Thursday`(day: String, week: String) throws {
        let date = try #require(CalendarDate(day))
        #expect(date.isoWeek.description == week)
        #expect(ISOWeek(week) == date.isoWeek)
        #expect(date.isoWeek.days.contains(date) && date.isoWeek.days.count == 7)
        #expect(date.isoWeek.monday.weekday == .monday && date.isoWeek.sunday.weekday == .sunday)
    }

    @Test(arguments: [
        "2026-W00", "2026-W54", "2025-W53", "2026-48", "2026-W4", "2026-W048", "2026W48", "2026-w48", "",
    ])
    func `what is no week is refused`(text: String) {
        #expect(ISOWeek(text) == nil)
    }

    @Test func `weeks follow each other over the end of a year`() throws {
        let week = try #require(ISOWeek("2026-W53"))
        #expect(week.adding(weeks: 1).description == "2027-W01")
        #expect(week.adding(weeks: -53).description == "2025-W52")
        #expect(week < week.adding(weeks: 1))
    }
}
