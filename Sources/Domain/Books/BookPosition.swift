// Positions at average cost. What a partial close takes off is the average cost (12 decimal places, half to even)
// times the shares closed, rounded to 12 places; the last close takes what is left. So nothing is lost by rounding:
// over a round trip the profit is exactly what was received less what was paid.

/// What one book holds of one symbol, and how it came to it.
package struct BookPosition: Sendable, Hashable {
    package let key: BookKey
    /// Shares; below nought for a short position.
    package private(set) var qty: ExactDecimal = .zero
    /// What they cost in USD, with the sign of the shares.
    package private(set) var cost: ExactDecimal = .zero
    /// All profit ever taken in USD, before commissions.
    package private(set) var realizedPnL: ExactDecimal = .zero
    /// All commissions ever paid in USD.
    package private(set) var commission: ExactDecimal = .zero
    /// The round trip under way; nil where it is flat.
    package private(set) var trip: RoundTrip?
    /// The last execution that was entered; nil before the first.
    package private(set) var last: BookPlace?

    /// A book without entries.
    package init(_ key: BookKey) { self.key = key }

    /// A book as it was stored.
    package init(
        key: BookKey, qty: ExactDecimal, cost: ExactDecimal, realizedPnL: ExactDecimal,
        commission: ExactDecimal, trip: RoundTrip?, last: BookPlace?
    ) {
        self.key = key
        self.qty = qty
        self.cost = cost
        self.realizedPnL = realizedPnL
        self.commission = commission
        self.trip = trip
        self.last = last
    }

    /// The average cost of a share in USD, to 12 decimal places; nil where it is flat.
    package var averageCost: ExactDecimal? { cost.divided(by: qty) }

    /// The profit not yet taken at a price, in USD: qty × price − cost.
    package func unrealizedPnL(at price: ExactDecimal) -> ExactDecimal { qty * price - cost }

    /// Enters the next execution.
    package mutating func book(_ execution: Execution) -> Booking {
        var closed: [RoundTrip] = []
        let before = realizedPnL
        switch execution.kind {
        case .adjustment: restate(execution, &closed)
        case .fill, .opening: trade(execution, &closed)
        }
        commission = commission + execution.commission
        last = execution.place
        return Booking(
            key: key, executionID: execution.id, executedAt: execution.executedAt,
            realizedPnL: realizedPnL - before, commission: execution.commission, qtyAfter: qty,
            costAfter: cost, closedTrips: closed)
    }

    private mutating func trade(_ execution: Execution, _ closed: inout [RoundTrip]) {
        let change = execution.signedQty
        guard !qty.isZero, qty.isNegative != change.isNegative else {
            return enter(execution, execution.qty, commission: execution.commission)
        }
        let shares = min(qty.magnitude, execution.qty)
        let rest = execution.qty - shares
        let fee =
            rest.isZero
            ? execution.commission
            : (execution.commission * shares).divided(by: execution.qty, scale: 9) ?? .zero
        leave(execution, shares, commission: fee, &closed)
        if !rest.isZero { enter(execution, rest, commission: execution.commission - fee) }
    }

    private mutating func enter(_ execution: Execution, _ shares: ExactDecimal, commission fee: ExactDecimal)
    {
        let isShort = execution.side == .sell
        let value = shares * execution.price
        var trip = trip ?? RoundTrip(key, isShort ? .short : .long, opening: execution)
        trip.entryQty = trip.entryQty + shares
        trip.entryValue = trip.entryValue + value
        trip.commission = trip.commission + fee
        self.trip = trip
        qty = isShort ? qty - shares : qty + shares
        cost = isShort ? cost - value : cost + value
    }

    private mutating func leave(
        _ execution: Execution, _ shares: ExactDecimal, commission fee: ExactDecimal,
        _ closed: inout [RoundTrip]
    ) {
        let value = shares * execution.price
        let sign = qty.isNegative ? -ExactDecimal.one : .one
        let isLast = shares == qty.magnitude
        let taken = isLast ? cost : sign * ((averageCost ?? .zero) * shares).rounded(scale: 12)
        let profit = sign * value - taken
        realizedPnL = realizedPnL + profit
        qty = qty - sign * shares
        cost = isLast ? .zero : cost - taken
        guard var trip else { return }
        trip.exitQty = trip.exitQty + shares
        trip.exitValue = trip.exitValue + value
        trip.realizedPnL = trip.realizedPnL + profit
        trip.commission = trip.commission + fee
        self.trip = trip
        if isLast { close(execution, &closed) }
    }

    /// Takes over shares and average price as the broker has them; no profit is taken by that.
    private mutating func restate(_ execution: Execution, _ closed: inout [RoundTrip]) {
        let after = qty + execution.signedQty
        let changesSides = !qty.isZero && !after.isZero && qty.isNegative != after.isNegative
        trip?.isAdjusted = true
        if after.isZero || changesSides { close(execution, &closed) }
        if !after.isZero, trip == nil {
            var begun = RoundTrip(key, after.isNegative ? .short : .long, opening: execution)
            begun.entryQty = after.magnitude
            begun.entryValue = after.magnitude * execution.price
            begun.isAdjusted = true
            trip = begun
        }
        trip.map { trip in self.trip = adding(execution.commission, to: trip) }
        qty = after
        cost = after * execution.price
    }

    private func adding(_ fee: ExactDecimal, to trip: RoundTrip) -> RoundTrip {
        var changed = trip
        changed.commission = changed.commission + fee
        return changed
    }

    private mutating func close(_ execution: Execution, _ closed: inout [RoundTrip]) {
        guard var ended = trip else { return }
        ended.closedAt = execution.executedAt
        ended.closingExecutionID = execution.id
        closed.append(ended)
        trip = nil
    }
}

/// What one execution did to one book.
package struct Booking: Sendable, Hashable {
    package let key: BookKey
    package let executionID: String
    package let executedAt: Timestamp
    /// Profit taken in USD, before commissions.
    package let realizedPnL: ExactDecimal
    package let commission: ExactDecimal
    package let qtyAfter: ExactDecimal
    package let costAfter: ExactDecimal
    /// Round trips that it ended.
    package let closedTrips: [RoundTrip]

    /// A booking.
    package init(
        key: BookKey, executionID: String, executedAt: Timestamp, realizedPnL: ExactDecimal,
        commission: ExactDecimal, qtyAfter: ExactDecimal, costAfter: ExactDecimal,
        closedTrips: [RoundTrip] = []
    ) {
        self.key = key
        self.executionID = executionID
        self.executedAt = executedAt
        self.realizedPnL = realizedPnL
        self.commission = commission
        self.qtyAfter = qtyAfter
        self.costAfter = costAfter
        self.closedTrips = closedTrips
    }
}
