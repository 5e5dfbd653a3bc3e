import Domain

/// One order as the simulated broker keeps it, from submission to its terminal status.
struct SimulatedOrder: Sendable, Hashable {
    let id: Identifier
    /// The place among all orders ever taken, counted from 0.
    let number: Int
    let clientOrderID: String
    let symbol: String
    let side: Side
    let kind: Kind
    let timeInForce: TimeInForce
    let orderClass: Class
    let intent: PositionIntent
    let extendedHours: Bool
    /// Shares ordered; nil for an order by amount until it fills.
    var quantity: ExactDecimal?
    let notional: ExactDecimal?
    let limitPrice: ExactDecimal?
    var stopPrice: ExactDecimal?
    let trail: Trail?
    let createdAt: Timestamp
    let expiresAt: Timestamp

    var status: Status
    /// A status text that a script forces upon readers; the life cycle goes on underneath.
    var shownStatus: String?
    var filledQuantity: ExactDecimal = .zero
    var filledCost: ExactDecimal = .zero
    /// The stop has been touched: from here a stop order trades like a market or limit order.
    var isTriggered = false
    /// A held stop leg whose entry has filled: it watches the price although its status stays `held`.
    var isArmed = false
    var drewPartialFill = false
    /// No automatic fill before this instant; nil while a script holds the rest back.
    var nextMatchAt: Timestamp?
    var cancelDueAt: Timestamp?
    var highWaterMark: ExactDecimal?

    var parentID: Identifier?
    var legIDs: [Identifier] = []
    var replaces: Identifier?
    var replacedBy: Identifier?

    var updatedAt: Timestamp
    var filledAt: Timestamp?
    var expiredAt: Timestamp?
    var canceledAt: Timestamp?
    var failedAt: Timestamp?
    var replacedAt: Timestamp?
}

extension SimulatedOrder {
    /// Shares still to be filled; nil for an order by amount.
    var remainingQuantity: ExactDecimal? { quantity.map { $0 - filledQuantity } }

    /// The average price of what has filled.
    var averageFillPrice: ExactDecimal? { filledCost.divided(by: filledQuantity, scale: 6) }

    /// Whether the order may still change.
    var isOpen: Bool { !status.isTerminal }

    /// Whether shares of a position are set aside for this order.
    var isClosing: Bool { intent == .buyToClose || intent == .sellToClose }

    /// Whether the order may trade now or on a trigger: not while it waits for its entry.
    var isWorking: Bool {
        switch status {
        case .new, .partiallyFilled, .pendingCancel: true
        case .held: isArmed
        case .accepted, .pendingNew, .filled, .canceled, .expired, .replaced, .rejected: false
        }
    }
}

extension SimulatedOrder {
    /// Which way it trades.
    enum Side: String, Sendable, CaseIterable {
        case buy, sell

        var opposite: Side { self == .buy ? .sell : .buy }
    }

    /// The order type; called so because `Type` is Swift's.
    enum Kind: String, Sendable, CaseIterable {
        case market, limit, stop
        case stopLimit = "stop_limit"
        case trailingStop = "trailing_stop"

        var hasLimit: Bool { self == .limit || self == .stopLimit }
        var hasStop: Bool { self == .stop || self == .stopLimit }
        /// Whether it ends as a market order, which no price protects.
        var isMarketable: Bool { !hasLimit }
    }

    enum TimeInForce: String, Sendable, CaseIterable {
        case day, gtc, opg, cls, ioc, fok
    }

    enum Class: String, Sendable, CaseIterable {
        case simple, bracket, oco, oto
    }

    enum PositionIntent: String, Sendable, CaseIterable {
        case buyToOpen = "buy_to_open"
        case buyToClose = "buy_to_close"
        case sellToOpen = "sell_to_open"
        case sellToClose = "sell_to_close"
    }

    /// How far a trailing stop follows.
    enum Trail: Sendable, Hashable {
        case price(ExactDecimal)
        case percent(ExactDecimal)
    }

    /// The part of Alpaca's life cycle that the simulator walks through by itself.
    enum Status: String, Sendable, CaseIterable {
        case accepted, new, filled, canceled, expired, replaced, rejected, held
        case pendingNew = "pending_new"
        case partiallyFilled = "partially_filled"
        case pendingCancel = "pending_cancel"

        var isTerminal: Bool {
            switch self {
            case .filled, .canceled, .expired, .replaced, .rejected: true
            case .accepted, .new, .held, .pendingNew, .partiallyFilled, .pendingCancel: false
            }
        }
    }
}
