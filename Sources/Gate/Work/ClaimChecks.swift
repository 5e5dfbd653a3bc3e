import Domain
import Store

extension Claiming {
    /// The use case with every check of the policy in force, on the account and the price as they are now.
    package init(_ context: GateContext) {
        self.init(context) { order, terms, session in
            guard let proposal = try ProposalQueries.find(order.proposalID, in: session) else {
                throw Refusal.notFound("proposal")
            }
            let ground = try CheckGround.load(
                symbols: [order.symbol], except: order.proposalID, in: session)
            let check = ground.context(for: proposal, approvedPrice: order.approvedPrice)
            return Checks.evaluate(terms, check, .claim)
        }
    }
}
