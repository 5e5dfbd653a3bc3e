/// The limits of one account: who must agree, how much may be traded, how an order is carried out.
///
/// Fractions are of one (`0.05` is 5 percent); a limit that is nil is turned off.
package struct Policy: Sendable, Hashable {
    /// The preset it was made from.
    package var preset: String
    package var approval: ApprovalPolicy
    package var limits: PolicyLimits
    package var execution: ExecutionPolicy
    /// What stops trading by itself.
    package var breakers: BreakerPolicy
    /// Who is told of what, and when.
    package var alerts = AlertPolicy.standard
    /// Who reads reports.
    package var reports = ReportPolicy.standard
}

/// Who must agree, and how long an agreement holds.
package struct ApprovalPolicy: Sendable, Hashable {
    /// How long people have to decide.
    package var timeoutMinutes: Int
    /// How long an approval holds until the order must be under way.
    package var validityMinutes: Int
    /// How many people must approve.
    package var approvals: Int
    /// The most that may be asked for; the database holds no proposal that needs more.
    package static let maxApprovals = 9
}

/// What may be traded.
package struct PolicyLimits: Sendable, Hashable {
    /// The largest position in one symbol.
    package var maxPositionUSD: ExactDecimal?
    /// The largest position in one symbol as a fraction of equity.
    package var maxPositionPct: ExactDecimal?
    /// The smallest position worth opening.
    package var minPositionUSD: ExactDecimal?
    /// The least cash that must remain, as a fraction of equity.
    package var cashReserveMinPct: ExactDecimal?
    package var maxOpenPositions: Int?
    package var maxNewPositionsPerDay: Int?
    package var maxNewPositionsPerWeek: Int?
    /// The least confidence of the bot, 0 to 100.
    package var minConfidence: Int?
    /// The least catalyst score, 0 to 100.
    package var minCatalystScore: Int?
    package var stopLoss: StopLossPolicy
    /// How much worse than approved the market may be when the order goes out, as a fraction.
    package var maxSlippagePct: ExactDecimal?
    package var maxQuoteAgeSeconds: Int?
    package var maxSnapshotAgeSeconds: Int?
    /// How long the same intent by the same bot counts as a repetition.
    package var duplicateWindowSeconds: Int?
    /// The longest that `duplicateWindowSeconds` may be.
    package static let maxDuplicateWindowSeconds = 86_400
    /// When orders may go out; nil for always.
    package var hours: HoursPolicy?
}

/// Whether a position needs a stop, and where it may stand.
package struct StopLossPolicy: Sendable, Hashable {
    /// What the broker is to do when the stop is reached.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case stop
        case stopLimit = "stop_limit"
    }

    package var isRequired: Bool
    /// The distance of the stop that is added where the bot gives none, as a fraction of the price.
    package var defaultPct: ExactDecimal?
    package var minPct: ExactDecimal?
    package var maxPct: ExactDecimal?
    /// The kind of the stop that is added.
    package var kind: Kind

    /// No rule about stops.
    package static let off = StopLossPolicy(
        isRequired: false, defaultPct: nil, minPct: nil, maxPct: nil, kind: .stop)
}

/// The hours in which orders may go out.
package struct HoursPolicy: Sendable, Hashable {
    /// How long before the close nothing goes out any more.
    package var closeBufferMinutes: Int
    package var allowsPreMarket: Bool
    package var allowsAfterHours: Bool
}

/// How an order is carried out.
package struct ExecutionPolicy: Sendable, Hashable {
    /// After how long an order that is not filled is cancelled; nil for never.
    package var orderTimeoutMinutes: Int?
}
