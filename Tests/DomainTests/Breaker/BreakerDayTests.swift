import Domain
import Testing

/// Breakers over days as the books have them: over midnight, over the bell, over the change of the clocks.
struct BreakerDayTests {
    private static let policy = BreakerPolicy([
        .dailyLoss: BreakerRule([.usd: ExactDecimal(500)]),
        .drawdown: BreakerRule([.pct: ExactDecimal("0.1") ?? .one]),
    ])

    /// Books and breakers side by side, as each snapshot brings them on.
    private struct Watch {
        var curve = EquityCurve(after: nil)
        var panel = BreakerPanel()

        /// What trips at that moment; the panel is stored and read again in between, as by a restart.
        mutating func see(_ at: String, _ equity: String, flows: [CashFlow] = []) -> [BreakerKind] {
            curve.take(EquityCurveTests.point(at, equity), flows: flows)
            guard let today = curve.today else { return [] }
            let ground = BreakerGround(
                day: today.day, equity: today.endEquity, previousEquity: today.startEquity,
                cashFlow: today.capitalFlows, highWaterMark: today.highWaterMark)
            panel = BreakerPanel(
                panel.breakers.values.map { Breaker($0.kind, target: $0.target, state: $0.state) })
            return panel.read(ground, BreakerDayTests.policy).trips.map(\.kind)
        }

        mutating func clear() {
            panel = BreakerPanel(
                panel.breakers.values.map { kept in
                    var breaker = kept
                    breaker.haltCleared()
                    return breaker
                })
        }
    }

    /// The same hours by New York's clock in winter, in summer, and over both changes.
    @Test(arguments: [
        ("2026-01-15T21:00:00Z", "2026-01-16T05:10:00Z", "2026-01-16T20:00:00Z", "2026-01-16T21:05:01Z"),
        ("2026-07-15T20:00:00Z", "2026-07-16T04:10:00Z", "2026-07-16T19:00:00Z", "2026-07-16T20:05:01Z"),
        // Friday in winter's time, Monday in summer's; and back.
        ("2026-03-06T21:00:00Z", "2026-03-09T04:10:00Z", "2026-03-09T19:00:00Z", "2026-03-09T20:05:01Z"),
        ("2026-10-30T20:00:00Z", "2026-11-02T05:10:00Z", "2026-11-02T20:00:00Z", "2026-11-02T21:05:01Z"),
    ])
    func `no midnight clears a loss, the bell begins a new day`(
        close: String, midnight: String, afternoon: String, nextDay: String
    ) {
        var watch = Watch()
        #expect(watch.see(close, "100000").isEmpty)
        // Half of it is lost before midnight in New York or after it, the rest by day: it counts as one.
        #expect(watch.see(midnight, "99700").isEmpty)
        var other = watch
        #expect(watch.see(afternoon, "99500.01").isEmpty)
        #expect(watch.see(afternoon, "99500") == [.dailyLoss])
        watch.clear()
        #expect(watch.see(afternoon, "99000").isEmpty)
        // The next day begins at what the close left: the same loss does not count again, a new one does.
        #expect(watch.see(nextDay, "99000").isEmpty)
        #expect(watch.see(nextDay, "98500.01").isEmpty)
        #expect(watch.see(nextDay, "98500") == [.dailyLoss])
        // What was lost on two days is no loss of one day.
        #expect(other.see(afternoon, "99600").isEmpty)
        #expect(other.see(nextDay, "99300").isEmpty)
    }

    @Test func `a halt that nobody cleared outlives every bell`() {
        var watch = Watch()
        #expect(watch.see("2026-11-20T15:00:00Z", "100000").isEmpty)
        #expect(watch.see("2026-11-20T16:00:00Z", "99000") == [.dailyLoss])
        for day in ["2026-11-23", "2026-11-24", "2026-11-25"] {
            #expect(watch.see("\(day)T15:00:00Z", "98000").isEmpty)
            let states = watch.panel.breakers.values.filter { $0.kind == .dailyLoss }.map(\.state)
            #expect(states.allSatisfy { if case .tripped = $0 { true } else { false } } && states.count == 1)
        }
    }

    @Test func `money paid in or taken out moves the mark, and is neither profit nor loss`() {
        var watch = Watch()
        #expect(watch.see("2026-11-23T15:00:00Z", "100000").isEmpty)
        let paidIn = EquityCurveTests.flow("2026-11-23T15:30:00Z", "50000")
        #expect(watch.see("2026-11-23T16:00:00Z", "150000", flows: [paidIn]).isEmpty)
        let takenOut = EquityCurveTests.flow("2026-11-23T16:30:00Z", "-100000", "CSW")
        #expect(watch.see("2026-11-23T17:00:00Z", "50000", flows: [takenOut]).isEmpty)
        #expect(watch.see("2026-11-23T18:00:00Z", "49500.01").isEmpty)
        #expect(watch.see("2026-11-23T18:01:00Z", "49500") == [.dailyLoss])
    }

    @Test func `a profit of any size trips nothing, on any day`() {
        var watch = Watch()
        for (hour, equity) in [
            (15, "100000"), (16, "200000"), (17, "900000"), (18, "899600"), (19, "5000000"),
        ] {
            #expect(watch.see("2026-11-23T\(hour):00:00Z", equity).isEmpty)
        }
    }
}
