import Domain
import Store

extension Claiming {
    /// The use case with every check of the policy in force, on the account as it is now and the price that the claim
    /// brings.
    ///
    /// A quote that was told earlier and is newer does not stand in for it: the worker that sends the order has to have
    /// seen the price.
    package init(_ context: GateContext) {
        self.init(context) { order, terms, quote, session in
            guard let proposal = try ProposalQueries.find(order.proposalID, in: session) else {
                throw Refusal.notFound("proposal")
            }
            let ground = try CheckGround.load(
                symbols: [order.symbol], except: order.proposalID, in: session)
            var check = ground.context(for: proposal, approvedPrice: order.approvedPrice)
            check.quote = quote ?? check.quote
            return Checks.evaluate(terms, check, .claim)
        }
    }
}
