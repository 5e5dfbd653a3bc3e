/// What all commitments add up to, by symbol, so that one more proposal costs no walk over the others.
package struct CommittedExposure: Sendable, Hashable {
    package private(set) var bySymbol: [String: SymbolExposure] = [:]
    /// The money set aside for all opening orders, in USD.
    package private(set) var reserve: ExactDecimal = .zero
    /// The worth of all opening orders, in USD.
    package private(set) var openingNotional: ExactDecimal = .zero
    /// The symbols with opening orders or proposals of which none is released, and those of which one is.
    package private(set) var symbolsOnlyProposed: Set<String> = []
    package private(set) var symbolsReleased: Set<String> = []
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

    /// What is committed in one symbol; nothing is known by itself of what was added as `OtherExposure`.
    package subscript(symbol: String) -> SymbolExposure { bySymbol[symbol] ?? SymbolExposure() }

    /// Adds one commitment.
    package mutating func add(_ commitment: Commitment) { add(commitment, isProtective: false) }

    /// Adds what a query has already summed for a symbol, which must not have been added before.
    package mutating func add(_ exposure: SymbolExposure, symbol: String) {
        precondition(bySymbol[symbol] == nil, "a symbol's sum is added once")
        bySymbol[symbol] = exposure
        if exposure.openings > 0 {
            noteOpening(symbol, isReleased: exposure.proposedOpenings < exposure.openings)
        }
        reserve += exposure.reserve
        openingNotional += exposure.buys.openingNotional + exposure.sells.openingNotional
        if exposure.hasUnknownValue { symbolsOfUnknownValue.insert(symbol) }
    }

    /// Adds what a query has summed over symbols that are not looked at by themselves.
    package mutating func add(_ others: OtherExposure) {
        reserve += others.reserve
        openingNotional += others.openingNotional
        symbolsReleased.formUnion(others.released)
        symbolsOnlyProposed.subtract(others.released)
        symbolsOnlyProposed.reserveCapacity(symbolsOnlyProposed.count + others.onlyProposed.count)
        for symbol in others.onlyProposed where !symbolsReleased.contains(symbol) {
            symbolsOnlyProposed.insert(symbol)
        }
    }

    /// Tells what one symbol has of that which was added as `OtherExposure`: the totals have it already.
    package mutating func tell(_ exposure: SymbolExposure, symbol: String) {
        bySymbol[symbol, default: SymbolExposure()].add(exposure)
        if exposure.hasUnknownValue { symbolsOfUnknownValue.insert(symbol) }
    }

    mutating func add(_ commitment: Commitment, isProtective: Bool) {
        bySymbol[commitment.symbol, default: SymbolExposure()].add(commitment, isProtective: isProtective)
        guard !commitment.isReducing else { return }
        noteOpening(commitment.symbol, isReleased: commitment.stage == .released)
        reserve += commitment.reserve
        openingNotional += commitment.notional
    }

    private mutating func noteOpening(_ symbol: String, isReleased: Bool) {
        if isReleased {
            symbolsReleased.insert(symbol)
            symbolsOnlyProposed.remove(symbol)
        } else if !symbolsReleased.contains(symbol) {
            symbolsOnlyProposed.insert(symbol)
        }
    }

    mutating func markUnknownValue(_ symbol: String) {
        bySymbol[symbol, default: SymbolExposure()].hasUnknownValue = true
        symbolsOfUnknownValue.insert(symbol)
    }
}

/// What opening orders and proposals add up to in symbols that nobody looks at by themselves.
package struct OtherExposure: Sendable, Hashable {
    package let openingNotional: ExactDecimal
    package let reserve: ExactDecimal
    /// The symbols with proposals only, and those with a released order.
    package let onlyProposed: [String]
    package let released: [String]

    /// Such a sum, in USD.
    package init(
        openingNotional: ExactDecimal, reserve: ExactDecimal, onlyProposed: [String], released: [String]
    ) {
        self.openingNotional = openingNotional
        self.reserve = reserve
        self.onlyProposed = onlyProposed
        self.released = released
    }
}
