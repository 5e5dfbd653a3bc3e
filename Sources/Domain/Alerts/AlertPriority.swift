/// How much an alert matters; the words are those of the API and the policy.
package enum AlertPriority: String, Sendable, Hashable, CaseIterable, Comparable {
    /// Good to know; nobody has to do anything.
    case info
    /// Somebody should look today.
    case high
    /// Somebody has to look now; it is told again until a person acknowledges it.
    case critical
    /// Money is being lost, or nothing watches over it.
    case emergency

    package static func < (left: AlertPriority, right: AlertPriority) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .info: 0
        case .high: 1
        case .critical: 2
        case .emergency: 3
        }
    }

    /// Whether it is told again until a person acknowledges it, unless the policy turns that off.
    package var isRepeated: Bool { self >= .critical }

    /// Its place among other messages, 1 first.
    package var deliveryPriority: Int {
        switch self {
        case .info: 6
        case .high: 2
        case .critical, .emergency: 1
        }
    }
}

/// How far people have come with an alert.
package enum AlertState: String, Sendable, Hashable, CaseIterable {
    /// Nobody took note of it yet.
    case raised
    /// A person took note of it; what it tells of may go on.
    case acknowledged
    /// What it told of is over.
    case resolved
}
