/// What stops trading by itself.
package enum BreakerKind: String, Sendable, Hashable, CaseIterable {
    /// Money lost since the previous close.
    case dailyLoss = "daily_loss"
    /// Money lost since the account stood highest.
    case drawdown
    /// Round trips that ended with a loss, one after the other.
    case consecutiveLosses = "consecutive_losses"
    /// What one open position has lost.
    case positionLoss = "position_loss"
    /// Orders that could not be carried out, one after the other.
    case executionFailures = "execution_failures"
    /// How long nothing was heard of the account while the market is open.
    case staleSnapshot = "stale_snapshot"
    /// What the broker shows and the books do not.
    case reconcileMismatch = "reconcile_mismatch"

    /// The limits that it may have; reaching one of them is enough.
    package var units: [BreakerUnit] {
        switch self {
        case .dailyLoss: [.pct, .usd]
        case .drawdown, .positionLoss: [.pct]
        case .consecutiveLosses, .executionFailures, .reconcileMismatch: [.count]
        case .staleSnapshot: [.seconds]
        }
    }

    /// What its halt may cover.
    package var scopes: [BreakerScope] {
        switch self {
        case .consecutiveLosses: [.account, .strategy]
        case .positionLoss: [.account, .symbol]
        case .dailyLoss, .drawdown, .executionFailures, .staleSnapshot, .reconcileMismatch: [.account]
        }
    }

    /// What it is called in a sentence.
    package var words: String {
        switch self {
        case .dailyLoss: "loss of the day"
        case .drawdown: "drawdown"
        case .consecutiveLosses: "losses in a row"
        case .positionLoss: "loss of one position"
        case .executionFailures: "failed orders in a row"
        case .staleSnapshot: "age of the account's report"
        case .reconcileMismatch: "differences from the broker"
        }
    }
}

/// What a breaker measures in; the name of the limit in the policy.
package enum BreakerUnit: String, Sendable, Hashable, CaseIterable {
    /// A fraction of one.
    case pct = "limit_pct"
    case usd = "limit_usd"
    case count = "limit"
    case seconds = "limit_seconds"

    /// A value with its unit, for people.
    package func words(_ value: ExactDecimal) -> String {
        switch self {
        case .pct: value.percentWords
        case .usd: AmountText.money(value)
        case .count: "\(value)"
        case .seconds: DurationText.words(seconds: Int(value.rounded(scale: 0).description) ?? 0, units: 2)
        }
    }
}

/// What the halt of a breaker covers.
package enum BreakerScope: String, Sendable, Hashable, CaseIterable {
    case account, strategy, symbol
}

/// What happens besides the halt when a breaker trips.
package enum BreakerAction: String, Sendable, Hashable, CaseIterable {
    /// Only the halt.
    case halt
    /// Orders at the broker are cancelled too, save those that protect a position.
    case haltCancel = "halt_cancel"
    /// Every order is cancelled and every position closed.
    case haltCancelFlatten = "halt_cancel_flatten"
}
