import Domain
import Testing

struct ImpactTests {
    private let account = Sample.account(
        cash: "90000", positions: [Sample.holding("10"), Sample.holding("-50", "AMD")],
        orders: [Sample.openOrder(.buy, "5"), Sample.openOrder(.buy, "5", "X")])

    @Test func `shows what an opening order does, others included`() throws {
        let context = Sample.context(account).committing(Sample.commitment(Sample.terms(qty: "2")))
        let impact = try #require(Impact(Sample.terms(qty: "3"), context))
        #expect(impact.effect == .opens)
        #expect(impact.notional == ExactDecimal(300))
        #expect(numbers(impact.positionQty) == [10, 7, 20])
        #expect(numbers(impact.positionValue) == [1000, 700, 2000])
        #expect(numbers(impact.cash) == [85000, -1200, 83500])
        #expect(numbers(impact.exposure) == [6000, 1200, 7500])
    }

    @Test func `shows what a reducing order does`() throws {
        let impact = try #require(Impact(Sample.terms(.sell, qty: "4"), Sample.context(account)))
        #expect(impact.effect == .reduces)
        #expect(numbers(impact.positionQty) == [10, 5, 11])
        #expect(numbers(impact.positionValue) == [1000, 500, 1100])
        #expect(numbers(impact.cash) == [85000, -1000, 84400])
        #expect(numbers(impact.exposure) == [6000, 1000, 6600])
    }

    @Test func `shows what a sale was to do that is blocked, because a stop holds the shares`() throws {
        let stop = Sample.openOrder(
            .sell, "10", type: "stop", limit: nil, stop: "92", orderClass: "oto", isExit: true)
        let account = Sample.account(cash: "90000", positions: [Sample.holding("10")], orders: [stop])
        let impact = try #require(Impact(Sample.terms(.sell, qty: "4"), Sample.context(account)))
        #expect(impact.effect == .exceeds(available: .zero))
        #expect(numbers(impact.positionQty) == [10, 0, 6])
        #expect(numbers(impact.positionValue) == [1000, 0, 600])
        #expect(numbers(impact.cash) == [90000, 0, 90400])
        #expect(numbers(impact.exposure) == [1000, 0, 600])
    }

    @Test func `shows what a sale of more than there is would leave`() throws {
        let account = Sample.account(cash: "90000", positions: [Sample.holding("10")])
        let impact = try #require(Impact(Sample.terms(.sell, qty: "40"), Sample.context(account)))
        #expect(numbers(impact.positionQty) == [10, 0, -30])
        #expect(numbers(impact.positionValue) == [1000, 0, 3000])
        #expect(numbers(impact.cash) == [90000, 0, 88000])
    }

    @Test func `buying a short position back uses what was set apart for it`() throws {
        let cover = Sample.terms(.buy, qty: "50", limit: "110", symbol: "AMD")
        let impact = try #require(Impact(cover, Sample.context(account)))
        #expect(numbers(impact.positionQty) == [-50, 0, 0])
        #expect(numbers(impact.positionValue) == [5000, 0, 0])
        #expect(numbers(impact.cash) == [85000, -1000, 83500])
    }

    @Test func `protective exits are not counted as sales to come`() throws {
        let exit = Sample.openOrder(
            .sell, "10", type: "stop", limit: nil, stop: "92", orderClass: "oto", isExit: true)
        let context = Sample.context(Sample.account(positions: [Sample.holding("10")], orders: [exit]))
        #expect(numbers(try #require(Impact(Sample.terms(), context)).positionQty) == [10, 0, 20])
    }

    @Test func `is none without account or price`() {
        #expect(Impact(Sample.terms(), Sample.context(nil)) == nil)
        let unpriced = Sample.context().with {
            $0.quote = nil
            $0.referencePrice = nil
        }
        #expect(Impact(Sample.terms(.buy, .market), unpriced) == nil)
    }

    private func numbers(_ change: Impact.Change) -> [Int] {
        [change.before, change.others, change.after].map { Int($0.description) ?? .min }
    }
}
