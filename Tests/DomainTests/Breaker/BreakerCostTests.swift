import Domain
import Testing

/// What evaluating costs where the account holds much: told, not judged, since machines differ.
struct BreakerCostTests {
    @Test func `fifty positions are evaluated every time, and each trips by itself`() {
        let policy = BreakerPolicy([
            .dailyLoss: BreakerRule([.usd: ExactDecimal(500)]),
            .drawdown: BreakerRule([.pct: ExactDecimal("0.1") ?? .one]),
            .positionLoss: BreakerRule([.pct: ExactDecimal("0.02") ?? .one]),
            .consecutiveLosses: BreakerRule([.count: ExactDecimal(3)]),
        ])
        var ground = BreakerGround(
            day: CalendarDate("2026-11-23") ?? CalendarDate(daysSince1970: 0), equity: ExactDecimal(100_000),
            previousEquity: ExactDecimal(100_000), highWaterMark: ExactDecimal(100_000))
        ground.positions = (0..<50).map { number in
            Position(
                symbol: "S\(number)", qty: ExactDecimal(10), marketValue: ExactDecimal(1000),
                currentPrice: ExactDecimal(100), avgEntryPrice: ExactDecimal("100.37") ?? .one)
        }
        var panel = BreakerPanel()
        let rounds = 200
        let spent = ContinuousClock().measure {
            for _ in 0..<rounds {
                let seen = panel.read(ground, policy)
                #expect(seen.trips.isEmpty && seen.changed.isEmpty)
            }
        }
        print("breakers with 50 positions: \(spent / rounds) an evaluation")
        ground.positions[17].currentPrice = ExactDecimal(-200)
        ground.positions[31].currentPrice = ExactDecimal(-200)
        #expect(panel.read(ground, policy).trips.map(\.target) == ["S17", "S31"])
    }
}
