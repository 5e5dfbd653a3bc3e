import Broker
import Domain
import JSON

/// Open orders and positions as the broker shows them now: all that a command goes by.
///
/// Nothing of what was done before is remembered anywhere else, so any worker can go on at any point.
struct BrokerScene: Sendable {
    /// An order that may still trade.
    struct OpenOrder: Sendable, Hashable {
        let id: String
        let symbol: String
        let clientOrderID: String
        let isBuy: Bool
        let isMarket: Bool
        let remaining: ExactDecimal
        /// Whether it hangs on another order or others on it.
        let isGrouped: Bool
        /// Whether it is an exit whose entry is not over yet: it goes with its entry.
        let goesWithEntry: Bool
    }

    /// A holding; shares below nought are a short position.
    struct Holding: Sendable, Hashable {
        let symbol: String
        let qty: ExactDecimal
        /// The shares that no order holds; nil where the broker does not say.
        let available: ExactDecimal?
    }

    let orders: [OpenOrder]
    let holdings: [Holding]

    /// What concerns one symbol, or the orders of these names, or everything.
    init(
        orders: [BrokerOrder], positions: [BrokerPosition], only symbol: String?, named: Set<String>? = nil
    ) {
        self.orders = orders.flatMap { Self.open($0, entry: nil) }
            .filter { symbol == nil || $0.symbol == symbol }
            .filter { named?.contains($0.clientOrderID) ?? true }
        holdings = positions.compactMap(Self.holding).filter { symbol == nil || $0.symbol == symbol }
    }

    private static func open(_ order: BrokerOrder, entry: BrokerOrder?) -> [OpenOrder] {
        let legs = order.legs.flatMap { open($0, entry: order) }
        guard !order.isFinal else { return legs }
        let qty = order.json["qty"]?.numberText.flatMap { ExactDecimal($0) } ?? .zero
        let isEntryOpen = entry.map { !$0.isFinal } ?? false
        return [
            OpenOrder(
                id: order.id, symbol: order.symbol,
                clientOrderID: order.clientOrderID,
                isBuy: order.json["side"]?.stringValue == "buy",
                isMarket: order.json["type"]?.stringValue == "market", remaining: qty - order.filledQty,
                isGrouped: entry != nil || !order.legs.isEmpty, goesWithEntry: isEntryOpen)
        ] + legs
    }

    private static func holding(_ position: BrokerPosition) -> Holding? {
        guard let text = position.json["qty"]?.numberText, var qty = ExactDecimal(text), !qty.isZero else {
            return nil
        }
        if position.json["side"]?.stringValue == "short", qty.isPositive { qty = -qty }
        let available = position.json["qty_available"]?.numberText.flatMap { ExactDecimal($0) }
        return Holding(symbol: position.symbol, qty: qty, available: available?.magnitude)
    }

    /// Whether an order only makes a position smaller, with no strings attached.
    func reduces(_ order: OpenOrder) -> Bool {
        guard let holding = holdings.first(where: { $0.symbol == order.symbol }) else { return false }
        return holding.qty.isNegative == order.isBuy && order.remaining <= holding.qty.magnitude
    }

    /// Whether an order is closing its position at the market already; it is left to work.
    func closes(_ order: OpenOrder) -> Bool { order.isMarket && !order.isGrouped && reduces(order) }

    /// What to do next; the first that applies.
    func next(_ kind: WorkerCommand.Kind) -> Step {
        switch kind {
        case .cancelEntries:
            // Exits that stand by themselves protect what is held; those of an open entry go with it.
            let entries = orders.filter { !$0.goesWithEntry && !reduces($0) }
            return entries.isEmpty ? .done : .cancel(entries.map(\.id), all: false)
        case .flatten, .closePosition:
            let resting = orders.filter { !closes($0) }
            if !resting.isEmpty {
                let isAll = kind == .flatten && resting.count == orders.count
                return .cancel(resting.filter { !$0.goesWithEntry }.map(\.id), all: isAll)
            }
            if holdings.isEmpty { return .done }
            let closing = Set(orders.map(\.symbol))
            return .close(holdings.filter { !closing.contains($0.symbol) && $0.available?.isZero != true })
        }
    }

    /// One step of a command.
    enum Step: Sendable, Hashable {
        /// Cancel these; `all` where there are no others.
        case cancel([String], all: Bool)
        /// Close these; none where orders that close are under way.
        case close([Holding])
        case done
    }
}
