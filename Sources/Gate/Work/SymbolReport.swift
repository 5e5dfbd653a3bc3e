import Domain
import JSON

/// What a worker says of symbols: which of them its broker takes no order in, and which it does.
struct SymbolReport: Sendable {
    private(set) var untraded: [String: UntradedReason] = [:]
    private(set) var traded: Set<String> = []
    /// Symbols with a quote in the same message: the broker knows them, whether it trades them or not.
    private(set) var quoted: Set<String> = []

    /// Reads `unknown_symbols` and `known_symbols`.
    init(_ reader: JSONReader) {
        for item in reader.objects("unknown_symbols", maxCount: WorkerMessage.maxQuotes) ?? [] {
            let reason = item.choice("reason", UntradedReason.self)
            if item.value("reason") == nil { item.missing("reason") }
            guard let symbol = item.string("symbol", maxCharacters: 32), OrderShape.isSymbol(symbol) else {
                item.fault("symbol", "must be a symbol such as \"NVDA\"")
                continue
            }
            untraded[symbol] = reason
        }
        for value in reader.array("known_symbols", maxCount: WorkerMessage.maxQuotes) ?? [] {
            guard let symbol = value.stringValue, OrderShape.isSymbol(symbol) else {
                reader.fault("known_symbols", "must hold symbols such as \"NVDA\"")
                return
            }
            if untraded[symbol] != nil {
                reader.fault("known_symbols", "must not hold \(symbol), which is in unknown_symbols too")
            }
            traded.insert(symbol)
        }
    }

    /// A quote is proof that the broker knows the symbol, and wins over a word that it does not.
    mutating func weigh(against quotes: [Quote]) {
        quoted = Set(quotes.map(\.symbol))
        untraded = untraded.filter { $0.value != .unknown || !quoted.contains($0.key) }
    }
}
