/// How people's decisions on a number of proposals went: sums that are ready to be told.
package struct DecisionFigures: Sendable, Hashable {
    /// How many proposals of a bot for a strategy stand in a state.
    package struct StateCount: Sendable, Hashable {
        package let bot: String
        package let strategy: String
        package let state: ProposalState
        package let count: Int

        /// A count.
        package init(bot: String, strategy: String, state: ProposalState, count: Int) {
            self.bot = bot
            self.strategy = strategy
            self.state = state
            self.count = count
        }
    }

    /// What became of proposals.
    package struct Outcomes: Sendable, Hashable {
        package var proposed = 0
        /// People agreed, whatever became of the order afterwards.
        package var approved = 0
        package var rejected = 0
        /// Nobody answered; never counted as a rejection.
        package var expired = 0
        /// A check failed on entry, so nobody was asked.
        package var blocked = 0
        package var withdrawn = 0
        /// A halt ended them.
        package var cancelled = 0
        package var pending = 0

        /// Nothing proposed.
        package init() {}

        /// Adds proposals that stand in a state.
        package mutating func add(_ count: Int, _ state: ProposalState) {
            proposed += count
            switch state {
            case .approved, .released, .refused, .lapsed, .revoked: approved += count
            case .rejected: rejected += count
            case .expired: expired += count
            case .blocked: blocked += count
            case .withdrawn: withdrawn += count
            case .cancelled: cancelled += count
            case .pending: pending += count
            }
        }

        /// Share of the proposals that people were asked about and that somebody answered; nil where none was asked.
        package var answeredShare: ExactDecimal? {
            let asked = approved + rejected + expired
            return ExactDecimal(approved + rejected).ratio(to: ExactDecimal(asked))
        }
    }

    /// All proposals.
    package let total: Outcomes
    /// By bot, in the order of their names.
    package let bots: [(bot: String, outcomes: Outcomes)]
    package let strategies: [String: Outcomes]

    /// Figures of these counts.
    package init(_ counts: [StateCount]) {
        var total = Outcomes()
        var bots: [String: Outcomes] = [:]
        var strategies: [String: Outcomes] = [:]
        for each in counts {
            total.add(each.count, each.state)
            bots[each.bot, default: Outcomes()].add(each.count, each.state)
            strategies[each.strategy, default: Outcomes()].add(each.count, each.state)
        }
        self.total = total
        self.strategies = strategies
        self.bots = bots.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    package static func == (left: DecisionFigures, right: DecisionFigures) -> Bool {
        left.total == right.total && left.bots.map(\.bot) == right.bots.map(\.bot)
            && left.bots.map(\.outcomes) == right.bots.map(\.outcomes) && left.strategies == right.strategies
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(total) }
}
