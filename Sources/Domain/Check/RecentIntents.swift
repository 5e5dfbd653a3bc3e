/// What bots asked for lately, to notice that one asks for the same thing twice.
package struct RecentIntents: Sendable, Hashable {
    /// A trade a bot asked for; leave out those that were blocked.
    package struct Intent: Sendable, Hashable {
        package let proposalID: Identifier
        package let symbol: String
        package let side: Side
        package let qty: ExactDecimal
        package let createdAt: Timestamp
        /// The bot.
        package let proposer: String

        /// An intent.
        package init(
            proposalID: Identifier, symbol: String, side: Side, qty: ExactDecimal, createdAt: Timestamp,
            proposer: String
        ) {
            self.proposalID = proposalID
            self.symbol = symbol
            self.side = side
            self.qty = qty
            self.createdAt = createdAt
            self.proposer = proposer
        }
    }

    private struct Key: Sendable, Hashable {
        let proposer: String
        let symbol: String
        let side: Side
        let qty: ExactDecimal
    }

    private var newest: [Key: Intent] = [:]

    /// The newest of each kind among these.
    package init(_ intents: some Sequence<Intent> = []) {
        for intent in intents { add(intent) }
    }

    /// Adds an intent.
    package mutating func add(_ intent: Intent) {
        let key = Key(
            proposer: intent.proposer, symbol: intent.symbol, side: intent.side, qty: intent.qty)
        if let known = newest[key], known.createdAt >= intent.createdAt { return }
        newest[key] = intent
    }

    /// The newest intent of that bot for the same trade.
    package func newest(like terms: OrderTerms, proposer: String) -> Intent? {
        newest[Key(proposer: proposer, symbol: terms.symbol, side: terms.side, qty: terms.qty)]
    }
}
