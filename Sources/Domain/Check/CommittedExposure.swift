/// What all commitments add up to, by symbol, so that one more proposal costs no walk over the others.
package struct CommittedExposure: Sendable, Hashable {
    package private(set) var bySymbol: [String: SymbolExposure] = [:]
    /// The money set aside for all opening orders, in USD.
    package private(set) var reserve: ExactDecimal = .zero
    /// The worth of all opening orders, in USD.
    package private(set) var openingNotional: ExactDecimal = .zero
    /// The symbols with an opening order whose worth nobody can tell.
    package private(set) var symbolsOfUnknownValue: Set<String> = []

    /// Nothing committed.
    package init() {}

    /// The sum of commitments, but for those whose order the snapshot shows already.
    package init(_ commitments: some Sequence<Commitment>, shownAlready clientOrderIDs: Set<String> = []) {
        for commitment in commitments {
            if let id = commitment.clientOrderID, clientOrderIDs.contains(id) { continue }
            add(commitment)
        }
    }

    /// What is committed in one symbol.
    package subscript(symbol: String) -> SymbolExposure { bySymbol[symbol] ?? SymbolExposure() }

    /// Adds one commitment.
    package mutating func add(_ commitment: Commitment) { add(commitment, isProtective: false) }

    /// Adds what a query has already summed for a symbol, which must not have been added before.
    package mutating func add(_ exposure: SymbolExposure, symbol: String) {
        precondition(bySymbol[symbol] == nil, "a symbol's sum is added once")
        bySymbol[symbol] = exposure
        reserve += exposure.reserve
        openingNotional += exposure.buys.openingNotional + exposure.sells.openingNotional
        if exposure.hasUnknownValue { symbolsOfUnknownValue.insert(symbol) }
    }

    mutating func add(_ commitment: Commitment, isProtective: Bool) {
        bySymbol[commitment.symbol, default: SymbolExposure()].add(commitment, isProtective: isProtective)
        guard !commitment.isReducing else { return }
        reserve += commitment.reserve
        openingNotional += commitment.notional
    }

    mutating func markUnknownValue(_ symbol: String) {
        bySymbol[symbol, default: SymbolExposure()].hasUnknownValue = true
        symbolsOfUnknownValue.insert(symbol)
    }
}
