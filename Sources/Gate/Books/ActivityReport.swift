import Domain
import JSON

/// The entries of the account's statement that a worker passes on, in the broker's own words.
struct ActivityReport: Sendable {
    var executions: [Execution] = []
    var flows: [CashFlow] = []
    /// Orders at the broker that took the place of others, by their identities.
    var replaced: [String: String] = [:]

    static let maxEntries = 5000

    /// Reads `activities` of a sync; nil where the member is not there, which says that this worker does not tell.
    static func parse(_ body: JSONValue, now: Timestamp, _ faults: inout [JSONFault]) -> ActivityReport? {
        let reader = JSONReader(body)
        guard let entries = reader.objects("activities", maxCount: maxEntries) else {
            faults += reader.faults
            return nil
        }
        var report = ActivityReport()
        for entry in entries { report.take(entry, now) }
        faults += reader.faults
        return report
    }

    private mutating func take(_ reader: JSONReader, _ now: Timestamp) {
        let type = reader.string("activity_type", maxCharacters: 32)
        if type == nil { reader.missing("activity_type") }
        let id = reader.string("id", maxCharacters: 128)
        if id?.isEmpty ?? true { reader.missing("id") }
        guard let type, let id, !id.isEmpty, !type.isEmpty else { return }
        if type == "FILL" {
            execution(reader, id, now).map { executions.append($0) }
        } else {
            flows.append(Self.flow(reader, id, type, now))
        }
    }

    private mutating func execution(_ reader: JSONReader, _ id: String, _ now: Timestamp) -> Execution? {
        let symbol = reader.string("symbol", maxCharacters: 32)
        let side = reader.string("side", maxCharacters: 16)
        let orderID = reader.string("order_id", maxCharacters: 128)
        let qty = reader.brokerDecimal("qty")?.magnitude
        let price = reader.amount("price")
        let at = reader.instant("transaction_time")
        for key in ["symbol", "side", "qty", "price", "transaction_time"] where reader.value(key) == nil {
            reader.missing(key)
        }
        if let qty, qty.isZero || qty > Limits.maxQty {
            reader.fault("qty", "must be above 0, within reason")
        }
        if let price, price.isZero || price > Limits.maxPrice {
            reader.fault("price", "must be above 0, within reason")
        }
        if let at, Execution.isTooLate(at, now: now) {
            reader.fault("transaction_time", Execution.tooLateWords)
        }
        if let orderID, let other = reader.string("replaces", maxCharacters: 128) {
            replaced[orderID] = other
        }
        guard let symbol, let side, let qty, let price, let at, !qty.isZero, qty <= Limits.maxQty,
            price <= Limits.maxPrice
        else { return nil }
        return Execution(
            id: id, brokerOrderID: orderID, symbol: symbol, side: side.hasPrefix("buy") ? .buy : .sell,
            qty: qty, price: price, commission: reader.amount("commission") ?? .zero, executedAt: at)
    }

    /// Entries without an amount move no cash; what they are stands in the record all the same.
    private static func flow(
        _ reader: JSONReader, _ id: String, _ type: String, _ now: Timestamp
    ) -> CashFlow {
        let isVoid = reader.string("status") == "canceled"
        return CashFlow(
            id: id, type: type, amount: isVoid ? .zero : reader.brokerDecimal("net_amount") ?? .zero,
            symbol: reader.string("symbol", maxCharacters: 32),
            description: reader.string("description", maxCharacters: 500),
            date: (reader.string("created_at") ?? reader.string("date")).map { String($0.prefix(40)) },
            effectiveAt: now)
    }
}

/// The exits that the broker nests in our orders.
enum OrderLegs {
    /// The identities of legs, and of legs of legs, by the `client_order_id` of the order they hang on.
    static func read(_ orders: JSONValue?) -> [String: [String]] {
        var legs: [String: [String]] = [:]
        for order in orders?.arrayValue ?? [] {
            guard let name = order["client_order_id"]?.stringValue else { continue }
            let found = identities(order["legs"])
            if !found.isEmpty { legs[name, default: []] += found }
        }
        return legs
    }

    /// The identities of a list of legs.
    static func identities(_ legs: JSONValue?) -> [String] {
        (legs?.arrayValue ?? []).prefix(100).flatMap { leg in
            [leg["id"]?.stringValue].compactMap(\.self).filter { !$0.isEmpty && $0.utf8.count <= 128 }
                + identities(leg["legs"])
        }
    }
}
