import Domain
import Testing

/// When a policy lets orders be sent.
struct TradingHoursTests {
    private let calendar = MarketCalendar.nyse

    private func instant(_ text: String) throws -> Timestamp {
        try #require(Timestamp(rfc3339: text))
    }

    private func window(_ day: String, _ hours: TradingHours) throws -> String? {
        let date = try #require(CalendarDate(day))
        guard let window = calendar.tradingWindow(on: date, hours) else { return nil }
        let clocks = [window.lowerBound, window.upperBound].map { NewYork.time($0).clockText.prefix(5) }
        return clocks.joined(separator: "-")
    }

    @Test func `the buffer counts from the day's own close`() throws {
        let hours = TradingHours(closeBufferMinutes: 15)
        #expect(try window("2026-11-25", hours) == "09:30-15:45")
        #expect(try window("2026-11-27", hours) == "09:30-12:45")
        #expect(try window("2026-11-26", hours) == nil)
    }

    @Test func `trading before and after the bells where the policy has it`() throws {
        #expect(
            try window("2026-11-25", TradingHours(closeBufferMinutes: 0, preMarket: true)) == "04:00-16:00")
        let after = TradingHours(closeBufferMinutes: 15, afterHours: true)
        #expect(try window("2026-11-25", after) == "09:30-19:45")
        #expect(try window("2026-11-27", after) == "09:30-16:45")
    }

    @Test func `a buffer longer than the day leaves nothing`() throws {
        #expect(try window("2026-11-27", TradingHours(closeBufferMinutes: 210)) == nil)
        #expect(try window("2026-11-27", TradingHours(closeBufferMinutes: 209)) == "09:30-09:31")
    }

    @Test(arguments: [
        ("2026-11-27T14:29:59Z", false), ("2026-11-27T14:30:00Z", true),
        ("2026-11-27T17:44:59.999999Z", true),
        ("2026-11-27T17:45:00Z", false), ("2026-11-25T20:44:59Z", true), ("2026-11-25T20:45:00Z", false),
        ("2026-11-26T16:00:00Z", false), ("2026-11-28T16:00:00Z", false),
    ])
    func `sending stops when the buffer begins`(at: String, allows: Bool) throws {
        #expect(calendar.allowsTrading(at: try instant(at), TradingHours(closeBufferMinutes: 15)) == allows)
    }

    @Test func `a held approval waits for the next window`() throws {
        let hours = TradingHours(closeBufferMinutes: 15)
        let running = calendar.tradingWindow(at: try instant("2026-11-25T16:00:00Z"), hours)
        #expect(running?.contains(try instant("2026-11-25T16:00:00Z")) == true)
        let next = calendar.tradingWindow(at: try instant("2026-11-25T20:45:00Z"), hours)
        #expect(next?.lowerBound == (try instant("2026-11-27T14:30:00Z")))
        #expect(next?.upperBound == (try instant("2026-11-27T17:45:00Z")))
        #expect(
            calendar.tradingWindow(
                at: try instant("2026-11-25T16:00:00Z"), TradingHours(closeBufferMinutes: 2000)) == nil)
    }

    @Test(arguments: [
        ("2026-11-27T08:59:59Z", MarketPhase.closed), ("2026-11-27T09:00:00Z", .preMarket),
        ("2026-11-27T14:30:00Z", .open), ("2026-11-27T18:00:00Z", .afterHours),
        ("2026-11-27T22:00:00Z", .closed),
        ("2026-11-26T16:00:00Z", .closed), ("2026-11-26T00:59:59Z", .afterHours),
        ("2026-11-26T01:00:00Z", .closed),
    ])
    func `the phases of a day`(at: String, phase: MarketPhase) throws {
        #expect(calendar.phase(at: try instant(at)) == phase)
    }
}
