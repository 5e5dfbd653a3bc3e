import Domain
import Gate
import Postgres
import Store

extension WebContext {
    func scene(_ id: Identifier) async throws -> ProposalScene? {
        try await gate.pool.withSnapshot { session in try ProposalScene.load(id, in: session) }
    }
}

extension ProposalScene {
    /// What the page of a proposal shows, in three round trips at most; nil where there is none.
    static func load(_ id: Identifier, in session: PostgresSession) throws -> ProposalScene? {
        var batch = PostgresBatch()
        let found = batch.add(ProposalQueries.find([id]))
        let decisions = batch.add(DecisionStore.list(for: [id]))
        let lowered = batch.add(LimitReductionStore.current)
        let accountReceivedAt = batch.add(CheckingStore.accountReceivedAt)
        let waiting = batch.add(WaitingProposals.list(limit: shownOthers + 2))
        let unheard = batch.add(ApprovalNoticeStore.unheard(among: [id]))
        let surroundings = Surroundings.Questions(in: &batch)
        let answers = try session.run(batch)
        guard let record = try found(answers).first else { return nil }
        let market = try Market.load(for: record, in: session)
        let view = ProposalView(record: record, decisions: try decisions(answers))
        return ProposalScene(
            view: view, storedFindings: view.findings, order: try order(of: record, in: session),
            quote: market.quote, untraded: market.untraded,
            accountReceivedAt: try accountReceivedAt(answers), limits: market.limits,
            lowered: try lowered(answers),
            others: Array(try waiting(answers).filter { $0.id != id }.prefix(shownOthers + 1)),
            presentImpact: market.impact, surroundings: try Surroundings(surroundings, answers),
            isUnheard: try unheard(answers).contains(id))
    }

    private static func order(of record: ProposalRecord, in session: PostgresSession) throws -> OrderView? {
        guard let id = record.orderID, let order = try OrderQueries.find(id, in: session) else { return nil }
        return OrderView(record: order, fills: try OrderQueries.fills(of: [id], in: session))
    }

    /// What counts for the proposal's symbol at the moment.
    private struct Market {
        var quote: Quote?
        var untraded: UntradedReason?
        var limits: PolicyLimits?
        /// With the account as the worker last reported it, and everything else that waits now.
        var impact: Impact?

        static func load(for record: ProposalRecord, in session: PostgresSession) throws -> Market {
            let symbol = record.terms.symbol
            var market = Market()
            guard record.state == .pending else { return market }
            var batch = PostgresBatch()
            let questions = CheckGround.Questions(symbols: [symbol], except: [record.id], in: &batch)
            let answers = try session.run(batch)
            market.quote = try questions.quotes(answers)[symbol]
            market.untraded = try questions.untraded(answers)[symbol]
            guard try questions.policy(answers) != nil else { return market }
            let ground = try CheckGround.load(questions, answers, in: session)
            market.limits = ground.policy.limits
            market.impact = Impact(record.terms, ground.context(for: record, approvedPrice: nil))
            return market
        }
    }
}
