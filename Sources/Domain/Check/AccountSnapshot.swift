/// What the broker last said of the account, as the worker reported it.
package struct AccountSnapshot: Sendable, Hashable {
    package var accountNumber: String
    /// The broker's word for the state of the account; only `ACTIVE` may trade.
    package var status: String
    package var equity: ExactDecimal
    /// Equity at the previous close.
    package var lastEquity: ExactDecimal?
    package var cash: ExactDecimal
    package var buyingPower: ExactDecimal
    /// How many times its equity a margin account may trade.
    package var multiplier: ExactDecimal?
    package var isTradingBlocked: Bool
    package var isAccountBlocked: Bool
    package var isTradeSuspendedByUser: Bool
    package var isShortingEnabled: Bool?
    package var positions: [Position]
    package var openOrders: [BrokerOpenOrder]
    package var clock: BrokerClock?
    /// When we received it, by our own clock.
    package var receivedAt: Timestamp

    /// An account in order without positions and orders, unless told otherwise.
    package init(
        accountNumber: String, status: String = "ACTIVE", equity: ExactDecimal,
        lastEquity: ExactDecimal? = nil,
        cash: ExactDecimal, buyingPower: ExactDecimal, multiplier: ExactDecimal? = nil,
        isTradingBlocked: Bool = false, isAccountBlocked: Bool = false, isTradeSuspendedByUser: Bool = false,
        isShortingEnabled: Bool? = nil, positions: [Position] = [], openOrders: [BrokerOpenOrder] = [],
        clock: BrokerClock? = nil, receivedAt: Timestamp
    ) {
        self.accountNumber = accountNumber
        self.status = status
        self.equity = equity
        self.lastEquity = lastEquity
        self.cash = cash
        self.buyingPower = buyingPower
        self.multiplier = multiplier
        self.isTradingBlocked = isTradingBlocked
        self.isAccountBlocked = isAccountBlocked
        self.isTradeSuspendedByUser = isTradeSuspendedByUser
        self.isShortingEnabled = isShortingEnabled
        self.positions = positions
        self.openOrders = openOrders
        self.clock = clock
        self.receivedAt = receivedAt
    }
}

/// What the account holds of one symbol.
package struct Position: Sendable, Hashable {
    package var symbol: String
    /// Shares held; negative for a short position.
    package var qty: ExactDecimal
    /// What it is worth in USD; negative for a short position.
    package var marketValue: ExactDecimal
    package var currentPrice: ExactDecimal?
    package var avgEntryPrice: ExactDecimal?
    /// The shares that no open order at the broker holds; nil where the broker did not say.
    package var qtyAvailable: ExactDecimal?

    /// A holding.
    package init(
        symbol: String, qty: ExactDecimal, marketValue: ExactDecimal, currentPrice: ExactDecimal? = nil,
        avgEntryPrice: ExactDecimal? = nil, qtyAvailable: ExactDecimal? = nil
    ) {
        self.symbol = symbol
        self.qty = qty
        self.marketValue = marketValue
        self.currentPrice = currentPrice
        self.avgEntryPrice = avgEntryPrice
        self.qtyAvailable = qtyAvailable
    }
}

/// An order that is open at the broker, ours or not.
package struct BrokerOpenOrder: Sendable, Hashable {
    package var clientOrderID: String?
    package var symbol: String
    package var side: Side
    /// The shares ordered; nought where the order is for an amount of money.
    package var qty: ExactDecimal
    package var filledQty: ExactDecimal
    /// The broker's word for the type, which may be one that we do not use.
    package var type: String
    package var limitPrice: ExactDecimal?
    package var stopPrice: ExactDecimal?
    /// The amount ordered, of orders for an amount of money.
    package var notional: ExactDecimal?
    /// The broker's word for the class.
    package var orderClass: String
    /// The broker's word for the state.
    package var status: String
    /// Whether it waits for another order and takes nothing yet: a leg whose entry is not filled, or whose sibling
    /// stands for both.
    package var isWaiting: Bool
    /// Whether it is a leg that leaves a position which another order enters.
    package var isExit: Bool
    /// Whether it works or would, were it not for a sibling; false for the leg of an entry that is not filled.
    package var isArmed: Bool

    /// An open order.
    package init(
        clientOrderID: String? = nil, symbol: String, side: Side, qty: ExactDecimal,
        filledQty: ExactDecimal = .zero, type: String = "limit", limitPrice: ExactDecimal? = nil,
        stopPrice: ExactDecimal? = nil, notional: ExactDecimal? = nil, orderClass: String = "simple",
        status: String = "new", isWaiting: Bool? = nil, isExit: Bool = false,
        isArmed: Bool = true
    ) {
        self.clientOrderID = clientOrderID
        self.symbol = symbol
        self.side = side
        self.qty = qty
        self.filledQty = filledQty
        self.type = type
        self.limitPrice = limitPrice
        self.stopPrice = stopPrice
        self.notional = notional
        self.orderClass = orderClass
        self.status = status
        self.isWaiting = isWaiting ?? (status == "held")
        self.isExit = isExit
        self.isArmed = isArmed
    }

    /// The shares not yet filled.
    package var remainingQty: ExactDecimal { max(.zero, qty - filledQty) }

    /// Whether something is still to be traded; a filled entry is listed for the sake of its legs.
    package var isOpen: Bool {
        let isOver = ["filled", "canceled", "expired", "rejected", "replaced"].contains(status)
        return !isOver && (remainingQty.isPositive || notional != nil)
    }
}

/// The broker's clock: whether its market is open, and when that changes.
package struct BrokerClock: Sendable, Hashable {
    package var isOpen: Bool
    package var nextOpen: Timestamp?
    package var nextClose: Timestamp?
    /// When the broker said so.
    package var timestamp: Timestamp

    /// A reading of the clock.
    package init(isOpen: Bool, nextOpen: Timestamp?, nextClose: Timestamp?, timestamp: Timestamp) {
        self.isOpen = isOpen
        self.nextOpen = nextOpen
        self.nextClose = nextClose
        self.timestamp = timestamp
    }
}
