import Domain
import Gate
import Postgres
import Store

/// Everything that the page of one proposal shows, read in one session.
struct ProposalScene: Sendable {
    let view: ProposalView
    /// What the last check found, read from its document once.
    let storedFindings: [Finding]
    let order: OrderView?
    let quote: Quote?
    /// Why the broker does not trade the symbol, where that is known by now.
    let untraded: UntradedReason?
    /// When the worker last reported the account; nil before its first report.
    let accountReceivedAt: Timestamp?
    /// The limits that count now; nil where none are applied.
    let limits: PolicyLimits?
    /// How far they are lowered at the moment.
    let lowered: LimitReduction?
    /// Others that wait for a decision, the nearest deadlines first; one more than a page shows.
    let others: [WaitingProposal]
    /// What the order would do now; nil where it is settled, or where that is not known.
    let presentImpact: Impact?
    let surroundings: Surroundings
    /// Whether no channel has taken the request for approval.
    let isUnheard: Bool

    static let shownOthers = 5

    var record: ProposalRecord { view.record }

    /// What is known of the symbol's price while it waits; nil where nobody decides any more.
    var presentQuote: PresentQuote? {
        guard isOpen else { return nil }
        return PresentQuote(
            of: record.terms, proposedAt: record.createdAt, quote: quote, untraded: untraded,
            maxAgeSeconds: limits?.maxQuoteAgeSeconds, now: surroundings.now)
    }

    /// What the checks found, with what is known of the price by now.
    var findings: [Finding] { presentQuote?.renewing(storedFindings) ?? storedFindings }

    /// Whether somebody may still decide: pending, and not past its deadline.
    var isOpen: Bool { record.state == .pending && surroundings.now < record.expiresAt }

    /// The state, where a deadline that passed counts though no sweep has run.
    var state: ProposalState { record.state == .pending && !isOpen ? .expired : record.state }

    var secondsLeft: Int { max(0, record.expiresAt.seconds(since: surroundings.now)) }

    /// Why approving cannot be offered; nil where it can.
    ///
    /// A page that does not know what an approval would do does not offer it (invariant I11). What an operator
    /// wrote is for people who have proved who they are.
    func obstacle(tellsReasons: Bool) -> String? {
        if record.impact == nil {
            return "What the order does to the account is not known, because the worker has not reported it."
        }
        if findings.isEmpty { return "The checks of this order cannot be read." }
        if let untraded { return untraded.sentence(record.terms.symbol) }
        if let staleness { return staleness }
        let terms = record.terms
        let halt = surroundings.halts.first {
            $0.open.concerns(
                symbol: terms.symbol, strategy: record.notes.strategy, bot: record.proposerName)
                && !($0.allowsReducing && record.isReducing)
        }
        guard let halt else { return nil }
        return tellsReasons
            ? "\(halt.scopeWords) is stopped: \(halt.reason)".asSentence
            : "Trading is stopped for orders like this one. Log in to see by whom and why."
    }

    /// Why what is known of the account and the limits says nothing of now; nil where it does.
    private var staleness: String? {
        guard let limits else {
            return "No policy is applied, so nothing is allowed. Approving is possible once there is one."
        }
        guard let accountReceivedAt else {
            return "No worker has reported the account. Approving is possible once one does."
        }
        guard let limit = limits.maxSnapshotAgeSeconds,
            accountReceivedAt.adding(seconds: limit) < surroundings.now
        else { return nil }
        let age = surroundings.now.seconds(since: accountReceivedAt)
        return "The account's figures are \(DurationText.short(seconds: age)) old, and they count for "
            + "\(DurationText.short(seconds: limit)): what the order would do now is not known. "
            + "Approving is possible again when the worker reports."
    }
}
