/// How trading goes on after a week was looked back on.
package enum ReviewDecision: String, Sendable, Hashable, CaseIterable {
    case continue_ = "continue"
    case adjust, pause, stop

    /// What becomes of trading.
    package enum Effect: Sendable, Hashable {
        case nothing
        /// New limits are to be drafted; until somebody accepts them, those that count go on counting.
        case newLimits
        /// A halt on the whole account; it is cleared like any other.
        case halt(allowsReducing: Bool)
    }

    /// What the decision does.
    package var effect: Effect {
        switch self {
        case .continue_: .nothing
        case .adjust: .newLimits
        case .pause: .halt(allowsReducing: true)
        case .stop: .halt(allowsReducing: false)
        }
    }

    /// The decision as people name it.
    package var title: String {
        switch self {
        case .continue_: "Continue"
        case .adjust: "Adjust"
        case .pause: "Pause"
        case .stop: "Stop"
        }
    }

    /// What the decision does, for people.
    package var words: String {
        switch self {
        case .continue_: "Trading goes on under the limits that count now. A halt that is open stays open."
        case .adjust:
            "Trading goes on, and new limits are to be drafted. Until they are accepted, the present ones count."
        case .pause:
            "All trading is halted at once, save orders that reduce a position. What waits for a decision is cancelled."
        case .stop:
            "All trading is halted at once, and open orders that enter a position are cancelled at the broker. Positions stay."
        }
    }
}
