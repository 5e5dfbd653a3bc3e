import Domain

// What the states are called in titles, and what news they are.

extension ProposalState {
    /// The state at the head of a message.
    var title: String {
        switch self {
        case .blocked: "Blocked"
        case .pending: "Waiting"
        case .approved: "Approved, held"
        case .rejected: "Rejected"
        case .expired: "Expired, nobody answered"
        case .withdrawn: "Withdrawn"
        case .cancelled: "Cancelled by a halt"
        case .released: "Approved and released"
        case .refused: "Refused by a check"
        case .lapsed: "Approval ran out"
        case .revoked: "Approval revoked"
        }
    }

    var tone: Message.Tone {
        switch self {
        case .pending: .asks
        case .approved, .released: .good
        case .blocked, .rejected, .refused, .lapsed, .revoked, .cancelled: .bad
        case .expired, .withdrawn: .neutral
        }
    }

    /// Whether somebody else than the deciders brought it about.
    var isByAnother: Bool {
        switch self {
        case .withdrawn, .cancelled, .revoked: true
        case .blocked, .pending, .approved, .rejected, .expired, .released, .refused, .lapsed: false
        }
    }
}

/// What a kind of message tells of an order: `order-filled`.
struct OrderNews {
    let title: String
    let sentence: String
    let tone: Message.Tone

    init(kind: String) {
        let word = String(kind.dropFirst("order-".count))
        if let state = OrderState(rawValue: word.replacing("-", with: "_")) {
            title = state.title
            sentence = state.sentence
            tone = state.tone
            return
        }
        switch word {
        case "found":
            title = "Found at the broker"
            sentence = "It was not known whether the broker has the order; the broker says it does."
            tone = .good
        case "contradicted":
            title = "The broker contradicts our record"
            sentence =
                "What the broker reports does not fit what is recorded. Look at the order and the broker's account."
            tone = .alarm
        case "astray":
            title = "News of an order that turned up late"
            sentence =
                "It was held never to have reached the broker, is there after all, and is being cancelled. What the "
                + "broker did with it stands below; shares that were filled are in the account."
            tone = .alarm
        case "status-not-known":
            title = "The broker used a word that is not known"
            sentence =
                "The order's status at the broker is a word that is not known here; its state is kept as it was."
            tone = .alarm
        default:
            title = Notice.title(kind)
            sentence = "There is news of this order."
            tone = .neutral
        }
    }
}

extension OrderState {
    /// The state at the head of a message.
    var title: String {
        switch self {
        case .released: "Released"
        case .submitting: "Being sent"
        case .accepted: "Accepted by the broker"
        case .partiallyFilled: "Partly filled"
        case .filled: "Filled"
        case .canceled: "Canceled at the broker"
        case .expired: "Expired at the broker"
        case .rejected: "Rejected by the broker"
        case .unknown: "Outcome not known yet"
        case .refused: "Refused by a check"
        case .lapsed: "Not taken in time"
        case .revoked: "Revoked"
        case .cancelled: "Cancelled by a halt"
        }
    }

    var tone: Message.Tone {
        switch self {
        case .released, .submitting, .accepted, .partiallyFilled, .filled: .good
        case .canceled, .expired: .neutral
        case .rejected, .refused, .lapsed, .revoked, .cancelled: .bad
        case .unknown: .alarm
        }
    }
}
