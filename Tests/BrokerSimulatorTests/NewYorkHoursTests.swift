import Domain
import JSON
import Testing

@testable import BrokerSimulator

@Suite struct NewYorkHoursTests {
    private func instant(_ text: String) throws -> Timestamp { try #require(Timestamp(rfc3339: text)) }

    @Test func `the clock keeps New York's hours in winter and summer`() async throws {
        let caller = try Caller { $0.clock = .market }
        let winter = try await caller.post("/sim/clock", ["now": "2026-11-24T14:29:59Z", "frozen": true])
        #expect(winter["is_open"] == false)
        #expect(winter.text("timestamp") == "2026-11-24T09:29:59-05:00")
        #expect(winter.text("next_open") == "2026-11-24T09:30:00-05:00")
        let summer = try await caller.post("/sim/clock", ["now": "2026-07-01T13:30:00Z", "frozen": true])
        #expect(summer["is_open"] == true)
        #expect(summer.text("next_close") == "2026-07-01T16:00:00-04:00")
        #expect(summer.text("next_open") == "2026-07-02T09:30:00-04:00")
    }

    @Test func `the calendar leaves out holidays and shortens the day after Thanksgiving`() async throws {
        let caller = try Caller { $0.clock = .market }
        let days = try await caller.get("/v2/calendar?start=2026-11-25&end=2026-11-30").json
        #expect(
            days.arrayValue?.map { $0["date"]?.stringValue } == ["2026-11-25", "2026-11-27", "2026-11-30"])
        #expect(days[0]?["settlement_date"] == "2026-11-27")
        #expect(days[1]?["close"] == "13:00")
        #expect(days[1]?["session_open"] == "0400")
        #expect(days[0]?["session_close"] == "2000")
    }

    @Test func `orders for extended hours trade from four to eight only`() throws {
        let hours = NewYorkHours()
        #expect(!hours.isExtendedSession(at: try instant("2026-11-24T08:59:59Z")))
        #expect(hours.isExtendedSession(at: try instant("2026-11-24T09:00:00Z")))
        #expect(!hours.isExtendedSession(at: try instant("2026-11-24T15:00:00Z")))
        #expect(hours.isExtendedSession(at: try instant("2026-11-25T00:59:59Z")))
        #expect(!hours.isExtendedSession(at: try instant("2026-11-26T15:00:00Z")))
    }

    @Test func `an order of Friday evening fills on Monday morning`() throws {
        var desk = Desk(hours: NewYorkHours())
        desk.now = try instant("2026-11-20T22:00:00Z")
        desk.exchange = SimulatedExchange(settings: ExchangeSettings(), hours: NewYorkHours(), at: desk.now)
        let id = try desk.trade("buy", "1", "AAPL")
        desk.wait(seconds: 2 * 86_400)
        #expect(desk.status(id) == "accepted")
        desk.wait(seconds: 16 * 3600 + 30 * 60)
        #expect(desk.status(id) == "filled")
        #expect(desk.text(id, "filled_at") == "2026-11-23T14:30:00Z")
    }
}
