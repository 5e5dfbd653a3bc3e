/// One trading day of the account, from close to close.
package struct AccountDay: Sendable, Hashable {
    package let day: CalendarDate
    /// Equity at the close before, in USD.
    package let startEquity: ExactDecimal
    /// Equity at the newest snapshot of the day, in USD.
    package internal(set) var endEquity: ExactDecimal
    /// Money put in less money taken out, in USD.
    package internal(set) var capitalFlows: ExactDecimal = .zero
    /// Dividends and interest, in USD.
    package internal(set) var income: ExactDecimal = .zero
    /// Charges, in USD, as the account shows them: below nought.
    package internal(set) var fees: ExactDecimal = .zero
    /// Profit not yet taken at the newest snapshot, by the broker's average prices; nil where it did not tell them.
    package internal(set) var unrealizedPnL: ExactDecimal?
    /// The highest equity ever, corrected for money put in and taken out since, at the newest snapshot.
    package internal(set) var highWaterMark: ExactDecimal
    package internal(set) var highWaterAt: Timestamp
    /// How far equity stands below the high-water mark, as a fraction of it; from nought to one and more.
    package internal(set) var drawdown: ExactDecimal = .zero
    /// The deepest of the day.
    package internal(set) var maxDrawdown: ExactDecimal = .zero
    package internal(set) var lowEquity: ExactDecimal
    package internal(set) var highEquity: ExactDecimal
    /// How many snapshots of the day are kept.
    package internal(set) var snapshots = 0
    package let firstAt: Timestamp
    package internal(set) var lastAt: Timestamp

    /// Profit or loss of the day in USD: end − start − money put in.
    package var pnl: ExactDecimal { endEquity - startEquity - capitalFlows }

    /// The profit as a fraction of the equity at the close before, to 12 places half to even; nil where that was
    /// nought or less.
    package var returnFraction: ExactDecimal? {
        startEquity.isPositive ? pnl.divided(by: startEquity) : nil
    }

    /// A day at its first snapshot.
    init(day: CalendarDate, startEquity: ExactDecimal, mark: (ExactDecimal, Timestamp), at first: Timestamp) {
        self.day = day
        self.startEquity = startEquity
        endEquity = startEquity
        (highWaterMark, highWaterAt) = mark
        (lowEquity, highEquity) = (startEquity, startEquity)
        firstAt = first
        lastAt = first
    }

    /// A day as it was stored.
    package init(
        day: CalendarDate, startEquity: ExactDecimal, endEquity: ExactDecimal, capitalFlows: ExactDecimal,
        income: ExactDecimal, fees: ExactDecimal, unrealizedPnL: ExactDecimal?, highWaterMark: ExactDecimal,
        highWaterAt: Timestamp, drawdown: ExactDecimal, maxDrawdown: ExactDecimal, lowEquity: ExactDecimal,
        highEquity: ExactDecimal, snapshots: Int, firstAt: Timestamp, lastAt: Timestamp
    ) {
        self.day = day
        self.startEquity = startEquity
        self.endEquity = endEquity
        self.capitalFlows = capitalFlows
        self.income = income
        self.fees = fees
        self.unrealizedPnL = unrealizedPnL
        self.highWaterMark = highWaterMark
        self.highWaterAt = highWaterAt
        self.drawdown = drawdown
        self.maxDrawdown = maxDrawdown
        self.lowEquity = lowEquity
        self.highEquity = highEquity
        self.snapshots = snapshots
        self.firstAt = firstAt
        self.lastAt = lastAt
    }
}

/// What a snapshot says of the account's worth.
package struct EquityPoint: Sendable, Hashable {
    package let at: Timestamp
    package let equity: ExactDecimal
    /// Equity at the previous close, in the broker's own word.
    package let lastEquity: ExactDecimal?
    package let unrealizedPnL: ExactDecimal?

    /// A point of the equity curve.
    package init(
        at: Timestamp, equity: ExactDecimal, lastEquity: ExactDecimal? = nil,
        unrealizedPnL: ExactDecimal? = nil
    ) {
        self.at = at
        self.equity = equity
        self.lastEquity = lastEquity
        self.unrealizedPnL = unrealizedPnL
    }
}

extension AccountSnapshot {
    /// What the snapshot says of the account's worth.
    ///
    /// Profit not yet taken is market value less shares × average entry price, as the broker has them.
    package var equityPoint: EquityPoint {
        let open = positions.map { position in
            position.avgEntryPrice.map { position.marketValue - position.qty.saturatingProduct($0) }
        }
        let isKnown = !open.contains(nil)
        return EquityPoint(
            at: receivedAt, equity: equity, lastEquity: lastEquity,
            unrealizedPnL: isKnown ? open.compactMap(\.self).reduce(.zero, +) : nil)
    }
}
