/// The life of an order.
///
/// The database repeats `mayBecome` (`order_may_become`).
package enum OrderState: String, Sendable, Hashable, CaseIterable {
    case released, submitting, accepted, filled, canceled, expired, rejected, unknown, refused, lapsed,
        revoked, cancelled
    case partiallyFilled = "partially_filled"

    /// Whether nothing can happen to the order any more.
    package var isFinal: Bool {
        switch self {
        case .released, .submitting, .accepted, .partiallyFilled, .unknown: false
        case .filled, .canceled, .expired, .rejected, .refused, .lapsed, .revoked, .cancelled: true
        }
    }

    /// Whether the order may stand at the broker, or have stood there.
    package var mayBeAtBroker: Bool {
        switch self {
        case .submitting, .accepted, .partiallyFilled, .unknown, .filled, .canceled, .expired, .rejected: true
        case .released, .refused, .lapsed, .revoked, .cancelled: false
        }
    }

    /// Whether an order may go from this state to that one.
    ///
    /// `unknown` leaves only by proof from the broker.
    package func mayBecome(_ next: OrderState) -> Bool {
        switch self {
        case .released: [.submitting, .refused, .lapsed, .revoked, .cancelled].contains(next)
        case .submitting:
            [.accepted, .partiallyFilled, .filled, .canceled, .expired, .rejected, .unknown].contains(next)
        case .unknown: [.accepted, .partiallyFilled, .filled, .canceled, .expired, .rejected].contains(next)
        case .accepted: [.partiallyFilled, .filled, .canceled, .expired, .rejected].contains(next)
        case .partiallyFilled: [.filled, .canceled, .expired, .rejected].contains(next)
        case .filled, .canceled, .expired, .rejected, .refused, .lapsed, .revoked, .cancelled: false
        }
    }

    /// What the state means, in a sentence for people.
    package var sentence: String {
        switch self {
        case .released: "Released: waiting for the execution worker."
        case .submitting: "The worker is sending it to the broker."
        case .accepted: "The broker accepted it."
        case .partiallyFilled: "Partly filled."
        case .filled: "Filled."
        case .canceled: "Canceled at the broker."
        case .expired: "Expired at the broker without being filled."
        case .rejected: "Rejected: the broker does not have it. Nothing was traded."
        case .unknown:
            "It is not known yet whether the broker has it. The broker is being asked; nothing is sent again."
        case .refused: "Refused: a check failed when the worker took it. Nothing was sent."
        case .lapsed: "Lapsed: the worker did not take it in time. Nothing was sent."
        case .revoked: "Revoked before the worker took it. Nothing was sent."
        case .cancelled: "Cancelled by a halt before the worker took it. Nothing was sent."
        }
    }
}
