/// Everything the checks look at beside the order's terms.
///
/// What many proposals share (policy, account, commitments, intents) is put in once; what differs is set for each.
package struct CheckContext: Sendable {
    package var policy: Policy
    /// The account as last reported; nil where no worker has reported yet.
    package var account: AccountBook?
    /// What other proposals and orders take that the snapshot does not show; not this one's own.
    package var committed: CommittedExposure
    package var halts: [OpenHalt]
    /// New positions whose order was released today (New York), without the proposals still waiting.
    package var newPositionsToday: Int
    /// The same since Monday.
    package var newPositionsThisWeek: Int
    package var recentIntents: RecentIntents
    /// When orders may go out; nil where nobody knows.
    package var window: TradingWindow?
    package var now: Timestamp
    /// Whether the worker cancels protective exits that hold the shares before it sends a sale of them.
    package var freesHeldShares: Bool

    /// The market's prices for this symbol; nil where there are none.
    package var quote: Quote?
    /// Why the broker does not trade the symbol; nil where it does, or where nobody has asked it yet.
    package var untraded: UntradedReason?
    /// Until when people may decide.
    package var expiresAt: Timestamp
    package var strategy: String
    /// The bot's name.
    package var proposer: String
    package var proposalID: Identifier?
    package var confidence: ExactDecimal?
    package var catalystScore: ExactDecimal?
    /// The price noted when the bot proposed.
    package var referencePrice: ExactDecimal?
    /// The market's price when people approved.
    package var approvedPrice: ExactDecimal?
    /// Whether people approved it as an order that only makes a position smaller; nil where nobody has yet.
    package var approvedAsReducing: Bool?
    /// Whether the stop loss in the terms is the policy's default, which the bot did not ask for.
    package var isStopDefault: Bool

    /// A context in which nothing is known but what is given.
    package init(
        policy: Policy, account: AccountBook?, committed: CommittedExposure = CommittedExposure(),
        halts: [OpenHalt] = [], newPositionsToday: Int = 0, newPositionsThisWeek: Int = 0,
        recentIntents: RecentIntents = RecentIntents(), window: TradingWindow?, now: Timestamp,
        freesHeldShares: Bool = false, quote: Quote? = nil, expiresAt: Timestamp,
        strategy: String = ProposalDraft.defaultStrategy, proposer: String, proposalID: Identifier? = nil,
        confidence: ExactDecimal? = nil, catalystScore: ExactDecimal? = nil,
        referencePrice: ExactDecimal? = nil,
        approvedPrice: ExactDecimal? = nil, isStopDefault: Bool = false
    ) {
        self.policy = policy
        self.account = account
        self.committed = committed
        self.halts = halts
        self.newPositionsToday = newPositionsToday
        self.newPositionsThisWeek = newPositionsThisWeek
        self.recentIntents = recentIntents
        self.window = window
        self.now = now
        self.freesHeldShares = freesHeldShares
        self.quote = quote
        self.expiresAt = expiresAt
        self.strategy = strategy
        self.proposer = proposer
        self.proposalID = proposalID
        self.confidence = confidence
        self.catalystScore = catalystScore
        self.referencePrice = referencePrice
        self.approvedPrice = approvedPrice
        self.isStopDefault = isStopDefault
    }

    /// The price to value an order at that has none of its own: the quote's side it would meet, else the
    /// broker's last price of the position, else what the bot saw.
    package func marketPrice(for terms: OrderTerms) -> ExactDecimal? {
        livePrice(for: terms) ?? account?.positions[terms.symbol]?.currentPrice ?? referencePrice
    }

    /// The price at which the market would take the order now, by the quote alone.
    func livePrice(for terms: OrderTerms) -> ExactDecimal? {
        guard let quote, quote.symbol == terms.symbol else { return nil }
        return quote.price(for: terms.side)
    }
}
