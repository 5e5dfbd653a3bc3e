import Domain
import Testing

/// A closer look at what was known only in total.
struct CommittedExposureTests {
    private static let symbols = ["A", "B", "C", "D", "E"]

    @Test(arguments: [1, 7, 42, 20_261_123] as [UInt64])
    func `what is told symbol by symbol is what was added so, and the totals stay`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<50 {
            let commitments = (0..<Int.random(in: 0..<25, using: &random)).map { _ in commitment(&random) }
            let whole = CommittedExposure(commitments)
            // Orders that are counted one by one, beside the sums; and what comes in while it is looked at.
            let (summed, alone, later) = split(commitments, &random)
            let sums = CommittedExposure(summed)
            var found = CommittedExposure()
            found.add(others(sums))
            for commitment in alone { found.add(commitment) }
            let order = Self.symbols.shuffled(using: &random)
            for symbol in order.prefix(2) { found.tell(sums[symbol], symbol: symbol) }
            for commitment in later { found.add(commitment) }
            let totals = (found.reserve, found.openingNotional)
            for symbol in order.dropFirst(2) { found.tell(sums[symbol], symbol: symbol) }
            #expect(totals == (found.reserve, found.openingNotional))
            #expect(found.reserve == whole.reserve && found.openingNotional == whole.openingNotional)
            #expect(found.symbolsOnlyProposed == whole.symbolsOnlyProposed)
            #expect(found.symbolsReleased == whole.symbolsReleased)
            for symbol in Self.symbols { #expect(found[symbol] == whole[symbol], "\(symbol), seed \(seed)") }
        }
    }

    @Test func `every part of a symbol is told`() {
        var known = SymbolExposure()
        known.buys.openingQty = ExactDecimal(1)
        var told = SymbolExposure()
        for side in Side.allCases {
            told[side].openingQty = ExactDecimal(2)
            told[side].openingNotional = ExactDecimal(3)
            told[side].reducingQty = ExactDecimal(5)
            told[side].protectiveQty = ExactDecimal(4)
            told[side].resting.add(.limit(ExactDecimal(7)), side: side, stage: .released)
            told[side].resting.add(.any, side: side, stage: .proposed)
        }
        (told.reserve, told.proposedOpenings, told.openings, told.hasUnknownValue) = (
            ExactDecimal(6), 1, 2, true
        )
        var committed = CommittedExposure()
        committed.tell(known, symbol: "A")
        #expect(committed["A"] == known && committed.symbolsOfUnknownValue.isEmpty)
        committed.tell(told, symbol: "A")
        var wanted = told
        wanted.buys.openingQty = ExactDecimal(3)
        #expect(committed["A"] == wanted)
        #expect(committed.symbolsOfUnknownValue == ["A"])
        // What is told of another symbol, or nothing, changes nothing.
        committed.tell(SymbolExposure(), symbol: "A")
        committed.tell(known, symbol: "B")
        #expect(committed["A"] == wanted && committed["B"] == known)
        #expect(committed.reserve == .zero && committed.openingNotional == .zero)
        #expect(committed.symbolsOnlyProposed.isEmpty && committed.symbolsReleased.isEmpty)
    }

    private func commitment(_ random: inout SeededGenerator) -> Commitment {
        let qty = ExactDecimal(Int.random(in: 1...20, using: &random))
        let price = ExactDecimal(Int.random(in: 10...99, using: &random))
        let isReducing = Int.random(in: 0..<3, using: &random) == 0
        let resting: [RestingPrice?] = [nil, .any, .limit(price), .limit(price)]
        return Commitment(
            symbol: Self.symbols.randomElement(using: &random) ?? "A",
            side: Bool.random(using: &random) ? .buy : .sell, qty: qty,
            notional: isReducing ? .zero : qty * price, reserve: isReducing ? .zero : qty * price,
            isReducing: isReducing, stage: Bool.random(using: &random) ? .proposed : .released,
            resting: resting.randomElement(using: &random) ?? nil)
    }

    private func split(
        _ commitments: [Commitment], _ random: inout SeededGenerator
    ) -> (summed: [Commitment], alone: [Commitment], later: [Commitment]) {
        var parts: [[Commitment]] = [[], [], []]
        for commitment in commitments {
            parts[min(2, Int.random(in: 0..<5, using: &random))].append(commitment)
        }
        return (parts[2], parts[1], parts[0])
    }

    /// What a query that looks at no symbol by itself tells of these.
    private func others(_ sums: CommittedExposure) -> OtherExposure {
        OtherExposure(
            openingNotional: sums.openingNotional, reserve: sums.reserve,
            onlyProposed: Array(sums.symbolsOnlyProposed), released: Array(sums.symbolsReleased))
    }
}
