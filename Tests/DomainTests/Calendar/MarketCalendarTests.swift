import Domain
import Testing

/// Holidays, early closes and bells; the lists are those of exchange_calendars 4 for XNYS.
struct MarketCalendarTests {
    private let calendar = MarketCalendar.nyse

    private func instant(_ text: String) throws -> Timestamp {
        try #require(Timestamp(rfc3339: text))
    }

    private func date(_ text: String) throws -> CalendarDate {
        try #require(CalendarDate(text))
    }

    private func year(_ year: Int) throws -> ClosedRange<CalendarDate> {
        try date("\(year)-01-01")...date("\(year)-12-31")
    }

    private func monthsAndDays(_ dates: [CalendarDate]) -> String {
        dates.map { $0.description.dropFirst(5) }.joined(separator: " ")
    }

    /// Year: sessions, weekdays closed, early closes.
    private static let judged: [(year: Int, sessions: Int, closed: String, early: String)] = [
        (2015, 252, "01-01 01-19 02-16 04-03 05-25 07-03 09-07 11-26 12-25", "11-27 12-24"),
        (2016, 252, "01-01 01-18 02-15 03-25 05-30 07-04 09-05 11-24 12-26", "11-25"),
        (2017, 251, "01-02 01-16 02-20 04-14 05-29 07-04 09-04 11-23 12-25", "07-03 11-24"),
        (2018, 251, "01-01 01-15 02-19 03-30 05-28 07-04 09-03 11-22 12-05 12-25", "07-03 11-23 12-24"),
        (2019, 252, "01-01 01-21 02-18 04-19 05-27 07-04 09-02 11-28 12-25", "07-03 11-29 12-24"),
        (2020, 253, "01-01 01-20 02-17 04-10 05-25 07-03 09-07 11-26 12-25", "11-27 12-24"),
        (2021, 252, "01-01 01-18 02-15 04-02 05-31 07-05 09-06 11-25 12-24", "11-26"),
        (2022, 251, "01-17 02-21 04-15 05-30 06-20 07-04 09-05 11-24 12-26", "11-25"),
        (2023, 250, "01-02 01-16 02-20 04-07 05-29 06-19 07-04 09-04 11-23 12-25", "07-03 11-24"),
        (2024, 252, "01-01 01-15 02-19 03-29 05-27 06-19 07-04 09-02 11-28 12-25", "07-03 11-29 12-24"),
        (2025, 250, "01-01 01-09 01-20 02-17 04-18 05-26 06-19 07-04 09-01 11-27 12-25", "07-03 11-28 12-24"),
        (2026, 251, "01-01 01-19 02-16 04-03 05-25 06-19 07-03 09-07 11-26 12-25", "11-27 12-24"),
        (2027, 251, "01-01 01-18 02-15 03-26 05-31 06-18 07-05 09-06 11-25 12-24", "11-26"),
        (2028, 251, "01-17 02-21 04-14 05-29 06-19 07-04 09-04 11-23 12-25", "07-03 11-24"),
        (2029, 251, "01-01 01-15 02-19 03-30 05-28 06-19 07-04 09-03 11-22 12-25", "07-03 11-23 12-24"),
        (2030, 251, "01-01 01-21 02-18 04-19 05-27 06-19 07-04 09-02 11-28 12-25", "07-03 11-29 12-24"),
    ]

    @Test(arguments: judged.indices)
    func `a year's holidays and early closes`(index: Int) throws {
        let judged = Self.judged[index]
        let days = try year(judged.year)
        let sessions = calendar.sessions(days)
        let open = Set(sessions.map(\.date))
        let weekdays = (days.lowerBound.daysSince1970...days.upperBound.daysSince1970)
            .map(CalendarDate.init(daysSince1970:)).filter { !$0.weekday.isWeekend }
        let closed = weekdays.filter { !open.contains($0) }
        #expect(sessions.count == judged.sessions)
        #expect(monthsAndDays(closed) == judged.closed)
        #expect(monthsAndDays(sessions.filter(\.isEarlyClose).map(\.date)) == judged.early)
    }

    @Test func `every bell from 2015 to 2030 rings at the judged minute`() throws {
        let sessions = calendar.sessions(try date("2015-01-01")...date("2030-12-31"))
        #expect(sessions.count == 4021)
        var sum: Int64 = 0
        for bell in sessions.flatMap({ [$0.opensAt, $0.closesAt] }) {
            sum = (sum * 31 + bell.microseconds / 60_000_000) % 9_007_199_254_740_881
        }
        #expect(sum == 5119864020422592)
    }

