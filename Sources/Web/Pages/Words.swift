import Domain
import Store

// How pages spell times, money and states.

extension Timestamp {
    /// `Tue 2026-11-24 14:32 New York`.
    var newYorkWords: String { NewYork.time(self).text }

    /// `Tue 2026-11-24 14:32`, where it is said already that it is New York's time.
    var tableWords: String { String(newYorkWords.prefix(20)) }

    /// `14:32 New York`.
    var newYorkClock: String { NewYork.time(self).clockText }

    /// `2026-11-24 19:32 UTC`.
    var utcWords: String {
        rfc3339.prefix(16).split(separator: "T").joined(separator: " ") + " UTC"
    }
}

extension ExactDecimal {
    /// An amount of money to the cent: `$47,280` or `$1,999.50`.
    var money: String { AmountText.money(self) }

    /// The same with its cents in any case, for columns: `$47,280.00`.
    var cents: String {
        let cents = rounded(scale: 2)
        return (cents.isNegative ? "−$" : "$") + cents.magnitude.grouped(minimumPlaces: 2)
    }

    /// A fraction in percent: `4.25%`.
    var percent: String { AmountText.percent(self) }

    /// A price with all its digits: `$118.20`.
    var price: String { "$" + grouped(minimumPlaces: 2) }

    /// A number of shares.
    var shares: String { grouped() + (self == .one || self == -.one ? " share" : " shares") }

    /// A change against a base in percent, with its sign: `+1.25%`; nil where the base is nought.
    func percentAbove(_ base: ExactDecimal) -> String? {
        guard base.isPositive,
            let change = ((self - base) * ExactDecimal(100)).divided(by: base, scale: 2, rounding: .halfEven)
        else { return nil }
        return (change.isNegative ? "−" : "+") + change.magnitude.text(minimumPlaces: 2) + "%"
    }
}

extension ProposalState {
    /// The state in a word or two.
    var word: String {
        switch self {
        case .released: "approved"
        case .pending: "waiting for a decision"
        case .approved: "approved, held"
        case .blocked, .rejected, .expired, .withdrawn, .cancelled, .refused, .lapsed, .revoked: rawValue
        }
    }
}

extension OrderState {
    /// The state in a word or two.
    var word: String {
        switch self {
        case .partiallyFilled: "partly filled"
        case .submitting: "being sent"
        // Two states that differ in a letter: one is the broker's word, the other ours.
        case .canceled: "canceled at the broker"
        case .cancelled: "cancelled before it was sent"
        case .released, .accepted, .filled, .expired, .rejected, .unknown, .refused, .lapsed, .revoked:
            rawValue
        }
    }

    /// Whether the broker may have heard of it.
    var wasSent: Bool {
        switch self {
        case .submitting, .unknown, .accepted, .partiallyFilled, .filled, .canceled, .expired, .rejected: true
        case .released, .refused, .lapsed, .revoked, .cancelled: false
        }
    }
}

extension ProofMethod {
    /// How a person proved who they are.
    var words: String {
        switch self {
        case .session: "logged in"
        case .pin: "PIN"
        case .token: "personal token"
        }
    }
}

/// Who did something, as people say it; nothing where nobody is known.
func actorWords(_ actor: String?) -> String { ActorText.words(actor) ?? "" }
