/// A snapshot with its positions and open orders looked up by symbol and added up, made once for many checks.
package struct AccountBook: Sendable, Hashable {
    package let snapshot: AccountSnapshot
    /// What is held, by symbol; only what is not nought.
    package let positions: [String: Position]
    /// What the open orders at the broker add up to.
    package let orders: CommittedExposure
    /// The symbols held or about to be held through an open order.
    package let occupiedSymbols: Set<String>
    /// The worth of all positions without sign, in USD.
    package let grossExposure: ExactDecimal
    /// Cash less what buying back the short positions would cost, in USD.
    package let ownCash: ExactDecimal

    /// A book over a snapshot.
    package init(_ snapshot: AccountSnapshot) {
        self.snapshot = snapshot
        var positions: [String: Position] = [:]
        for position in snapshot.positions where !position.qty.isZero {
            positions[position.symbol] = position
        }
        self.positions = positions
        orders = Self.sum(snapshot.openOrders, positions)
        let opening = orders.bySymbol.filter { $0.value.openings > 0 }.keys
        occupiedSymbols = Set(positions.keys).union(opening)
        grossExposure = positions.values.reduce(.zero) { $0 + $1.marketValue.magnitude }
        let owed = positions.values.filter(\.qty.isNegative)
            .reduce(ExactDecimal.zero) { $0 + $1.marketValue.magnitude }
        ownCash = snapshot.cash - owed
    }

    /// The client order ids of all open orders, to leave out what the snapshot shows already.
    package var clientOrderIDs: Set<String> { Set(snapshot.openOrders.compactMap(\.clientOrderID)) }

    private static func sum(_ orders: [BrokerOpenOrder], _ positions: [String: Position]) -> CommittedExposure
    {
        var sum = CommittedExposure()
        for order in orders where order.isOpen && !order.isWaiting {
            let position = positions[order.symbol]
            let isAgainst = position.map { $0.qty.isNegative == (order.side == .buy) } ?? false
            let isReducing = isAgainst || (order.isExit && position == nil)
            let price =
                order.limitPrice ?? order.stopPrice ?? position?.currentPrice ?? position?.avgEntryPrice
            let notional = order.notional ?? price.map { order.remainingQty.saturatingProduct($0) }
            if notional == nil, !isReducing { sum.markUnknownValue(order.symbol) }
            let isProtective = isReducing && !["", "simple"].contains(order.orderClass)
            sum.add(
                Commitment(
                    clientOrderID: order.clientOrderID, symbol: order.symbol, side: order.side,
                    qty: order.remainingQty, notional: notional ?? .zero, reserve: notional ?? .zero,
                    isReducing: isReducing, stage: .released, resting: RestingPrice(order)),
                isProtective: isProtective)
        }
        return sum
    }
}
