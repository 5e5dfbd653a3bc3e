import Domain
import Testing

struct TimeChecksTests {
    private func context(opensIn: Int?, closesIn: Int?, isOpen: Bool) -> CheckContext {
        Sample.context().with {
            $0.window = TradingWindow(
                isOpenNow: isOpen, opensAt: opensIn.map { Sample.now.adding(seconds: $0) },
                closesAt: closesIn.map { Sample.now.adding(seconds: $0) }, source: .broker)
        }
    }

    @Test func `the last minutes before the close count as closed`() {
        let open = context(opensIn: 60_000, closesIn: 901, isOpen: true)
        let closing = context(opensIn: 60_000, closesIn: 900, isOpen: true)
        for phase in CheckPhase.allCases {
            #expect(open.outcome(.tradingHours, Sample.plain, phase) == .pass)
            #expect(closing.outcome(.tradingHours, Sample.plain, phase) == .fail)
        }
        let always = context(opensIn: nil, closesIn: nil, isOpen: true)
        #expect(always.outcome(.tradingHours, Sample.plain, .claim) == .pass)
    }

    @Test func `an order is held where the market opens while its approval could still hold`() {
        let soon = context(opensIn: 45 * 60 - 1, closesIn: nil, isOpen: false)
        let late = context(opensIn: 45 * 60, closesIn: nil, isOpen: false)
        #expect(soon.outcome(.tradingHours) == .warn)
        #expect(late.outcome(.tradingHours) == .fail)
        #expect(soon.finding(.tradingHours)?.detail.contains("held until then") == true)
        #expect(soon.outcome(.tradingHours, Sample.plain, .release) == .fail)
        let verySoon = context(opensIn: 15 * 60 - 1, closesIn: nil, isOpen: false)
        #expect(verySoon.outcome(.tradingHours, Sample.plain, .release) == .warn)
        #expect(verySoon.outcome(.tradingHours, Sample.plain, .claim) == .fail)
    }

    @Test func `fails where nobody knows the hours`() {
        #expect(Sample.context().with { $0.window = nil }.outcome(.tradingHours) == .fail)
        #expect(context(opensIn: nil, closesIn: nil, isOpen: false).outcome(.tradingHours) == .fail)
        let off = Sample.context().with {
            $0.window = nil
            $0.policy.limits.hours = nil
        }
        #expect(off.outcome(.tradingHours) == .skipped)
    }

    @Test func `an order for the opening auction never goes out in the hours`() {
        #expect(Sample.context().outcome(.tradingHours, Sample.terms(tif: .opg)) == .fail)
        #expect(Sample.context().outcome(.tradingHours, Sample.terms(tif: .cls)) == .pass)
    }

    @Test func `the broker's clock is read forward`() {
        let open = BrokerClock(
            isOpen: true, nextOpen: Sample.now.adding(seconds: 1000),
            nextClose: Sample.now.adding(seconds: 10),
            timestamp: Sample.now)
        #expect(TradingWindow(clock: open, now: Sample.now).isOpenNow)
        #expect(!TradingWindow(clock: open, now: Sample.now.adding(seconds: 10)).isOpenNow)
        #expect(TradingWindow(clock: open, now: Sample.now.adding(seconds: 10)).opensAt != nil)
        #expect(!TradingWindow(clock: open, now: Sample.now.adding(seconds: 1000)).isOpenNow)
        let closed = BrokerClock(
            isOpen: false, nextOpen: Sample.now.adding(seconds: 10),
            nextClose: Sample.now.adding(seconds: 1000),
            timestamp: Sample.now)
        #expect(!TradingWindow(clock: closed, now: Sample.now).isOpenNow)
        #expect(TradingWindow(clock: closed, now: Sample.now.adding(seconds: 10)).isOpenNow)
        #expect(!TradingWindow(clock: closed, now: Sample.now.adding(seconds: 1000)).isOpenNow)
        let always = BrokerClock(isOpen: true, nextOpen: nil, nextClose: nil, timestamp: Sample.now)
        #expect(TradingWindow(clock: always, now: Sample.now.adding(minutes: 9999)).isOpenNow)
    }

