/// What Countersign itself raises alerts about; bots and monitors may use other words.
package enum AlertType: String, Sendable, Hashable, CaseIterable {
    case stopLossHit = "stop_loss_hit"
    case positionClosed = "position_closed"
    case dailyLossLimit = "daily_loss_limit"
    case drawdownLimit = "drawdown_limit"
    /// Any other breaker.
    case breakerTripped = "breaker_tripped"
    case tradingHalted = "trading_halted"
    case limitNear = "limit_near"
    /// More is held than the policy lets be bought.
    case limitExceeded = "limit_exceeded"
    case positionWithoutStop = "position_without_stop"
    /// A position is up by a fifth, or what the policy says instead.
    case positionGain = "position_gain"
    /// A position has been held at a loss for thirty days, or what the policy says instead.
    case positionLosing = "position_losing"
    case workerSilent = "worker_silent"
    /// The worker was told something in the server's name that the server did not sign.
    case workerRefuses = "worker_refuses"
    /// The worker is there, and what it last told of the account is old.
    case staleSnapshot = "stale_snapshot"
    /// The broker's interface does not answer the worker.
    case apiError = "api_error"
    /// The broker blocked the account.
    case accountBlocked = "account_blocked"
    /// The broker rejected an order.
    case executionFailure = "execution_failure"
    case orderUnknown = "order_unknown"
    /// The broker executed more of an order than was ordered.
    case overfill
    /// The broker tells an execution otherwise than it did before.
    case executionContradicted = "execution_contradicted"
    /// Something was traded in the account that was not made here.
    case foreignExecution = "foreign_execution"
    case reconcileMismatch = "reconcile_mismatch"
    case channelFailing = "channel_failing"
    case channelDisabled = "channel_disabled"

    /// How much it matters.
    package var priority: AlertPriority {
        switch self {
        case .dailyLossLimit, .drawdownLimit: .emergency
        case .stopLossHit, .breakerTripped, .tradingHalted, .positionWithoutStop, .workerSilent,
            .workerRefuses,
            .accountBlocked, .orderUnknown, .overfill, .reconcileMismatch:
            .critical
        case .limitNear, .limitExceeded, .positionLosing, .staleSnapshot, .apiError, .executionFailure,
            .foreignExecution, .executionContradicted,
            .channelFailing, .channelDisabled:
            .high
        case .positionClosed, .positionGain: .info
        }
    }

    /// The alert of a breaker that tripped.
    package init(tripped kind: BreakerKind) {
        switch kind {
        case .dailyLoss: self = .dailyLossLimit
        case .drawdown: self = .drawdownLimit
        case .consecutiveLosses, .positionLoss, .executionFailures, .staleSnapshot, .reconcileMismatch:
            self = .breakerTripped
        }
    }
}
