// The exchange and the account's books as one pure value: commands with their time go in, answers and order
// updates come out. It reads no clock and no randomness of its own, so replaying its commands rebuilds it
// exactly (see StateFile).

import Domain
import JSON

/// A simulated broker account on a simulated market.
struct SimulatedExchange: Sendable {
    let settings: ExchangeSettings
    let hours: any MarketHours
    /// The account's identity, derived from its number.
    let accountID: Identifier
    let createdAt: Timestamp

    var random: SplitMix64
    var prices: PriceBook
    /// True or false where a script opened or closed the market against its hours.
    var marketOverride: Bool?
    /// Nothing fills by itself, only by script.
    var isMatchingManual = false
    var scripts = MatchingScripts()

    var configuration = AccountConfiguration()
    /// Members that a script lays over the account's answer, such as `trading_blocked`.
    var accountOverlay: JSONObject = [:]
    var cash: ExactDecimal
    var lastEquity: ExactDecimal
    var nextDayEnd: Timestamp
    /// Prices at the last day's end, for `change_today`.
    var lastDayPrices: [String: ExactDecimal] = [:]
    var positions: [String: SimulatedPosition] = [:]
    var history: [EquityPoint]
    var activities: [Activity] = []

    var orders: [Identifier: SimulatedOrder] = [:]
    /// Every order in the order of its creation.
    var sequence: [Identifier] = []
    /// Orders that may still change, in the order of their creation.
    var openIDs: [Identifier] = []
    /// Every client order id ever taken: they stay unique for ever.
    var byClientOrderID: [String: Identifier] = [:]
    /// What happened to orders since the updates were last taken.
    var updates: [OrderUpdate] = []

    init(settings: ExchangeSettings, hours: any MarketHours, at now: Timestamp) {
        self.settings = settings
        self.hours = hours
        var named = SplitMix64.named("account " + settings.accountNumber)
        accountID = named.identifier()
        createdAt = now
        random = SplitMix64(seed: settings.seed)
        prices = PriceBook(walkBasisPoints: settings.walkBasisPoints)
        cash = settings.cash
        lastEquity = settings.cash
        nextDayEnd = hours.nextDayEnd(after: now)
        history = [EquityPoint(at: now, equity: settings.cash)]
    }
}

/// One value of the account at the end of a day.
struct EquityPoint: Sendable, Hashable {
    let at: Timestamp
    let equity: ExactDecimal
}

/// The settings an account's owner may change.
struct AccountConfiguration: Sendable, Hashable {
    var suspendTrade = false
    var noShorting = false
    var fractionalTrading = true
    var tradeConfirmEmail = "all"
    var noExceptionEntry = false
    var disableOvernightTrading = false
}

/// An entry of the account's statement.
struct Activity: Sendable, Hashable {
    enum Content: Sendable, Hashable {
        case fill(Fill)
        /// Cash moved in (positive) or out, under a type such as CSD, CSW or JNLC.
        case cash(type: String, amount: ExactDecimal)
    }

    /// One execution.
    struct Fill: Sendable, Hashable {
        let orderID: Identifier
        let symbol: String
        let side: SimulatedOrder.Side
        /// What the position was at its turn: selling what one does not hold is shown as `sell_short`.
        let isShortSale: Bool
        let quantity: ExactDecimal
        let price: ExactDecimal
        let cumulativeQuantity: ExactDecimal
        let leavesQuantity: ExactDecimal
    }

    let id: String
    let at: Timestamp
    let content: Content

    var typeName: String {
        switch content {
        case .fill: "FILL"
        case .cash(let type, _): type
        }
    }
}

/// One event in an order's life, as the trade update stream tells it.
struct OrderUpdate: Sendable, Hashable {
    let event: String
    let at: Timestamp
    let order: SimulatedOrder
    let executionID: String?
    let price: ExactDecimal?
    let quantity: ExactDecimal?
}

extension SimulatedExchange {
    /// Whether the regular session is on, by the hours or by a script.
    func isMarketOpen(at now: Timestamp) -> Bool { marketOverride ?? hours.isOpen(at: now) }

    /// Whether an order may trade in the session that is on.
    func isTradable(_ order: SimulatedOrder, at now: Timestamp) -> Bool {
        if isMarketOpen(at: now) { return order.timeInForce != .cls }
        return order.extendedHours && marketOverride == nil && hours.isExtendedSession(at: now)
    }

    func quote(_ symbol: String, at now: Timestamp) -> SimulatedQuote {
        prices.quote(symbol, at: now) ?? SimulatedQuote(bid: .zero, ask: .zero, last: .zero)
    }

    /// Shares held, negative where short.
    func heldQuantity(_ symbol: String) -> ExactDecimal { positions[symbol]?.quantity ?? .zero }

    /// The orders that may still change, oldest first.
    var openOrders: [SimulatedOrder] { openIDs.compactMap { orders[$0] } }

    /// Cash and positions at the last prices.
    func equity(at now: Timestamp) -> ExactDecimal {
        positions.reduce(cash) { $0 + $1.value.quantity * quote($1.key, at: now).last }
    }

    /// Hands over the updates collected so far.
    mutating func takeUpdates() -> [OrderUpdate] {
        defer { updates = [] }
        return updates
    }
}
