/// Whether a live stop at the broker protects a position.
package struct StopCover: Sendable, Hashable {
    /// How much of the position it protects.
    package enum Standing: String, Sendable, CaseIterable {
        /// All of it.
        case live
        /// A part of it.
        case partial
        /// Nothing.
        case none
    }

    package let standing: Standing
    /// Shares that stops would close.
    package let qty: ExactDecimal
    /// The stop that would be touched first; nil without one.
    package let stopPrice: ExactDecimal?

    /// What the open orders do for a position.
    ///
    /// Counted are stops on the other side that work: also one that the broker shows as `held` because a target stands for
    /// the same shares, but not the leg of an entry that is not filled.
    package init(_ position: Position, _ orders: [BrokerOpenOrder]) {
        let side: Side = position.qty.isNegative ? .buy : .sell
        let stops = orders.filter { order in
            order.symbol == position.symbol && order.side == side && order.isOpen && order.isArmed
                && order.stopPrice != nil
        }
        let prices = stops.compactMap(\.stopPrice)
        stopPrice = position.qty.isNegative ? prices.min() : prices.max()
        qty = min(stops.reduce(.zero) { $0 + $1.remainingQty }, position.qty.magnitude)
        standing = qty.isZero ? .none : qty < position.qty.magnitude ? .partial : .live
    }
}
