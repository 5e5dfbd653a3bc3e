import Domain
import JSON

/// The filters of GET /v2/account/activities.
struct ActivityListing: Sendable, Hashable {
    /// Types such as FILL; nil lists all.
    var types: Set<String>?
    /// `trade_activity` or `non_trade_activity`; nil lists both.
    var category: String?
    var after: Timestamp?
    var until: Timestamp?
    var isAscending = false
    var pageSize = 100
    /// The id of the last entry of the page before.
    var pageToken: String?
}

extension SimulatedExchange {
    /// Entries of the statement, newest first unless the listing ascends.
    func activitiesJSON(_ listing: ActivityListing) -> JSONValue {
        var found = activities.filter { activity in
            if let types = listing.types, !types.contains(activity.typeName) { return false }
            if let category = listing.category,
                (category == "trade_activity") != (activity.typeName == "FILL")
            {
                return false
            }
            if let after = listing.after, activity.at <= after { return false }
            if let until = listing.until, activity.at >= until { return false }
            return true
        }
        if !listing.isAscending { found.reverse() }
        if let token = listing.pageToken, let place = found.firstIndex(where: { $0.id == token }) {
            found.removeFirst(place + 1)
        }
        return .array(found.prefix(listing.pageSize).map(json))
    }

    private func json(_ activity: Activity) -> JSONValue {
        switch activity.content {
        case .fill(let fill): fillJSON(activity, fill)
        case .cash(let type, let amount):
            [
                "id": .string(activity.id), "activity_type": .string(type), "status": "executed",
                "date": .string(NewYork.date(activity.at).description), "created_at": .time(activity.at),
                "net_amount": .decimal(amount), "currency": "USD",
                "description": "simulated",
            ]
        }
    }

    private func fillJSON(_ activity: Activity, _ fill: Activity.Fill) -> JSONValue {
        [
            "id": .string(activity.id), "activity_type": "FILL", "transaction_time": .time(activity.at),
            "type": fill.leavesQuantity.isZero ? "fill" : "partial_fill", "price": .decimal(fill.price),
            "qty": .decimal(fill.quantity),
            "side": .string(fill.isShortSale ? "sell_short" : fill.side.rawValue),
            "symbol": .string(fill.symbol), "leaves_qty": .decimal(fill.leavesQuantity),
            "order_id": .string(fill.orderID.text), "cum_qty": .decimal(fill.cumulativeQuantity),
            "order_status": fill.leavesQuantity.isZero ? "filled" : "partially_filled",
        ]
    }
}
