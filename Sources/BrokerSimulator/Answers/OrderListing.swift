import Domain
import JSON

/// The filters of GET /v2/orders.
struct OrderListing: Sendable, Hashable {
    enum Scope: String, Sendable { case open, closed, all }

    var scope = Scope.open
    var limit = 50
    var after: Timestamp?
    var until: Timestamp?
    var isAscending = false
    var isNested = false
    var symbols: Set<String>?
    var side: SimulatedOrder.Side?
    var beforeID: Identifier?
    var afterID: Identifier?
}

extension SimulatedExchange {
    /// The orders that a listing asks for, newest first unless it ascends.
    ///
    /// Nested, legs appear inside their entry only; otherwise beside it, where held legs do not count as open
    /// (a trap of the real interface that is kept on purpose).
    func ordersJSON(_ listing: OrderListing) -> JSONValue {
        let before = listing.beforeID.flatMap { orders[$0]?.number } ?? .max
        let after = listing.afterID.flatMap { orders[$0]?.number } ?? -1
        let ids = listing.scope == .open && !listing.isNested ? openIDs : sequence
        var found: [SimulatedOrder] = []
        for id in listing.isAscending ? ids : ids.reversed() {
            guard let order = orders[id], order.number < before, order.number > after,
                matches(order, listing)
            else { continue }
            found.append(order)
            if found.count == listing.limit { break }
        }
        return .array(found.map { json($0, nested: listing.isNested) })
    }

    private func matches(_ order: SimulatedOrder, _ listing: OrderListing) -> Bool {
        if listing.isNested, order.parentID != nil { return false }
        switch listing.scope {
        case .all: break
        case .closed: if order.isOpen { return false }
        case .open: if !countsAsOpen(order, nested: listing.isNested) { return false }
        }
        if let after = listing.after, order.createdAt <= after { return false }
        if let until = listing.until, order.createdAt >= until { return false }
        if let symbols = listing.symbols, !symbols.contains(order.symbol) { return false }
        if let side = listing.side, order.side != side { return false }
        return true
    }

    private func countsAsOpen(_ order: SimulatedOrder, nested: Bool) -> Bool {
        guard nested else { return order.isOpen && order.status != .held }
        return order.isOpen || order.legIDs.contains { orders[$0]?.isOpen == true }
    }
}
