import Domain
import JSON
import Postgres
import Store
import Support
import Testing

@testable import Gate

/// What is read once while the account is held alone, and then only looked at more closely.
struct CheckGroundTests {
    private typealias Walk = ExposureWalk

    private static func load(
        _ symbols: Set<String>, after earlier: CheckGround?, in session: PostgresSession
    ) throws -> CheckGround {
        var batch = PostgresBatch()
        let questions = CheckGround.Questions(symbols: symbols, after: earlier, in: &batch)
        return try CheckGround.load(
            questions, try session.run(batch), knowing: PolicyMemory(), after: earlier)
    }

    // MARK: what others give up meanwhile

    @Test(arguments: [false, true])
    func `a ground looked at more closely counts what a new one counts, or more`(others: Bool) async throws {
        var random = SplitMix64.announced("\(#function) \(others)")
        try await GateFixture.with { desk in
            try await desk.run(ExposureWalk.unguarded)
            for _ in 0..<12 {
                let (start, seed) = (random, random.seed)
                random = try await desk.pool.withSession { session in
                    var random = start
                    for _ in 0..<15 { try session.script(Walk.step(&random)) }
                    try Self.hold(others, "seed \(seed)", &random, in: session)
                    return random
                }
            }
        }
    }

    /// Looks at more and more symbols and lets proposals in, as a group does, while `others` end some.
    private static func hold(
        _ others: Bool, _ note: Comment, _ random: inout SplitMix64, in session: PostgresSession
    ) throws {
        var ground: CheckGround?
        for _ in 0..<6 {
            if others { try session.script(Walk.lessening(&random)) }
            let symbols = Walk.symbols.filter { _ in Int.random(in: 0..<3, using: &random) == 0 }
            let known = ground?.symbols ?? []
            var held = try load(Set(symbols), after: ground, in: session)
            #expect(held.symbols == known.union(symbols), note)
            if others { try session.script(Walk.lessening(&random)) }
            try letIn(symbols, &held, &random, in: session)
            try compare(held, isAlone: !others, note, in: session)
            ground = held
        }
    }

    private static func letIn(
        _ symbols: [String], _ ground: inout CheckGround, _ random: inout SplitMix64,
        in session: PostgresSession
    ) throws {
        guard !symbols.isEmpty else { return }
        let last = try session.query("SELECT coalesce(max(sequence), 0) AS last FROM proposals").only()
            .int("last")
        try session.script(Walk.insertion(&random, of: symbols))
        for commitment in try ExposureTests.everyCommitment(except: nil, nil, after: last, in: session) {
            ground.committed.add(commitment)
        }
    }

    private static func compare(
        _ held: CheckGround, isAlone: Bool, _ note: Comment, in session: PostgresSession
    ) throws {
        let new = try load(held.symbols, after: nil, in: session)
        let (mine, theirs) = (held.committed, new.committed)
        #expect(mine.reserve >= theirs.reserve, note)
        #expect(mine.openingNotional >= theirs.openingNotional, note)
        let symbols = mine.symbolsOnlyProposed.union(mine.symbolsReleased)
        #expect(symbols.isSuperset(of: theirs.symbolsOnlyProposed.union(theirs.symbolsReleased)), note)
        #expect(held.newPositions.today >= new.newPositions.today, note)
        #expect(held.newPositions.thisWeek >= new.newPositions.thisWeek, note)
        for symbol in held.symbols {
            #expect(isAtLeast(mine[symbol], theirs[symbol]), "\(symbol), \(note)")
        }
        guard isAlone else { return }
        #expect(mine.reserve == theirs.reserve, note)
        #expect(mine.openingNotional == theirs.openingNotional, note)
        #expect(mine.symbolsOnlyProposed == theirs.symbolsOnlyProposed, note)
        #expect(mine.symbolsReleased == theirs.symbolsReleased, note)
        #expect(held.newPositions == new.newPositions, note)
        for symbol in held.symbols { #expect(mine[symbol] == theirs[symbol], "\(symbol), \(note)") }
    }

    private static func isAtLeast(_ mine: SymbolExposure, _ other: SymbolExposure) -> Bool {
        guard mine.reserve >= other.reserve, mine.openings >= other.openings else { return false }
        return Side.allCases.allSatisfy { side in
            let (mine, other) = (mine[side], other[side])
            return mine.openingQty >= other.openingQty && mine.openingNotional >= other.openingNotional
                && mine.reducingQty >= other.reducingQty && meets(mine, whatever: other, side)
        }
    }

    /// Whether every order that would meet one of `other` would meet one of `mine` too.
    private static func meets(
        _ mine: SymbolExposure.Half, whatever other: SymbolExposure.Half, _ side: Side
    ) -> Bool {
        let prices = [RestingPrice.any] + (9...91).map { .limit(ExactDecimal($0)) }
        return Commitment.Stage.allCases.allSatisfy { stage in
            prices.allSatisfy { price in
                other.resting.meet(price, of: side.opposite, stage: stage) == nil
                    || mine.resting.meet(price, of: side.opposite, stage: stage) != nil
            }
        }
    }

    // MARK: the account

    /// An order that the account shows is counted there; it must not vanish where the account does not any more.
    @Test func `an order that leaves the account's list meanwhile counts all the same`() async throws {
        try await WorkFloor.withClaimed { floor, order in
            let name = try await OrderReading(floor.context).find(order).record.clientOrderID
            var report = WorkFloor.account()
            report["open_orders"] = [
                [
                    "id": "b1", "client_order_id": .string(name), "symbol": "NVDA", "side": "buy",
                    "qty": "10",
                    "type": "limit", "limit_price": "118.20", "status": "new",
                ]
            ]
            try await floor.sync("w1", report)
            let pool = floor.context.pool
            let before = try await pool.withSession { try Self.load(["NVDA"], after: nil, in: $0) }
            #expect(before.committed["NVDA"].openings == 0)
            #expect(before.account?.orders["NVDA"].openings == 1)
            // It was filled between the broker's answers: neither the positions nor the open orders have it.
            try await floor.sync()
            for symbols in [["NVDA"], ["NVDA", "AAPL"]] as [Set<String>] {
                let after = try await pool.withSession { try Self.load(symbols, after: before, in: $0) }
                let orders = try #require(after.account?.orders)
                #expect(after.committed["NVDA"].openings + orders["NVDA"].openings == 1)
                #expect(after.committed.reserve + orders.reserve == ExactDecimal("1182"))
            }
        }
    }
}
