import Domain
import Testing

/// Each breaker just under, at and over its edge, and what lets it watch again.
struct BreakerTests {
    private static let monday = CalendarDate("2026-11-23") ?? CalendarDate(daysSince1970: 0)
    private static let tuesday = monday.adding(days: 1)

    private func decimal(_ text: String) -> ExactDecimal { ExactDecimal(text) ?? .zero }

    private func ground(
        _ equity: String, previous: String = "100000", cashFlow: String = "0", highest: String? = nil,
        day: CalendarDate = monday
    ) -> BreakerGround {
        BreakerGround(
            day: day, equity: decimal(equity), previousEquity: decimal(previous), cashFlow: decimal(cashFlow),
            highWaterMark: highest.map(decimal))
    }

    private func only(_ kind: BreakerKind, _ limits: [BreakerUnit: ExactDecimal]) -> BreakerPolicy {
        BreakerPolicy([kind: BreakerRule(limits)])
    }

    private func trips(_ ground: BreakerGround, _ policy: BreakerPolicy) -> [BreakerTrip] {
        var panel = BreakerPanel()
        return panel.read(ground, policy).trips
    }

    @Test(arguments: [
        ("98000.01", "0", false), ("98000", "0", true), ("97999.99", "0", true), ("99999.99", "0", false),
        // A deposit is no profit, a withdrawal no loss.
        ("108000.01", "10000", false), ("108000", "10000", true), ("90000", "-10000", false),
        ("88000.01", "-10000", false), ("88000", "-10000", true),
        // A profit never trips one, however large.
        ("150000", "0", false), ("100000", "0", false),
    ])
    func `a loss of the day trips at its percentage`(equity: String, cashFlow: String, isTrip: Bool) {
        let policy = only(.dailyLoss, [.pct: decimal("0.02")])
        #expect(trips(ground(equity, cashFlow: cashFlow), policy).isEmpty == !isTrip)
    }

