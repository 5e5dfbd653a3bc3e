import Domain
import Foundation
import Testing

/// Clocks of the world, judged by another implementation.
struct ZoneTests {
    private func instant(_ text: String) throws -> Timestamp {
        try #require(Timestamp(rfc3339: text))
    }

    private func date(_ text: String) throws -> CalendarDate {
        try #require(CalendarDate(text))
    }

    @Test(arguments: [
        ("2026-03-08T06:59:59Z", "2026-03-08", 1 * 3600 + 3599),
        ("2026-03-08T07:00:00Z", "2026-03-08", 3 * 3600),
        ("2026-11-01T05:59:59Z", "2026-11-01", 1 * 3600 + 3599), ("2026-11-01T06:00:00Z", "2026-11-01", 3600),
        ("2026-07-04T03:59:59.999999Z", "2026-07-03", 86_399), ("2026-01-01T04:59:59Z", "2025-12-31", 86_399),
        ("1969-12-31T23:59:59.5Z", "1969-12-31", 18 * 3600 + 3599),
    ])
    func `New York's clock`(text: String, day: String, second: Int) throws {
        let time = NewYork.time(try instant(text))
        #expect(time.date == (try date(day)))
        #expect(time.secondOfDay == second)
    }

    @Test func `a time shown twice is the first, a time skipped counts on`() throws {
        #expect(
            NewYork.timestamp(try date("2026-11-01"), hour: 1, minute: 30)
                == (try instant("2026-11-01T05:30:00Z")))
        #expect(
            NewYork.timestamp(try date("2026-03-08"), hour: 2, minute: 30)
                == (try instant("2026-03-08T07:30:00Z")))
        #expect(NewYork.timestamp(try date("2026-03-08"), hour: 3) == (try instant("2026-03-08T07:00:00Z")))
    }

    @Test(arguments: [
        "America/New_York", "Europe/Berlin", "Europe/Dublin", "Asia/Kolkata", "Asia/Tokyo",
        "Australia/Sydney",
        "Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Auckland", "Asia/Kathmandu", "Etc/GMT+5",
    ])
    func `offsets are those of another implementation, and local times lead back`(name: String) throws {
        let zone = try #require(Zone(name: name))
        let judge = try #require(TimeZone(identifier: name))
        for step in 0..<6000 {
            let seconds = 315_532_800 + Int64(step) * 299_993  // from 1980 to 2037, at all times of the day
            let instant = Timestamp(seconds: seconds)
            let expected = judge.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds)))
            #expect(zone.offsetSeconds(at: instant) == expected, "\(name) at \(instant)")
            let time = ZonedTime(instant, in: zone)
            let back = zone.timestamp(
                time.date, hour: time.hour, minute: time.minute, second: time.secondOfDay % 60)
            #expect(
                back == instant || ZonedTime(back, in: zone).secondOfDay == time.secondOfDay && back < instant
            )
        }
    }

    @Test func `changes far ahead follow the rule`() throws {
        #expect(NewYork.time(try instant("2060-07-01T12:00:00Z")).hour == 8)
        #expect(NewYork.time(try instant("2060-12-01T12:00:00Z")).hour == 7)
    }

    @Test(arguments: [
        "", "Mars/Olympus", "../../etc/passwd", "/usr/share/zoneinfo/UTC", "America", "tzdata.zi",
        "America//New_York",
        "America/New_York\0", "right/America/New_York",
    ])
    func `what is no zone is refused`(name: String) {
        #expect(Zone(name: name) == nil)
    }

    @Test func `times read as people write them`() throws {
        let deadline = try instant("2026-11-24T19:32:00Z")
        #expect(NewYork.time(deadline).clockText == "14:32 New York")
        #expect(NewYork.time(deadline).text == "Tue 2026-11-24 14:32 New York")
        #expect(ZonedTime(deadline, in: .utc).clockText == "19:32 UTC")
        #expect(
            ZonedTime(deadline, in: try #require(Zone(name: "Europe/Berlin"))).clockText == "20:32 Berlin")
        #expect(ZonedTime(try instant("2026-01-01T05:05:00Z"), in: .newYork).clockText == "00:05 New York")
    }
}
