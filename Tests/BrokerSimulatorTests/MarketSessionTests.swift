import Domain
import JSON
import Testing

@testable import BrokerSimulator

@Suite struct MarketSessionTests {
    /// A desk at that hour UTC of a day with a session from 14:00 to 20:00.
    private func desk(hour: Int) -> Desk {
        var desk = Desk(hours: DaytimeHours())
        let midnight = desk.now.microseconds / 86_400_000_000 * 86_400
        desk.now = Timestamp(seconds: midnight + Int64(hour) * 3600)
        desk.exchange = SimulatedExchange(settings: ExchangeSettings(), hours: DaytimeHours(), at: desk.now)
        return desk
    }

    @Test func `an order waits for the market to open`() throws {
        var desk = desk(hour: 13)
        let id = try desk.trade("buy", "1", "AAPL")
        #expect(desk.status(id) == "accepted")
        desk.wait(seconds: 3599)
        #expect(desk.status(id) == "accepted")
        desk.wait(seconds: 1)
        #expect(desk.status(id) == "filled")
    }

    @Test func `an order after the close is for the next day`() throws {
        var desk = desk(hour: 21)
        let id = try desk.trade("buy", "1", "AAPL", limit: "150")
        desk.wait(seconds: 18 * 3600)
        #expect(desk.status(id) == "new")
        desk.wait(seconds: 5 * 3600)
        #expect(desk.status(id) == "expired")
    }

    @Test func `a day order expires at the close and others do not`() throws {
        var desk = desk(hour: 15)
        let day = try desk.trade("buy", "1", "AAPL", limit: "150")
        let lasting = try desk.trade("buy", "1", "AAPL", limit: "150", more: ["time_in_force": "gtc"])
        desk.wait(seconds: 5 * 3600)
        #expect(desk.status(day) == "expired")
        #expect(desk.text(day, "expired_at")?.hasSuffix("T20:00:00Z") == true)
        #expect(desk.status(lasting) == "new")
        desk.wait(seconds: 91 * 86_400)
        #expect(desk.status(lasting) == "expired")
        #expect(desk.account("buying_power") == "100000")
    }

    @Test func `the legs of a day bracket expire with it`() throws {
        var desk = desk(hour: 15)
        let id = try desk.trade(
            "buy", "1", "AAPL",
            more: [
                "order_class": "bracket", "take_profit": ["limit_price": "210"],
                "stop_loss": ["stop_price": "180"],
            ])
        desk.wait(seconds: 5 * 3600)
        let legs = desk.order(id)["legs"]?.arrayValue ?? []
        #expect(legs.map { $0["status"]?.stringValue } == ["expired", "expired"])
        #expect(desk.position("AAPL", "qty_available") == "1")
    }

    @Test func `an order for extended hours trades outside the session`() throws {
        var desk = desk(hour: 13)
        let id = try desk.trade("buy", "1", "AAPL", limit: "191", more: ["extended_hours": true])
        #expect(desk.status(id) == "filled")
        desk = self.desk(hour: 3)
        let early = try desk.trade("buy", "1", "AAPL", limit: "191", more: ["extended_hours": true])
        #expect(desk.status(early) == "accepted")
    }

    @Test func `auction orders trade at the open and at the close`() throws {
        var desk = desk(hour: 13)
        let opening = try desk.trade("buy", "1", "AAPL", more: ["time_in_force": "opg"])
        let closing = try desk.trade("buy", "1", "AAPL", more: ["time_in_force": "cls"])
        let missed = try desk.trade("buy", "1", "AAPL", limit: "150", more: ["time_in_force": "opg"])
        desk.wait(seconds: 3600)
        #expect(desk.status(opening) == "filled")
        #expect(desk.status(missed) == "canceled")
        #expect(desk.status(closing) == "accepted")
        #expect(throws: BrokerRejection.self) {
            try desk.trade("buy", "1", "AAPL", more: ["time_in_force": "opg"])
        }
        desk.wait(seconds: 6 * 3600)
        #expect(desk.status(closing) == "filled")
        #expect(desk.text(closing, "filled_at")?.hasSuffix("T20:00:00Z") == true)
    }

    @Test func `a script closes and opens the market`() throws {
        var desk = Desk()
        let resting = try desk.trade("buy", "1", "AAPL", limit: "150")
        try desk.apply(.market, "", ["open": false])
        #expect(desk.status(resting) == "expired")
        #expect(desk.exchange.clockJSON(at: desk.now)["is_open"] == false)
        let id = try desk.trade("buy", "1", "AAPL")
        #expect(desk.status(id) == "accepted")
        try desk.apply(.market, "", ["open": true])
        #expect(desk.status(id) == "filled")
    }

    @Test func `the day's end takes the equity and the prices`() throws {
        var desk = desk(hour: 15)
        try desk.price("AAPL", "100")
        try desk.trade("buy", "10", "AAPL")
        try desk.price("AAPL", "110")
        #expect(desk.account("equity") == "100099.9")
        #expect(desk.account("last_equity") == "100000")
        #expect(desk.position("AAPL", "unrealized_intraday_pl") == "99.9")
        desk.wait(seconds: 6 * 3600)
        #expect(desk.account("last_equity") == "100099.9")
        try desk.price("AAPL", "121")
        #expect(desk.position("AAPL", "lastday_price") == "110")
        #expect(desk.position("AAPL", "change_today") == "0.1")
        #expect(desk.position("AAPL", "unrealized_intraday_pl") == "110")
        #expect(desk.position("AAPL", "unrealized_pl") == "209.9")
        let history = desk.exchange.portfolioHistoryJSON(at: desk.now)
        #expect(
            history["equity"]?.arrayValue?.compactMap(\.numberText) == ["100000", "100099.9", "100209.9"])
    }

    @Test func `the clock tells New York time with its offset`() {
        let desk = desk(hour: 13)
        let clock = desk.exchange.clockJSON(at: desk.now)
        #expect(clock["timestamp"]?.stringValue?.hasSuffix("T08:00:00-05:00") == true)
        #expect(clock["next_open"]?.stringValue?.hasSuffix("T09:00:00-05:00") == true)
        #expect(clock["is_open"] == false)
    }

    @Test func `a market that never closes is never near its close`() {
        let hours = AlwaysOpenHours()
        let start = Timestamp(seconds: 1_794_000_000)
        for minutes in stride(from: 0, to: 3000, by: 7) {
            let now = start.adding(minutes: minutes)
            #expect(hours.isOpen(at: now))
            #expect(hours.nextClose(after: now).seconds(since: now) >= 86_400)
            #expect(hours.nextDayEnd(after: now) > now)
        }
        #expect(hours.days(from: "2026-02-27", through: "2026-03-02").map(\.date).last == "2026-03-02")
        #expect(hours.days(from: "2026-02-27", through: "2026-03-02").count == 4)
        #expect(hours.days(from: "never", through: "2026-03-02").isEmpty)
    }

    @Test func `cash moved in is on the statement and no profit`() throws {
        var desk = Desk()
        try desk.apply(.cash, "", ["amount": "5000"])
        try desk.apply(.cash, "", ["amount": "-1000.5"])
        #expect(desk.account("cash") == "103999.5")
        let entries = desk.exchange.activitiesJSON(ActivityListing(isAscending: true)).arrayValue ?? []
        #expect(entries.map { $0["activity_type"]?.stringValue } == ["CSD", "CSW"])
        #expect(entries.map { $0["net_amount"]?.stringValue } == ["5000", "-1000.5"])
    }
}
