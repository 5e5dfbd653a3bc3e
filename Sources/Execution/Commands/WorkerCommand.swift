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

    /// Nil where it is none that we understand.
    init?(_ json: JSONValue) {
        guard let id = json["id"]?.stringValue,
            let kind = json["kind"]?.stringValue.flatMap(Kind.init(rawValue:))
        else { return nil }
        let symbol = json["symbol"]?.stringValue
        guard (kind == .closePosition) == (symbol != nil) else { return nil }
        (self.id, self.kind, self.symbol) = (id, kind, symbol)
    }
}
