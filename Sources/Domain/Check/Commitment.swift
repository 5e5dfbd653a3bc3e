/// Exposure that a proposal or order of ours already takes, though the account does not show it yet.
package struct Commitment: Sendable, Hashable {
    /// How far it has come.
    package enum Stage: String, Sendable, Hashable, CaseIterable {
        /// A proposal that waits for people, or for its release.
        case proposed
        /// An order that is released but not in the snapshot.
        case released
    }

    package var proposalID: Identifier?
    /// The order's id at the broker, to tell whether the snapshot has it already.
    package var clientOrderID: String?
    package var symbol: String
    package var side: Side
    /// The shares not yet filled.
    package var qty: ExactDecimal
    /// What they are worth in USD, on the careful side.
    package var notional: ExactDecimal
    /// The money the broker sets aside for them in USD.
    package var reserve: ExactDecimal
    /// Whether it only makes a position smaller.
    package var isReducing: Bool
    package var stage: Stage
    /// The order it rests as; nil where it cannot meet an order of the other side.
    package var resting: RestingPrice?

    /// A commitment as it stands.
    package init(
        proposalID: Identifier? = nil, clientOrderID: String? = nil, symbol: String, side: Side,
        qty: ExactDecimal, notional: ExactDecimal, reserve: ExactDecimal, isReducing: Bool, stage: Stage,
        resting: RestingPrice?
    ) {
        self.proposalID = proposalID
        self.clientOrderID = clientOrderID
        self.symbol = symbol
        self.side = side
        self.qty = qty
        self.notional = notional
        self.reserve = reserve
        self.isReducing = isReducing
        self.stage = stage
        self.resting = resting
    }

    /// What an order of these terms commits, valued at `reference` where it has no price of its own.
    package init(
        terms: OrderTerms, reference: ExactDecimal?, isReducing: Bool, stage: Stage,
        proposalID: Identifier? = nil, clientOrderID: String? = nil
    ) {
        self.init(
            proposalID: proposalID, clientOrderID: clientOrderID, symbol: terms.symbol, side: terms.side,
            qty: terms.qty, notional: terms.notional(reference: reference) ?? .zero,
            reserve: terms.reservePrice(reference: reference).map { terms.qty.saturatingProduct($0) }
                ?? .zero,
            isReducing: isReducing, stage: stage, resting: RestingPrice(terms))
    }
}

/// The price at which an order would meet one of the other side.
package enum RestingPrice: Sendable, Hashable {
    /// At any price: a market or stop order.
    case any
    /// At this price or a better one.
    case limit(ExactDecimal)

    /// How the broker sees an order of these terms; nil for a bracket, which it exempts.
    package init?(_ terms: OrderTerms) {
        guard terms.orderClass != .bracket else { return nil }
        self = terms.limitPrice.map(RestingPrice.limit) ?? .any
    }

    /// How the broker sees an open order; nil for those it exempts.
    init?(_ order: BrokerOpenOrder) {
        guard !["bracket", "oco"].contains(order.orderClass), order.type != "trailing_stop" else {
            return nil
        }
        self = order.limitPrice.map(RestingPrice.limit) ?? .any
    }
}
