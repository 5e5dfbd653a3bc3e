import JSON

/// Something the server tells the worker to do at the broker beside orders.
struct WorkerCommand: Sendable, Hashable {
    /// What is to be done.
    enum Kind: String, Sendable {
        case cancelEntries = "cancel_entries"
        case flatten
        case closePosition = "close_position"
    }

    let id: String
    let kind: Kind
    /// The one symbol it is about; nil for all of them.
    let symbol: String?
    /// The names of the orders it is about; nil for all of them.
    let clientOrderIDs: Set<String>?

    /// Nil where it is none that we understand.
    init?(_ json: JSONValue) {
        guard let id = json["id"]?.stringValue,
            let kind = json["kind"]?.stringValue.flatMap(Kind.init(rawValue:))
        else { return nil }
        let symbol = json["symbol"]?.stringValue
        let names = json["client_order_ids"]?.arrayValue?.compactMap(\.stringValue)
        switch kind {
        case .closePosition: guard symbol != nil, names == nil else { return nil }
        case .flatten: guard symbol == nil, names == nil else { return nil }
        // One that is about a strategy and does not say which orders those are must not reach all of them.
        case .cancelEntries: guard json["strategy"]?.stringValue == nil || names != nil else { return nil }
        }
        (self.id, self.kind, self.symbol, clientOrderIDs) = (id, kind, symbol, names.map(Set.init))
    }
}