    @Test func `the calendar stands in for a clock, and adds the hours the clock does not know`() throws {
        func window(_ time: String, _ clock: BrokerClock?, extended: Bool = false) throws -> TradingWindow {
            var hours = try #require(Policy.presets[0].policy.limits.hours)
            (hours.allowsPreMarket, hours.allowsAfterHours) = (extended, extended)
            return TradingWindow(
                clock: clock, calendar: .nyse, hours: hours, now: try #require(Timestamp(rfc3339: time)))
        }
        let open = try window("2026-11-23T15:00:00Z", nil)
        #expect(open.isOpenNow && open.source == .calendar)
        #expect(open.closesAt?.rfc3339 == "2026-11-23T21:00:00Z")
        #expect(open.opensAt?.rfc3339 == "2026-11-24T14:30:00Z")
        let early = try window("2026-11-23T13:00:00Z", nil)
        #expect(!early.isOpenNow && early.opensAt?.rfc3339 == "2026-11-23T14:30:00Z")
        #expect(try window("2026-11-23T13:00:00Z", nil, extended: true).isOpenNow)
        let closed = BrokerClock(
            isOpen: false, nextOpen: Timestamp(rfc3339: "2026-11-23T14:30:00Z"), nextClose: nil,
            timestamp: Sample.now)
        #expect(try !window("2026-11-23T13:00:00Z", closed).isOpenNow)
        #expect(try window("2026-11-23T13:00:00Z", closed, extended: true).isOpenNow)
        let night = try window("2026-11-23T08:00:00Z", closed, extended: true)
        #expect(!night.isOpenNow && night.opensAt?.rfc3339 == "2026-11-23T09:00:00Z")
        let always = BrokerClock(isOpen: true, nextOpen: nil, nextClose: nil, timestamp: Sample.now)
        #expect(try window("2026-11-22T08:00:00Z", always, extended: true).isOpenNow)
    }

    @Test(arguments: [(0, Finding.Outcome.fail), (299, .fail), (300, .pass), (-5, .fail)])
    func `the same intent twice in a while is a repetition`(age: Int, outcome: Finding.Outcome) {
        #expect(repeating(age: age).outcome(.duplicateWindow) == outcome)
    }

    @Test func `another trade, bot or proposal is no repetition`() {
        let context = repeating(age: 10)
        #expect(context.outcome(.duplicateWindow, Sample.terms(qty: "11")) == .pass)
        #expect(context.outcome(.duplicateWindow, Sample.terms(.sell)) == .pass)
        #expect(context.outcome(.duplicateWindow, Sample.terms(symbol: "AMD")) == .pass)
        #expect(context.outcome(.duplicateWindow, Sample.terms(limit: "99", stopLoss: "90")) == .fail)
        #expect(context.with { $0.proposer = "shorgan-bot" }.outcome(.duplicateWindow) == .pass)
        #expect(context.with { $0.proposalID = Sample.identifier(1) }.outcome(.duplicateWindow) == .pass)
        #expect(
            context.with { $0.policy.limits.duplicateWindowSeconds = nil }.outcome(.duplicateWindow)
                == .skipped)
        #expect(context.outcome(.duplicateWindow, Sample.plain, .claim) == .skipped)
    }

    @Test func `the newest of several intents counts`() {
        let context = repeating(age: 10).with { $0.recentIntents.add(intent(age: 1000, number: 2)) }
        #expect(context.outcome(.duplicateWindow) == .fail)
        #expect(context.finding(.duplicateWindow)?.value == "10")
    }

    private func intent(age: Int, number: Int) -> RecentIntents.Intent {
        RecentIntents.Intent(
            proposalID: Sample.identifier(number), symbol: "NVDA", side: .buy, qty: ExactDecimal(10),
            createdAt: Sample.now.adding(seconds: -age), proposer: "dee-bot")
    }

    private func repeating(age: Int) -> CheckContext {
        Sample.context().with { $0.recentIntents = RecentIntents([intent(age: age, number: 1)]) }
    }
}
