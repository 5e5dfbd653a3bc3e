import Domain
import Testing

struct PositionChecksTests {
    @Test func `a position may be as large as its limit and not a cent larger`() {
        let exact = Sample.context().finding(.maxPositionUSD, Sample.terms(qty: "50"))
        #expect(exact?.outcome == .pass)
        #expect(exact?.value == "5000" && exact?.limit == "5000")
        let beyond = Sample.context().finding(.maxPositionUSD, Sample.terms(qty: "62", limit: "100.01"))
        #expect(beyond?.outcome == .fail)
        #expect(beyond?.detail == "Position in NVDA would be $6,200.62, above the limit of $5,000.")
    }

    @Test func `what is held, ordered and waiting counts`() {
        let account = Sample.account(
            positions: [Sample.holding("10")],
            orders: [Sample.openOrder(.buy, "10"), Sample.openOrder(.buy, "50", "AMD")])
        let context = Sample.context(account).committing(
            Sample.commitment(Sample.terms(qty: "10")),
            Sample.commitment(Sample.terms(qty: "50", symbol: "AMD")))
        #expect(context.finding(.maxPositionUSD, Sample.terms(qty: "20"))?.value == "5000")
        #expect(context.outcome(.maxPositionUSD, Sample.terms(qty: "20")) == .pass)
        #expect(context.outcome(.maxPositionUSD, Sample.terms(qty: "21")) == .fail)
        #expect(context.outcome(.maxPositionPct, Sample.terms(qty: "20")) == .pass)
        #expect(context.outcome(.maxPositionPct, Sample.terms(qty: "21")) == .fail)
    }

    @Test func `sales that wait do not make room`() {
        let account = Sample.account(positions: [Sample.holding("50")])
        let context = Sample.context(account).committing(
            Sample.commitment(Sample.terms(.sell, qty: "50"), reduces: true))
        #expect(context.outcome(.maxPositionUSD, Sample.terms(qty: "1")) == .fail)
    }

    @Test func `short positions count by their size`() {
        let context = Sample.context(Sample.account(positions: [Sample.holding("-49")]))
        #expect(context.outcome(.maxPositionUSD, Sample.terms(.sell, qty: "1")) == .pass)
        #expect(context.outcome(.maxPositionUSD, Sample.terms(.sell, qty: "2")) == .fail)
    }

    @Test func `only what is filled already no longer counts twice`() {
        var order = Sample.openOrder(.buy, "40")
        order.filledQty = ExactDecimal(30)
        let context = Sample.context(Sample.account(positions: [Sample.holding("30")], orders: [order]))
        #expect(context.finding(.maxPositionUSD, Sample.terms(qty: "10"))?.value == "5000")
    }

    @Test func `an open market order without a price stops more of the same`() {
        let order = Sample.openOrder(.buy, "1", type: "market", limit: nil)
        let context = Sample.context(Sample.account(orders: [order]))
        #expect(context.outcome(.maxPositionUSD) == .fail)
        #expect(context.outcome(.buyingPower, Sample.terms(symbol: "AMD")) == .fail)
        #expect(context.outcome(.cashReserve, Sample.terms(symbol: "AMD")) == .fail)
        #expect(context.outcome(.maxPositionUSD, Sample.terms(symbol: "AMD")) == .pass)
    }

    @Test(arguments: ["0", "-5"])
    func `nothing opens without equity`(equity: String) {
        let context = Sample.context(Sample.account(equity: equity))
        #expect(context.outcome(.maxPositionPct) == .fail)
        #expect(context.outcome(.cashReserve) == .fail)
    }

    @Test func `a position should be worth its costs`() {
        #expect(Sample.context().outcome(.minPositionUSD, Sample.terms(qty: "1")) == .pass)
        #expect(Sample.context().outcome(.minPositionUSD, Sample.terms(qty: "1", limit: "99.99")) == .fail)
        let held = Sample.context(Sample.account(positions: [Sample.holding("1")]))
        #expect(held.outcome(.minPositionUSD, Sample.terms(qty: "0.01")) == .pass)
    }

    @Test func `counts positions held, ordered and waiting, each symbol once`() {
        let account = Sample.account(
            positions: [Sample.holding("20", "A"), Sample.holding("-1", "B"), Sample.holding("0", "Z")],
            orders: [Sample.openOrder(.buy, "1", "C"), Sample.openOrder(.buy, "1", "C")])
        let four = Sample.context(account).committing(
            Sample.commitment(Sample.terms(symbol: "D")), Sample.commitment(Sample.terms(symbol: "D")),
            Sample.commitment(Sample.terms(symbol: "A")),
            Sample.commitment(Sample.terms(.sell, symbol: "A"), reduces: true))
        #expect(four.finding(.maxOpenPositions)?.value == "5")
        #expect(four.outcome(.maxOpenPositions) == .pass)
        let five = four.committing(Sample.commitment(Sample.terms(symbol: "E"), stage: .released))
        #expect(five.outcome(.maxOpenPositions) == .fail)
        #expect(five.outcome(.maxOpenPositions, Sample.terms(symbol: "E")) == .pass)
        #expect(five.outcome(.maxOpenPositions, Sample.terms(symbol: "A")) == .pass)
        #expect(five.outcome(.maxOpenPositions, Sample.terms(.sell, qty: "1", symbol: "A")) == .skipped)
    }

    @Test func `counts new positions of the day and the week`() {
        let context = Sample.context().with {
            $0.newPositionsToday = 1
            $0.newPositionsThisWeek = 7
        }
        #expect(context.outcome(.maxNewPositionsPerDay) == .pass)
        #expect(context.outcome(.maxNewPositionsPerWeek) == .pass)
        let waiting = context.committing(Sample.commitment(Sample.terms(symbol: "AMD")))
        #expect(waiting.finding(.maxNewPositionsPerDay)?.value == "3")
        #expect(waiting.outcome(.maxNewPositionsPerDay) == .fail)
        #expect(waiting.outcome(.maxNewPositionsPerWeek) == .fail)
        #expect(waiting.outcome(.maxNewPositionsPerDay, Sample.terms(symbol: "AMD")) == .pass)
    }

    @Test func `what is released already is not counted twice`() {
        let context = Sample.context().with { $0.newPositionsToday = 1 }.committing(
            Sample.commitment(Sample.terms(symbol: "AMD"), stage: .released),
            Sample.commitment(Sample.terms(symbol: "AMD")))
        #expect(context.finding(.maxNewPositionsPerDay)?.value == "2")
        let held = Sample.context(Sample.account(positions: [Sample.holding("1", "AMD")])).with {
            $0.newPositionsToday = 1
        }
        let enlarging = held.committing(Sample.commitment(Sample.terms(symbol: "AMD")))
        #expect(enlarging.outcome(.maxNewPositionsPerDay) == .pass)
    }

    @Test func `a limit of none lets none open`() {
        let context = Sample.context().with { $0.policy.limits.maxOpenPositions = 0 }
        #expect(context.outcome(.maxOpenPositions) == .fail)
    }
}
