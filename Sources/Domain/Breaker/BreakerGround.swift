/// Everything the breakers look at, in plain values.
package struct BreakerGround: Sendable {
    /// The trading day that counts.
    package var day: CalendarDate
    /// What the account is worth; nil where no worker has reported yet.
    package var equity: ExactDecimal?
    /// What it was worth at the previous close.
    package var previousEquity: ExactDecimal?
    /// Money paid in since the previous close, less money taken out.
    package var cashFlow: ExactDecimal
    /// The highest the account ever stood, as if all deposits and withdrawals had been there then.
    package var highWaterMark: ExactDecimal?
    package var positions: [Position]
    /// Round trips lost one after the other, the newest last: by strategy, and of all under the empty name.
    package var lossesInARow: [String: Int]
    package var failuresInARow: Int
    /// How long ago the account was reported while the market was open; nil where that does not matter now.
    package var snapshotAgeSeconds: Int?
    /// Differences between the books and the broker that nobody settled.
    package var mismatches: Int

    /// A ground on which nothing is lost.
    package init(
        day: CalendarDate, equity: ExactDecimal? = nil, previousEquity: ExactDecimal? = nil,
        cashFlow: ExactDecimal = .zero, highWaterMark: ExactDecimal? = nil, positions: [Position] = [],
        lossesInARow: [String: Int] = [:], failuresInARow: Int = 0, snapshotAgeSeconds: Int? = nil,
        mismatches: Int = 0
    ) {
        self.day = day
        self.equity = equity
        self.previousEquity = previousEquity
        self.cashFlow = cashFlow
        self.highWaterMark = highWaterMark
        self.positions = positions
        self.lossesInARow = lossesInARow
        self.failuresInARow = failuresInARow
        self.snapshotAgeSeconds = snapshotAgeSeconds
        self.mismatches = mismatches
    }

    /// What is measured for each breaker that is on, in the order of `BreakerKind`.
    package func readings(_ policy: BreakerPolicy) -> [BreakerReading] {
        BreakerKind.allCases.flatMap { kind in policy[kind].map { readings(kind, $0) } ?? [] }
    }

    private func readings(_ kind: BreakerKind, _ rule: BreakerRule) -> [BreakerReading] {
        switch kind {
        case .dailyLoss: [reading(kind, dailyLoss)]
        case .drawdown: [reading(kind, drawdown.map { [.pct: $0] } ?? [:])]
        case .consecutiveLosses: streaks(rule)
        case .positionLoss: positionLosses
        case .executionFailures: [reading(kind, [.count: ExactDecimal(failuresInARow)])]
        case .staleSnapshot: [reading(kind, [.seconds: ExactDecimal(snapshotAgeSeconds ?? 0)])]
        case .reconcileMismatch: [reading(kind, [.count: ExactDecimal(mismatches)])]
        }
    }

    private func reading(
        _ kind: BreakerKind, target: String = "", _ values: [BreakerUnit: ExactDecimal]
    ) -> BreakerReading {
        BreakerReading(kind, target: target, day: day, values)
    }

    /// Previous close plus what was paid in, less what it is worth now; as a part of the previous close, or of what
    /// was paid in where there was nothing before.
    private var dailyLoss: [BreakerUnit: ExactDecimal] {
        guard let equity, let previousEquity else { return [:] }
        let loss = previousEquity + cashFlow - equity
        let base = previousEquity.isPositive ? previousEquity : previousEquity + cashFlow
        return [.usd: loss, .pct: Self.part(loss, of: base)]
    }

    private var drawdown: ExactDecimal? {
        guard let equity, let highWaterMark else { return nil }
        return Self.part(highWaterMark - equity, of: highWaterMark)
    }

    private func streaks(_ rule: BreakerRule) -> [BreakerReading] {
        guard rule.scope == .strategy else {
            return [reading(.consecutiveLosses, [.count: ExactDecimal(lossesInARow[""] ?? 0)])]
        }
        return lossesInARow.filter { !$0.key.isEmpty }.sorted { $0.key < $1.key }.map { strategy, count in
            reading(.consecutiveLosses, target: strategy, [.count: ExactDecimal(count)])
        }
    }

    private var positionLosses: [BreakerReading] {
        guard let equity else { return [] }
        return positions.compactMap { position in
            guard let loss = position.unrealizedLoss else { return nil }
            return reading(
                .positionLoss, target: position.symbol, [.pct: Self.part(loss, of: equity)])
        }
    }

    /// A loss as a part of what there was; of nothing, every loss is all there was.
    ///
    /// Rounded towards nought, so that what is below a limit never reaches it.
    private static func part(_ loss: ExactDecimal, of whole: ExactDecimal) -> ExactDecimal {
        guard whole.isPositive else { return loss.isPositive ? .one : .zero }
        return loss.divided(by: whole, scale: 12, rounding: .down) ?? (loss.isPositive ? .one : .zero)
    }
}

extension Position {
    /// What it has lost since it was opened, long or short; negative where it gained, nil where its cost is unknown.
    package var unrealizedLoss: ExactDecimal? {
        guard let avgEntryPrice else { return nil }
        guard let currentPrice else { return avgEntryPrice * qty - marketValue }
        return (avgEntryPrice - currentPrice) * qty
    }
}
