import Domain
import Testing

struct MoneyChecksTests {
    @Test func `spends its own cash to the cent, never borrowed money`() {
        let context = Sample.context(Sample.account(cash: "1000", buyingPower: "4000"))
        #expect(context.outcome(.buyingPower, Sample.terms(qty: "10")) == .pass)
        let finding = context.finding(.buyingPower, Sample.terms(qty: "10", limit: "100.01"))
        #expect(finding?.outcome == .fail)
        #expect(finding?.value == "1000.1" && finding?.limit == "1000")
        #expect(
            finding?.detail
                == "The order needs $1,000.10; $1,000 of own money is free, which is not enough. Borrowed money is "
                + "not used.")
    }

    @Test func `believes a broker that allows less than the cash`() {
        let context = Sample.context(Sample.account(cash: "100000", buyingPower: "999.99"))
        #expect(context.outcome(.buyingPower, Sample.terms(qty: "10")) == .fail)
    }

    @Test func `sets aside what open orders and waiting proposals need`() {
        let account = Sample.account(cash: "3000", orders: [Sample.openOrder(.buy, "10", "AMD")])
        let context = Sample.context(account).committing(
            Sample.commitment(Sample.terms(qty: "10", symbol: "X")))
        #expect(context.outcome(.buyingPower, Sample.terms(qty: "10")) == .pass)
        let finding = context.finding(.buyingPower, Sample.terms(qty: "11"))
        #expect(finding?.outcome == .fail)
        #expect(finding?.detail.contains("after $2,000 for other orders") == true)
    }

    @Test func `a sale that waits frees no money`() {
        let account = Sample.account(cash: "1000", positions: [Sample.holding("10", "AMD")])
        let context = Sample.context(account).committing(
            Sample.commitment(Sample.terms(.sell, qty: "10", symbol: "AMD"), reduces: true))
        #expect(context.outcome(.buyingPower, Sample.terms(qty: "11")) == .fail)
    }

    @Test func `market orders need a margin for the price`() {
        let context = Sample.context(Sample.account(cash: "1025.10", buyingPower: "4000"))
        #expect(context.outcome(.buyingPower, Sample.terms(.buy, .market)) == .fail)
        let enough = Sample.context(Sample.account(cash: "1025.1025", buyingPower: "4000"))
        #expect(enough.outcome(.buyingPower, Sample.terms(.buy, .market)) == .pass)
    }

    @Test func `the proceeds of a short sale are not own money`() {
        let account = Sample.account(cash: "3000", positions: [Sample.holding("-20", "AMD")])
        #expect(Sample.context(account).outcome(.buyingPower, Sample.terms(qty: "10")) == .pass)
        #expect(Sample.context(account).outcome(.buyingPower, Sample.terms(qty: "11")) == .fail)
    }

    @Test func `keeps the reserve to the cent`() {
        let account = Sample.account(
            cash: "30000", positions: [Sample.holding("1", "AMD", at: "70000")],
            orders: [Sample.openOrder(.buy, "10", "X")])
        let context = Sample.context(account).committing(
            Sample.commitment(Sample.terms(qty: "10", symbol: "Y")))
        let exact = context.finding(.cashReserve, Sample.terms(qty: "30"))
        #expect(exact?.outcome == .pass)
        #expect(exact?.value == "0.25" && exact?.limit == "0.25")
        let beyond = context.finding(.cashReserve, Sample.terms(qty: "30", limit: "100.01"))
        #expect(beyond?.outcome == .fail)
        #expect(beyond?.detail.hasPrefix("Cash would be $24,999.70, 25% of equity $100,000") == true)
    }

    @Test func `a turned off reserve still leaves the money check`() {
        let context = Sample.context(Sample.account(cash: "1000")).with {
            $0.policy.limits.cashReserveMinPct = nil
        }
        #expect(context.outcome(.cashReserve) == .skipped)
        #expect(context.outcome(.buyingPower, Sample.terms(qty: "10")) == .pass)
        #expect(context.outcome(.buyingPower, Sample.terms(qty: "11")) == .fail)
    }
}