    @Test(arguments: [("99500.01", false), ("99500", true), ("98000", true)])
    func `whichever limit is less trips first`(equity: String, isTrip: Bool) {
        let policy = only(.dailyLoss, [.pct: decimal("0.02"), .usd: decimal("500")])
        let found = trips(ground(equity), policy)
        #expect(found.isEmpty == !isTrip)
        if equity == "99500" { #expect(found.first?.measure.unit == .usd) }
    }

    @Test func `a loss by less than any digit shown stays below the limit`() {
        let policy = only(.dailyLoss, [.pct: decimal("0.02")])
        #expect(trips(ground("98000.000000001"), policy).isEmpty)
        #expect(trips(ground("97999.999999999"), policy).count == 1)
    }

    @Test func `an account that was empty before loses part of what was paid in`() {
        let policy = only(.dailyLoss, [.pct: decimal("0.02")])
        #expect(trips(ground("9800.01", previous: "0", cashFlow: "10000"), policy).isEmpty)
        #expect(trips(ground("9800", previous: "0", cashFlow: "10000"), policy).count == 1)
        #expect(trips(ground("-1", previous: "0"), policy).count == 1)
        #expect(trips(BreakerGround(day: Self.monday, equity: .one), policy).isEmpty)
    }

    @Test(arguments: [("108000.01", false), ("108000", true), ("1", true), ("130000", false)])
    func `a drawdown is counted from the highest`(equity: String, isTrip: Bool) {
        let policy = only(.drawdown, [.pct: decimal("0.1")])
        #expect(trips(ground(equity, highest: "120000"), policy).isEmpty == !isTrip)
        #expect(trips(ground(equity), policy).isEmpty)
    }

    @Test(arguments: [
        ("10", "100", "80.01", false), ("10", "100", "80", true), ("10", "100", "150", false),
        ("-10", "100", "119.99", false), ("-10", "100", "120", true), ("-10", "100", "50", false),
    ])
    func `one position trips by its own loss, long or short`(
        qty: String, entry: String, price: String, isTrip: Bool
    ) {
        let position = Position(
            symbol: "NVDA", qty: decimal(qty), marketValue: decimal(qty) * decimal(price),
            currentPrice: decimal(price), avgEntryPrice: decimal(entry))
        var seen = ground("10000")
        seen.positions = [position]
        let found = trips(seen, only(.positionLoss, [.pct: decimal("0.02")]))
        #expect(found.isEmpty == !isTrip)
        if isTrip { #expect(found[0].target == "NVDA") }
        seen.positions[0].currentPrice = nil
        #expect(trips(seen, only(.positionLoss, [.pct: decimal("0.02")])).isEmpty == !isTrip)
    }

    @Test(arguments: [
        BreakerKind.consecutiveLosses, .executionFailures, .reconcileMismatch, .staleSnapshot,
    ])
    func `counts trip when they reach their limit`(kind: BreakerKind) {
        for count in 0...4 {
            var seen = ground("100000")
            seen.lossesInARow = ["": count]
            seen.failuresInARow = count
            seen.mismatches = count
            seen.snapshotAgeSeconds = count
            #expect(trips(seen, only(kind, [kind.units[0]: ExactDecimal(3)])).isEmpty == (count < 3))
        }
    }

    @Test func `losses in a row may be counted for each strategy`() {
        let policy = BreakerPolicy([
            .consecutiveLosses: BreakerRule([.count: ExactDecimal(3)], scope: .strategy)
        ])
        var seen = ground("100000")
        seen.lossesInARow = ["": 5, "momentum": 3, "turtle": 2]
        #expect(trips(seen, policy).map(\.target) == ["momentum"])
    }

    @Test func `trips once, and not again while its halt is open, whatever the day`() {
        let policy = only(.dailyLoss, [.pct: decimal("0.02")])
        var panel = BreakerPanel()
        #expect(panel.read(ground("97000"), policy).trips.count == 1)
        let again = panel.read(ground("90000"), policy)
        #expect(again.trips.isEmpty && again.changed.isEmpty)
        #expect(panel.read(ground("97000", day: Self.tuesday), policy).trips.isEmpty)
    }

    /// What the panel remembers, as if it had been stored and read again.
    private func restarted(_ panel: BreakerPanel, clearing: Bool) -> BreakerPanel {
        BreakerPanel(
            panel.breakers.values.map { kept in
                var breaker = Breaker(kept.kind, target: kept.target, state: kept.state)
                if clearing { breaker.haltCleared() }
                return breaker
            })
    }

    @Test func `a loss of the day, cleared, watches again on the next trading day`() {
        let policy = only(.dailyLoss, [.pct: decimal("0.02")])
        var panel = BreakerPanel()
        _ = panel.read(ground("97000"), policy)
        panel = restarted(panel, clearing: true)
        #expect(panel.read(ground("96000"), policy).trips.isEmpty)
        #expect(panel.read(ground("99500"), policy).trips.isEmpty)
        #expect(panel.read(ground("97000"), policy).trips.isEmpty)
        #expect(panel.read(ground("95060", previous: "97000", day: Self.tuesday), policy).trips.count == 1)
    }

    @Test func `acknowledged, it watches on from there until the day ends`() {
        let policy = only(.dailyLoss, [.usd: decimal("500")])
        var panel = BreakerPanel()
        _ = panel.read(ground("99400"), policy)
        var breaker = Breaker(
            .dailyLoss, state: panel.breakers.values.first?.state ?? .armed(acknowledged: nil))
        breaker.acknowledge(BreakerReading(.dailyLoss, day: Self.monday, [.usd: decimal("600")]))
        panel = BreakerPanel([breaker])
        #expect(panel.read(ground("98900.01"), policy).trips.isEmpty)
        var other = panel
        #expect(panel.read(ground("98900"), policy).trips.first?.measure.known == decimal("600"))
        #expect(other.read(ground("99500", day: Self.tuesday), policy).trips.count == 1)
    }

    @Test func `a drawdown, cleared, watches again once it is below its limit`() {
        let policy = only(.drawdown, [.pct: decimal("0.1")])
        var panel = BreakerPanel()
        _ = panel.read(ground("90000", highest: "100000"), policy)
        panel = restarted(panel, clearing: true)
        #expect(panel.read(ground("85000", highest: "100000", day: Self.tuesday), policy).trips.isEmpty)
        #expect(panel.read(ground("90001", highest: "100000"), policy).trips.isEmpty)
        #expect(panel.read(ground("90000", highest: "100000"), policy).trips.count == 1)
    }

    @Test func `a position that is gone lets its breaker watch again`() {
        let policy = only(.positionLoss, [.pct: decimal("0.02")])
        var seen = ground("10000")
        seen.positions = [
            Position(
                symbol: "NVDA", qty: ExactDecimal(10), marketValue: ExactDecimal(700),
                currentPrice: ExactDecimal(70), avgEntryPrice: ExactDecimal(100))
        ]
        var panel = BreakerPanel()
        #expect(panel.read(seen, policy).trips.count == 1)
        panel = restarted(panel, clearing: true)
        #expect(panel.read(seen, policy).trips.isEmpty)
        #expect(panel.read(ground("10000"), policy).changed.count == 1)
        #expect(panel.read(seen, policy).trips.count == 1)
    }

    @Test func `what is not known changes nothing`() {
        let policy = only(.drawdown, [.pct: decimal("0.1")])
        var panel = BreakerPanel()
        _ = panel.read(ground("90000", highest: "100000"), policy)
        panel = restarted(panel, clearing: true)
        #expect(panel.read(ground("90000"), policy).changed.isEmpty)
    }

    @Test func `nearness and distance are told`() {
        let breaker = Breaker(.dailyLoss)
        let rule = BreakerRule([.usd: ExactDecimal(500)])
        func measure(_ value: String) -> BreakerMeasure? {
            breaker.measures(
                BreakerReading(.dailyLoss, day: Self.monday, [.usd: decimal(value)]), rule
            ).first
        }
        #expect(measure("399.99")?.isNear == false)
        #expect(measure("400")?.isNear == true)
        #expect(measure("-900")?.distance == ExactDecimal(1400))
    }
}
