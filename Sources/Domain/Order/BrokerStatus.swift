/// The broker's words for the state of an order (its own list, and one that its library adds).
package enum BrokerStatus: String, Sendable, Hashable, CaseIterable {
    case new
    case partiallyFilled = "partially_filled"
    case filled
    case doneForDay = "done_for_day"
    case canceled
    case expired
    case replaced
    case pendingCancel = "pending_cancel"
    case pendingReplace = "pending_replace"
    case pendingReview = "pending_review"
    case accepted
    case pendingNew = "pending_new"
    case acceptedForBidding = "accepted_for_bidding"
    case stopped
    case rejected
    case suspended
    case calculated
    case held

    /// What an order in this state is to us, given whether shares of it were filled.
    ///
    /// `done_for_day` and `calculated` may still change, so they count as open. A replaced order is over: the one
    /// that took its place is not what people approved. And one of which shares were executed was not rejected: it is
    /// over, which counts as canceled.
    package func orderState(hasFills: Bool) -> OrderState {
        switch self {
        case .filled: .filled
        case .canceled, .replaced: .canceled
        case .expired: .expired
        case .rejected: hasFills ? .canceled : .rejected
        case .partiallyFilled: .partiallyFilled
        case .new, .doneForDay, .pendingCancel, .pendingReplace, .pendingReview, .accepted, .pendingNew,
            .acceptedForBidding, .stopped, .suspended, .calculated, .held:
            hasFills ? .partiallyFilled : .accepted
        }
    }

    /// Whether the broker will do nothing more with an order in this state.
    package var isFinal: Bool { orderState(hasFills: false).isFinal }
}
