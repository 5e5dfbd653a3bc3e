import Domain
import Testing

/// A trading day begins at its opening bell in New York.
struct LossDayTests {
    @Test(arguments: [
        // Standard time: the bell is at 14:30 UTC.
        ("2026-11-23T14:29:59Z", "2026-11-20"), ("2026-11-23T14:30:00Z", "2026-11-23"),
        // Neither midnight changes anything, nor does the close.
        ("2026-11-23T21:00:00Z", "2026-11-23"), ("2026-11-24T00:00:00Z", "2026-11-23"),
        ("2026-11-24T05:00:00Z", "2026-11-23"), ("2026-11-24T14:29:59Z", "2026-11-23"),
        // Thanksgiving and an early close.
        ("2026-11-26T16:00:00Z", "2026-11-25"), ("2026-11-27T14:30:00Z", "2026-11-27"),
        ("2026-11-27T18:30:00Z", "2026-11-27"), ("2026-11-29T12:00:00Z", "2026-11-27"),
        // Clocks go forward on Sunday 8 March: the bell is an hour earlier in UTC from then on.
        ("2026-03-06T14:29:59Z", "2026-03-05"), ("2026-03-06T14:30:00Z", "2026-03-06"),
        ("2026-03-09T13:29:59Z", "2026-03-06"), ("2026-03-09T13:30:00Z", "2026-03-09"),
        // And back on Sunday 1 November.
        ("2026-10-30T13:30:00Z", "2026-10-30"), ("2026-11-02T13:30:00Z", "2026-10-30"),
        ("2026-11-02T14:30:00Z", "2026-11-02"),
    ])
    func `it lasts from bell to bell`(instant: String, day: String) throws {
        let at = try #require(Timestamp(rfc3339: instant))
        #expect(MarketCalendar.nyse.lossDay(at: at).description == day)
    }
}
