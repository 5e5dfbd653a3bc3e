/// A position from flat to flat, at average cost.
package struct RoundTrip: Sendable, Hashable {
    /// Whether it gains when the price rises or when it falls.
    package enum Direction: String, Sendable, CaseIterable {
        case long, short
    }

    package let key: BookKey
    package let direction: Direction
    package let openingExecutionID: String
    package let openedAt: Timestamp
    /// Our order that opened it; nil where it was not made here.
    package let orderID: Identifier?
    /// All shares that were entered, and their value in USD.
    package internal(set) var entryQty: ExactDecimal = .zero
    package internal(set) var entryValue: ExactDecimal = .zero
    /// All shares that were left again, and their value in USD.
    package internal(set) var exitQty: ExactDecimal = .zero
    package internal(set) var exitValue: ExactDecimal = .zero
    /// Profit taken so far in USD, before commissions.
    package internal(set) var realizedPnL: ExactDecimal = .zero
    /// Commissions of entries and exits in USD.
    package internal(set) var commission: ExactDecimal = .zero
    /// Whether a person's correction is in it, so that entries and exits do not tell the whole profit.
    package internal(set) var isAdjusted = false
    package internal(set) var closedAt: Timestamp?
    package internal(set) var closingExecutionID: String?

    /// Profit taken in USD, after commissions.
    package var netPnL: ExactDecimal { realizedPnL - commission }

    /// The average price paid or received on entering; nil before anything was entered.
    package var averageEntryPrice: ExactDecimal? { entryValue.divided(by: entryQty) }

    /// The average price on leaving; nil before anything was left.
    package var averageExitPrice: ExactDecimal? { exitValue.divided(by: exitQty) }

    /// A round trip that begins with an execution.
    init(_ key: BookKey, _ direction: Direction, opening execution: Execution) {
        self.key = key
        self.direction = direction
        openingExecutionID = execution.id
        openedAt = execution.executedAt
        orderID = execution.orderID
    }

    /// A round trip as it was stored.
    package init(
        key: BookKey, direction: Direction, openingExecutionID: String, openedAt: Timestamp,
        orderID: Identifier?,
        entry: (qty: ExactDecimal, value: ExactDecimal), exit: (qty: ExactDecimal, value: ExactDecimal),
        realizedPnL: ExactDecimal, commission: ExactDecimal, isAdjusted: Bool, closedAt: Timestamp?,
        closingExecutionID: String?
    ) {
        self.key = key
        self.direction = direction
        self.openingExecutionID = openingExecutionID
        self.openedAt = openedAt
        self.orderID = orderID
        (entryQty, entryValue) = entry
        (exitQty, exitValue) = exit
        self.realizedPnL = realizedPnL
        self.commission = commission
        self.isAdjusted = isAdjusted
        self.closedAt = closedAt
        self.closingExecutionID = closingExecutionID
    }

    /// The profit after commissions as a multiple of what was risked at the entry: net / (|entry − stop| × shares).
    ///
    /// Nil without a stop, and where the stop stood at the entry price.
    package func riskMultiple(stopPrice: ExactDecimal?) -> ExactDecimal? {
        guard let stopPrice, let entry = averageEntryPrice else { return nil }
        return netPnL.divided(by: ((entry - stopPrice).magnitude * entryQty).rounded(scale: 9), scale: 6)
    }
}
