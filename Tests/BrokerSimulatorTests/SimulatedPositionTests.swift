import Domain
import Testing

@testable import BrokerSimulator

@Suite struct SimulatedPositionTests {
    @Test func `averages the cost of what is added`() {
        var position = SimulatedPosition()
        position.take(quantity: decimal("10"), price: decimal("100"))
        position.take(quantity: decimal("30"), price: decimal("110"))
        #expect(position.quantity == decimal("40"))
        #expect(position.averageEntryPrice == decimal("107.5"))
        #expect(position.costBasis == decimal("4300"))
    }

    @Test func `keeps the average when part is sold and takes the profit`() {
        var position = SimulatedPosition()
        position.take(quantity: decimal("40"), price: decimal("107.5"))
        position.take(quantity: decimal("-10"), price: decimal("120"))
        #expect(position.quantity == decimal("30"))
        #expect(position.averageEntryPrice == decimal("107.5"))
        #expect(position.realizedProfit == decimal("125"))
    }

    @Test func `is flat without a remainder after thirds`() {
        var position = SimulatedPosition()
        position.take(quantity: decimal("3"), price: decimal("10.01"))
        for _ in 0..<3 { position.take(quantity: decimal("-1"), price: decimal("10")) }
        #expect(position.isFlat)
        #expect(position.costBasis.isZero)
        #expect(position.realizedProfit == decimal("-0.03"))
    }

    @Test func `sells short and profits from a lower price`() {
        var position = SimulatedPosition()
        position.take(quantity: decimal("-5"), price: decimal("100"))
        #expect(position.isShort)
        #expect(position.costBasis == decimal("-500"))
        #expect(position.averageEntryPrice == decimal("100"))
        position.take(quantity: decimal("2"), price: decimal("90"))
        #expect(position.quantity == decimal("-3"))
        #expect(position.realizedProfit == decimal("20"))
    }

    @Test func `flips through nought at the price of the fill`() {
        var position = SimulatedPosition()
        position.take(quantity: decimal("5"), price: decimal("100"))
        position.take(quantity: decimal("-8"), price: decimal("110"))
        #expect(position.quantity == decimal("-3"))
        #expect(position.averageEntryPrice == decimal("110"))
        #expect(position.realizedProfit == decimal("50"))
        position.take(quantity: decimal("4"), price: decimal("105"))
        #expect(position.quantity == decimal("1"))
        #expect(position.averageEntryPrice == decimal("105"))
        #expect(position.realizedProfit == decimal("65"))
    }

    @Test func `a new position starts with no profit taken`() {
        var position = SimulatedPosition()
        position.take(quantity: decimal("5"), price: decimal("100"))
        position.take(quantity: decimal("-5"), price: decimal("110"))
        position.take(quantity: decimal("1"), price: decimal("50"))
        #expect(position.realizedProfit.isZero)
    }

    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
    func `cash and position at the last price always add up to the profit`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var position = SimulatedPosition()
        var cash = ExactDecimal.zero
        var realized = ExactDecimal.zero
        for _ in 0..<200 {
            let quantity = ExactDecimal(Int.random(in: -20...20, using: &random))
            let price = ExactDecimal(Int.random(in: 50...150, using: &random))
            let before = position.realizedProfit
            let restarts = position.isFlat && !quantity.isZero
            position.take(quantity: quantity, price: price)
            realized = realized + position.realizedProfit - (restarts ? .zero : before)
            cash = cash - quantity * price
            let open = position.quantity * price - position.costBasis
            let difference = cash + position.quantity * price - (realized + open)
            #expect(difference.magnitude < decimal("0.000001"), "seed \(seed)")
        }
    }
}