    @Test(arguments: [
        ("2026-03-06", "2026-03-06T14:30:00Z", "2026-03-06T21:00:00Z"),
        ("2026-03-09", "2026-03-09T13:30:00Z", "2026-03-09T20:00:00Z"),
        ("2026-11-27", "2026-11-27T14:30:00Z", "2026-11-27T18:00:00Z"),
        ("2026-10-30", "2026-10-30T13:30:00Z", "2026-10-30T20:00:00Z"),
        ("2026-11-02", "2026-11-02T14:30:00Z", "2026-11-02T21:00:00Z"),
    ])
    func `bells follow New York's clock through summer time`(day: String, opens: String, closes: String)
        throws
    {
        let session = try #require(calendar.session(on: date(day)))
        #expect(session.opensAt == (try instant(opens)))
        #expect(session.closesAt == (try instant(closes)))
    }

    @Test func `a New Year's Day on a Saturday closes no Friday`() throws {
        #expect(calendar.session(on: try date("2021-12-31")) != nil)
        #expect(calendar.session(on: try date("2027-12-31")) != nil)
        #expect(calendar.hours(on: try date("2023-01-02")) == .closed("New Year's Day"))
    }

    @Test func `a closed day says why`() throws {
        #expect(calendar.hours(on: try date("2026-11-26")) == .closed("Thanksgiving"))
        #expect(calendar.hours(on: try date("2026-11-28")) == .closed("Weekend"))
        #expect(calendar.hours(on: try date("2025-01-09")) == .closed("Mourning for President Carter"))
        #expect(calendar.hours(on: try date("2012-10-29")) == .closed("Hurricane Sandy"))
        #expect(calendar.hours(on: try date("2021-06-18")) == .regular)
    }

    @Test func `exceptions hold against the rules and against known closures`() throws {
        let edited = MarketCalendar(exceptions: [
            try date("2026-11-25"): .closed("Storm"), try date("2026-11-26"): .early,
            try date("2025-01-09"): .regular, try date("2026-11-28"): .open(fromMinute: 600, toMinute: 600),
        ])
        #expect(edited.session(on: try date("2026-11-25")) == nil)
        #expect(edited.session(on: try date("2026-11-26"))?.isEarlyClose == true)
        #expect(edited.session(on: try date("2025-01-09")) != nil)
        #expect(edited.session(on: try date("2018-12-05")) == nil)
        #expect(edited.session(on: try date("2026-11-28")) == nil)
    }

    @Test func `open from bell to bell, the last one excluded`() throws {
        for (time, isOpen) in [
            ("14:29:59.999999", false), ("14:30:00", true), ("17:59:59.999999", true), ("18:00:00", false),
        ] {
            #expect(calendar.isOpen(at: try instant("2026-11-27T\(time)Z")) == isOpen)
        }
        #expect(!calendar.isOpen(at: try instant("2026-11-26T16:00:00Z")))
    }

    @Test(arguments: [
        ("2026-11-25T21:00:00Z", "2026-11-27T14:30:00Z", "2026-11-27T18:00:00Z"),
        ("2026-11-27T14:30:00Z", "2026-11-30T14:30:00Z", "2026-11-27T18:00:00Z"),
        ("2026-11-27T14:29:59Z", "2026-11-27T14:30:00Z", "2026-11-27T18:00:00Z"),
        ("2026-11-28T03:00:00Z", "2026-11-30T14:30:00Z", "2026-11-30T21:00:00Z"),
        ("2026-03-08T06:30:00Z", "2026-03-09T13:30:00Z", "2026-03-09T20:00:00Z"),
    ])
    func `the next bells`(from: String, opens: String, closes: String) throws {
        #expect(calendar.nextOpen(after: try instant(from)) == (try instant(opens)))
        #expect(calendar.nextClose(after: try instant(from)) == (try instant(closes)))
    }

    @Test func `sessions before and after a day`() throws {
        #expect(calendar.session(after: try date("2026-11-25"))?.date == (try date("2026-11-27")))
        #expect(calendar.session(before: try date("2026-11-30"))?.date == (try date("2026-11-27")))
    }

    @Test func `a calendar with no day open says so instead of searching on`() throws {
        let first = try date("2026-01-01")
        let closed = (-400...400).map { (first.adding(days: $0), SessionHours.closed("War")) }
        let calendar = MarketCalendar(exceptions: Dictionary(uniqueKeysWithValues: closed))
        let noon = try instant("2026-01-01T17:00:00Z")
        #expect(calendar.nextOpen(after: noon) == nil && calendar.session(before: first) == nil)
        #expect(calendar.tradingDay(of: noon) == first)
    }

    @Test(arguments: [
        ("2026-11-25T04:59:59Z", "2026-11-24"), ("2026-11-25T05:00:00Z", "2026-11-25"),
        ("2026-11-26T04:59:59Z", "2026-11-25"), ("2026-11-26T12:00:00Z", "2026-11-27"),
        ("2026-11-28T12:00:00Z", "2026-11-30"), ("2026-03-08T07:00:00Z", "2026-03-09"),
    ])
    func `an event counts for its session, or the next`(at: String, day: String) throws {
        #expect(calendar.tradingDay(of: try instant(at)) == (try date(day)))
    }
}
