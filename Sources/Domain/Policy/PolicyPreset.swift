/// A complete policy with a name, to start from.
package struct PolicyPreset: Sendable, Hashable {
    /// The policy; its `preset` is the name.
    package let policy: Policy
    /// What it is for, in one sentence.
    package let summary: String
    /// The name a policy document asks for it by.
    package var name: String { policy.preset }
}

extension Policy {
    /// The preset a new paper account starts with.
    package static let defaultPreset = "guarded-5k"

    /// All presets, the default first.
    package static let presets: [PolicyPreset] = [
        guarded5k, catalyst1k, conservative10k, guardedPortfolio, turtle,
    ]

    /// The preset of that name.
    package static func preset(_ name: String) -> PolicyPreset? { presets.first { $0.name == name } }

    // What the source of a preset is silent about comes from guarded-5k, the only complete one.

    private static let guarded5k = PolicyPreset(
        policy: Policy(
            preset: defaultPreset,
            approval: ApprovalPolicy(timeoutMinutes: 30, validityMinutes: 15, approvals: 1),
            limits: PolicyLimits(
                maxPositionUSD: ExactDecimal(5000), maxPositionPct: percent(5),
                minPositionUSD: ExactDecimal(100),
                cashReserveMinPct: percent(25), maxOpenPositions: 5, maxNewPositionsPerDay: 2,
                maxNewPositionsPerWeek: 8, minConfidence: 0, minCatalystScore: 0,
                stopLoss: StopLossPolicy(
                    isRequired: true, defaultPct: percent(8), minPct: percent(5), maxPct: percent(15),
                    kind: .stop),
                maxSlippagePct: perMille(5), maxQuoteAgeSeconds: 15, maxSnapshotAgeSeconds: 120,
                duplicateWindowSeconds: 300,
                hours: HoursPolicy(closeBufferMinutes: 15, allowsPreMarket: false, allowsAfterHours: false)),
            execution: ExecutionPolicy(orderTimeoutMinutes: 60), breakers: .guarded5k),
        summary:
            "Up to $5,000 or 5 percent a position, five positions, a stop on each, a quarter kept in cash.")

    private static let catalyst1k = derived(
        "catalyst-1k",
        "A first $1,000 live: $100 a position, three positions, only signals with high confidence and a catalyst.",
        .catalyst1k
    ) { limits in
        limits.maxPositionUSD = ExactDecimal(100)
        limits.maxPositionPct = percent(10)
        limits.minPositionUSD = nil
        limits.cashReserveMinPct = .zero
        limits.maxOpenPositions = 3
        limits.maxNewPositionsPerDay = 5
        limits.maxNewPositionsPerWeek = nil
        limits.minConfidence = 80
        limits.minCatalystScore = 50
        limits.stopLoss.defaultPct = percent(1)
        limits.stopLoss.minPct = perMille(5)
        limits.stopLoss.maxPct = percent(5)
    }

    /// Its source risks 0.5 percent of the account a trade; with the closest stop at 5 percent that is a
    /// position of 10 percent.
    private static let conservative10k = derived(
        "conservative-10k",
        "A $10,000 account in its first days: $1,000 or 10 percent a position, three positions, a stop on each.",
        .conservative10k
    ) { limits in
        limits.maxPositionUSD = ExactDecimal(1000)
        limits.maxPositionPct = percent(10)
        limits.maxOpenPositions = 3
    }

    private static let guardedPortfolio = derived(
        "guarded-portfolio",
        "A portfolio of any size: 5 percent a position, ten positions, three new a day, a quarter kept in cash.",
        .guardedPortfolio
    ) { limits in
        limits.maxPositionUSD = nil
        limits.maxOpenPositions = 10
        limits.maxNewPositionsPerDay = 3
        limits.maxNewPositionsPerWeek = nil
    }

    private static let turtle = derived(
        "turtle",
        "Trend following with up to ten positions of $5,000 and at most four fifths of the account invested.",
        .turtle
    ) { limits in
        limits.maxPositionPct = nil
        limits.cashReserveMinPct = percent(20)
        limits.maxOpenPositions = 10
        limits.maxNewPositionsPerDay = nil
        limits.maxNewPositionsPerWeek = nil
    }

    private static func derived(
        _ name: String, _ summary: String, _ breakers: BreakerPolicy, _ change: (inout PolicyLimits) -> Void
    ) -> PolicyPreset {
        var policy = guarded5k.policy
        policy.preset = name
        policy.breakers = breakers
        change(&policy.limits)
        return PolicyPreset(policy: policy, summary: summary)
    }

    private static func percent(_ number: Int) -> ExactDecimal {
        ExactDecimal(coefficient: Int128(number), scale: 2)
    }

    private static func perMille(_ number: Int) -> ExactDecimal {
        ExactDecimal(coefficient: Int128(number), scale: 3)
    }
}
