// The breakers of the presets. Where a source is silent, guarded-5k speaks for it.

extension BreakerPolicy {
    /// 2 percent or $500 a day, whichever is less; 10 percent from the highest; three losses in a row.
    static let guarded5k = BreakerPolicy([
        .dailyLoss: BreakerRule([.pct: percent(2), .usd: ExactDecimal(500)]),
        .drawdown: BreakerRule([.pct: percent(10)]),
        .consecutiveLosses: BreakerRule([.count: ExactDecimal(3)]),
        .positionLoss: BreakerRule([.pct: percent(2)]),
        .executionFailures: BreakerRule([.count: ExactDecimal(3)], onTrip: .halt),
        .staleSnapshot: BreakerRule([.seconds: ExactDecimal(300)], onTrip: .halt),
        .reconcileMismatch: BreakerRule([.count: .one], onTrip: .halt, allowsReducing: false),
    ])

    /// $50 a day, and a drawdown of 5 percent closes everything, as its source has it.
    static let catalyst1k = guarded5k.with(
        .dailyLoss, BreakerRule([.usd: ExactDecimal(50)])
    ).with(.drawdown, BreakerRule([.pct: percent(5)], onTrip: .haltCancelFlatten))

    /// 3 percent a day stops at once.
    static let conservative10k = guarded5k.with(.dailyLoss, BreakerRule([.pct: percent(3)]))

    /// 2 percent a day, of whatever the account is worth.
    static let guardedPortfolio = guarded5k.with(.dailyLoss, BreakerRule([.pct: percent(2)]))

    /// $500 a day.
    static let turtle = guarded5k.with(.dailyLoss, BreakerRule([.usd: ExactDecimal(500)]))

    private func with(_ kind: BreakerKind, _ rule: BreakerRule) -> BreakerPolicy {
        var policy = self
        policy[kind] = rule
        return policy
    }

    private static func percent(_ number: Int) -> ExactDecimal {
        ExactDecimal(coefficient: Int128(number), scale: 2)
    }
}
