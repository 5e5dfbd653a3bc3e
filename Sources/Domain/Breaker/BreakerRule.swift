/// When a breaker trips, and what it does then.
package struct BreakerRule: Sendable, Hashable {
    /// The limits that are set; at one of them it trips.
    package var limits: [BreakerUnit: ExactDecimal]
    package var onTrip: BreakerAction
    package var scope: BreakerScope
    /// Whether orders that only reduce a position may go out while its halt is open.
    package var allowsReducing: Bool

    /// A rule.
    package init(
        _ limits: [BreakerUnit: ExactDecimal], onTrip: BreakerAction = .haltCancel,
        scope: BreakerScope = .account, allowsReducing: Bool = true
    ) {
        self.limits = limits
        self.onTrip = onTrip
        self.scope = scope
        self.allowsReducing = allowsReducing
    }

    /// Whether its halt lets reducing orders through: never while positions are being closed.
    package var haltAllowsReducing: Bool { allowsReducing && onTrip != .haltCancelFlatten }

    /// What happens when it trips, in a sentence for people; every page that tells of a breaker has it from here.
    package var actionWords: String {
        let reach =
            switch scope {
            case .account: "all trading"
            case .strategy: "the strategy"
            case .symbol: "the symbol"
            }
        let exits = (haltAllowsReducing ? ", except" : ", also") + " orders that reduce a position"
        switch onTrip {
        case .halt: return "Stops \(reach)\(exits)."
        case .haltCancel: return "Stops \(reach)\(exits), and cancels open orders."
        // Nothing but what closes the positions goes out then, which needs no words about what reduces one.
        case .haltCancelFlatten: return "Stops \(reach), cancels open orders and closes positions."
        }
    }

    /// What a breaker does that was turned off in the preset and is turned on by a document.
    static func unset(_ kind: BreakerKind) -> BreakerRule {
        switch kind {
        case .staleSnapshot, .executionFailures: BreakerRule([:], onTrip: .halt)
        case .reconcileMismatch: BreakerRule([:], onTrip: .halt, allowsReducing: false)
        case .dailyLoss, .drawdown, .consecutiveLosses, .positionLoss: BreakerRule([:])
        }
    }
}

/// The breakers that are on.
package struct BreakerPolicy: Sendable, Hashable {
    private var rules: [BreakerKind: BreakerRule]

    /// These breakers; the others are off.
    package init(_ rules: [BreakerKind: BreakerRule] = [:]) { self.rules = rules }

    /// The rule of one; nil where it is off.
    package subscript(_ kind: BreakerKind) -> BreakerRule? {
        get { rules[kind] }
        set { rules[kind] = newValue }
    }
}
