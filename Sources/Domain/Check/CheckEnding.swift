package import JSON

/// How a check ended, as people count it: one that is made at another time is told apart from one that does not concern
/// the order.
package enum CheckEnding: Sendable, Hashable, CaseIterable {
    case failed, warns, passed
    /// Made once there is what it takes: when the order is released, or when the worker takes it.
    case comesLater
    /// Would have come later, and never will: another check failed.
    case notMade
    /// Made when the proposal came in.
    case madeBefore
    case doesNotApply

    /// Which of them a finding is; a limit that is turned off leaves a finding without a limit.
    fileprivate init(_ outcome: Finding.Outcome, _ code: CheckCode?, hasLimit: Bool) {
        switch outcome {
        case .fail: self = .failed
        case .warn: self = .warns
        case .pass: self = .passed
        case .skipped:
            switch code {
            case .symbolKnown: self = .comesLater
            case .maxQuoteAge, .maxSlippage: self = hasLimit ? .comesLater : .doesNotApply
            case .duplicateWindow: self = hasLimit ? .madeBefore : .doesNotApply
            case .halt, .accountStatus, .maxSnapshotAge, .orderShape, .availableQty, .maxPositionUSD,
                .maxPositionPct, .minPositionUSD, .maxOpenPositions, .maxNewPositionsPerDay,
                .maxNewPositionsPerWeek, .stopLossRequired, .stopLossBand, .minConfidence,
                .minCatalystScore, .buyingPower, .cashReserve, .tradingHours, .washTrade, nil:
                self = .doesNotApply
            }
        }
    }

    /// Which of them a finding is, as the API shows it; nil where it is none.
    package init?(json: JSONValue) {
        guard let outcome = json["outcome"]?.stringValue.flatMap(Finding.Outcome.init) else { return nil }
        self.init(
            outcome, json["code"]?.stringValue.flatMap(CheckCode.init),
            hasLimit: json["limit"]?.stringValue != nil)
    }

    /// So many checks that ended in this way: `1 warns`, `3 do not apply`.
    fileprivate func words(_ count: Int) -> String {
        switch self {
        case .failed: counted(count, "failed", "failed")
        case .warns: counted(count, "warns", "warn")
        case .passed: counted(count, "passed", "passed")
        case .comesLater: counted(count, "comes later", "come later")
        case .notMade: counted(count, "was not made", "were not made")
        case .madeBefore: counted(count, "was made before", "were made before")
        case .doesNotApply: counted(count, "does not apply", "do not apply")
        }
    }
}

extension Finding {
    /// How the check ended, as people count it.
    package var ending: CheckEnding { CheckEnding(outcome, code, hasLimit: limit != nil) }
}

extension [CheckEnding] {
    /// The endings of one proposal's checks: where one failed, nothing comes later.
    package var together: [CheckEnding] {
        contains(.failed) ? map { $0 == .comesLater ? .notMade : $0 } : self
    }

    /// How many checks ended in which way, the worst first: `2 warn, 14 passed, 2 come later, 3 do not apply`.
    package var countWords: String {
        let all = together
        return CheckEnding.allCases.compactMap { ending in
            let count = all.count { $0 == ending }
            return count == 0 ? nil : ending.words(count)
        }.joined(separator: ", ")
    }
}
