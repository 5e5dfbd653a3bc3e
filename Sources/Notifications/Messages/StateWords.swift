import Domain
import JSON

// What the states are called in titles, and what news they are.

extension ProposalState {
    /// The state after the order's name at the head of a message: `BUY 400 NVDA rejected`.
    var title: String {
        switch self {
        case .blocked: "blocked by a check"
        case .pending: "waits for a decision"
        case .approved: "approved, held"
        case .rejected: "rejected"
        case .expired: "expired, nobody answered"
        case .withdrawn: "withdrawn by the bot"
        case .cancelled: "cancelled by a halt"
        case .released: "approved and released"
        case .refused: "approved, then refused by a check"
        case .lapsed: "approved, but the approval ran out"
        case .revoked: "approved, then revoked"
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

}

/// What a kind of message tells of an order: `order-filled`.
struct OrderNews {
    let title: String
    let sentence: String
    let tone: Message.Tone

    init(kind: String, data: JSONObject) {
        let word = String(kind.dropFirst("order-".count))
        if let state = OrderState(rawValue: word.replacing("-", with: "_")) {
            let price = data["filled_avg_price"]?.numberText.flatMap(ExactDecimal.init)
            title = state.title(at: price)
            sentence = state.sentence
            tone = state.tone
            return
        }
        switch word {
        case "found":
            title = "found at the broker"
            sentence = "It was not known whether the broker has the order; the broker says it does."
            tone = .good
        case "contradicted":
            title = "contradicted by the broker"
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
            title = "has a status that is not known"
            sentence =
                "The order's status at the broker is a word that is not known here; its state is kept as it was."
            tone = .alarm
        default:
            title = "has news: \(Notice.title(kind).lowercased())"
            sentence = "There is news of this order."
            tone = .neutral
        }
    }
}

extension OrderState {
    /// The state after the order's name at the head of a message: `BUY 400 NVDA filled at $118.10`.
    func title(at price: ExactDecimal?) -> String {
        switch self {
        case .released: "released"
        case .submitting: "being sent"
        case .accepted: "accepted by the broker"
        case .partiallyFilled: "partly filled"
        case .filled: price.map { "filled at \($0.priceWords)" } ?? "filled"
        case .canceled: "canceled at the broker"
        case .expired: "expired at the broker"
        case .rejected: "rejected, not traded"
        case .unknown: "sent, outcome not known yet"
        case .refused: "refused by a check"
        case .lapsed: "not taken in time"
        case .revoked: "revoked"
        case .cancelled: "cancelled by a halt"
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
