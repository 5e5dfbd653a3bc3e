// What an order does to the position it meets.

/// Whether an order opens, reduces, or would turn a position round.
package enum OrderEffect: Sendable, Hashable {
    /// It opens or enlarges a position.
    case opens
    /// It only makes a position smaller.
    case reduces
    /// It sells (or buys back) more than there is to sell: so many are there.
    case exceeds(available: ExactDecimal)
    /// It would sell short while purchases of the same share are under way (or the reverse).
    case crosses
    /// Nobody knows: there is no snapshot.
    case unknown
}

extension CheckContext {
    /// What an order does to the position, other open and waiting orders considered.
    ///
    /// Shares count as available that no other sale will take: neither an open order at the broker nor a
    /// proposal or order of ours.
    package func effect(of terms: OrderTerms) -> OrderEffect {
        guard let account else { return .unknown }
        guard let position = account.positions[terms.symbol] else {
            let other =
                account.orders[terms.symbol][terms.side.opposite].openingQty
                + committed[terms.symbol][terms.side.opposite].openingQty
            return other.isPositive ? .crosses : .opens
        }
        guard position.qty.isNegative == (terms.side == .buy) else { return .opens }
        let available = availableQty(position, terms.side)
        return terms.qty <= available ? .reduces : .exceeds(available: available)
    }

    /// Whether the account holds the symbol, as it was reported last.
    package func isHeld(_ symbol: String) -> Bool {
        account?.positions[symbol].map { !$0.qty.isZero } ?? false
    }

    /// The shares of a position that an order of a side may still take.
    func availableQty(_ position: Position, _ side: Side) -> ExactDecimal {
        let atBroker = account?.orders[position.symbol][side] ?? SymbolExposure.Half()
        let plain = position.qty.magnitude - (atBroker.reducingQty - atBroker.protectiveQty)
        let free = position.qtyAvailable ?? position.qty.magnitude - atBroker.reducingQty
        let usable = freesHeldShares ? plain : min(plain, free)
        return max(.zero, usable - committed[position.symbol][side].reducingQty)
    }

    /// Whether protective exits hold shares that this order needs.
    func needsHeldShares(_ terms: OrderTerms) -> Bool {
        guard let position = account?.positions[terms.symbol] else { return false }
        var strict = self
        strict.freesHeldShares = false
        return terms.qty > strict.availableQty(position, terms.side)
    }

    /// What an order of these terms commits while it waits; add it before the next proposal is judged.
    package func commitment(
        _ terms: OrderTerms, stage: Commitment.Stage = .proposed, clientOrderID: String? = nil
    ) -> Commitment {
        Commitment(
            terms: terms, reference: marketPrice(for: terms), isReducing: effect(of: terms) == .reduces,
            stage: stage, proposalID: proposalID, clientOrderID: clientOrderID)
    }
}
