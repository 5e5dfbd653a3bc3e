import Domain
import Testing

struct AccountChecksTests {
    private func halt(_ scope: OpenHalt.Scope, _ target: String?, allowsReducing: Bool = true) -> OpenHalt {
        OpenHalt(id: "h1", scope: scope, target: target, allowsReducing: allowsReducing, reason: "daily loss")
    }

    @Test(
        arguments: [
            (OpenHalt.Scope.account, nil, Finding.Outcome.fail), (.symbol, "NVDA", .fail),
            (.symbol, "AMD", .pass),
            (.bot, "dee-bot", .fail), (.bot, "other", .pass), (.strategy, "default", .fail),
            (.strategy, "swing", .pass),
        ] as [(OpenHalt.Scope, String?, Finding.Outcome)])
    func `a halt stops what it is meant for`(scope: OpenHalt.Scope, target: String?, outcome: Finding.Outcome)
    {
        #expect(Sample.context().with { $0.halts = [halt(scope, target)] }.outcome(.halt) == outcome)
    }

    @Test func `a halt lets reducing orders pass where it allows it`() {
        let held = Sample.context(Sample.account(positions: [Sample.holding("10")]))
        let sale = Sample.terms(.sell)
        #expect(held.with { $0.halts = [halt(.account, nil)] }.outcome(.halt, sale) == .pass)
        #expect(
            held.with { $0.halts = [halt(.account, nil, allowsReducing: false)] }.outcome(.halt, sale)
                == .fail)
        let both = held.with {
            $0.halts = [halt(.account, nil), halt(.symbol, "NVDA", allowsReducing: false)]
        }
        #expect(both.outcome(.halt, sale) == .fail)
        #expect(Sample.context().with { $0.halts = [halt(.account, nil)] }.outcome(.halt, sale) == .fail)
    }

    @Test func `says who halted and why`() {
        let finding = Sample.context().with { $0.halts = [halt(.account, nil)] }.finding(.halt)
        #expect(
            finding?.detail
                == "A halt is in force: all trading, because: daily loss. Nothing is sent until it is cleared."
        )
        #expect(finding?.value == "h1")
    }

    @Test func `reasons end once, whether their authors ended them or not`() {
        let halts = [
            OpenHalt(id: "h1", scope: .symbol, target: "NVDA", allowsReducing: true, reason: "2 too many."),
            halt(.account, nil),
        ]
        let stopped = Sample.context().with { $0.halts = halts }.finding(.halt)
        #expect(
            stopped?.detail
                == "A halt is in force: NVDA, because: 2 too many. all trading, because: daily loss. "
                + "Nothing is sent until it is cleared.")
        let held = Sample.context(Sample.account(positions: [Sample.holding("10")]))
        let passed = held.with { $0.halts = [halts[0]] }.finding(.halt, Sample.terms(.sell))
        #expect(
            passed?.detail
                == "A halt is in force, but it lets orders pass that only reduce: NVDA, because: 2 too many.")
    }

    @Test func `only an active account that nobody blocked may trade`() {
        let changes: [(inout AccountSnapshot) -> Void] = [
            { $0.status = "ACCOUNT_CLOSED" }, { $0.isTradingBlocked = true }, { $0.isAccountBlocked = true },
            { $0.isTradeSuspendedByUser = true },
        ]
        for change in changes {
            var account = Sample.account(positions: [Sample.holding("10")])
            change(&account)
            #expect(Sample.context(account).outcome(.accountStatus) == .fail)
            #expect(Sample.context(account).outcome(.accountStatus, Sample.terms(.sell)) == .fail)
        }
    }

    @Test(arguments: [(120, Finding.Outcome.pass), (121, .fail), (-120, .pass), (-121, .fail)])
    func `the account's report grows old`(age: Int, outcome: Finding.Outcome) {
        #expect(Sample.context(Sample.account(ageSeconds: age)).outcome(.maxSnapshotAge) == outcome)
    }

    @Test func `a microsecond beyond the age is too old`() {
        let context = Sample.context(Sample.account(ageSeconds: 120))
        let later = context.with { $0.now = Timestamp(microseconds: $0.now.microseconds + 1) }
        #expect(later.outcome(.maxSnapshotAge) == .fail)
    }

    @Test func `the broker's rules are a check`() {
        let finding = Sample.context().finding(
            .orderShape, Sample.terms(limit: "100.005", tif: .ioc, stopLoss: "92"))
        #expect(finding?.outcome == .fail)
        #expect(finding?.detail.contains("limit_price 100.005 has more than 2 decimal places") == true)
        #expect(finding?.detail.contains("time_in_force must be day or gtc") == true)
    }

    @Test func `a stop on the wrong side of the market would be refused`() {
        let context = Sample.context()
        #expect(context.outcome(.orderShape, Sample.terms(.buy, .stop, stop: "100.01")) == .fail)
        #expect(context.outcome(.orderShape, Sample.terms(.buy, .stop, stop: "100.02")) == .pass)
        #expect(context.outcome(.orderShape, Sample.terms(.sell, .stop, stop: "99.99")) == .fail)
        #expect(context.outcome(.orderShape, Sample.terms(.sell, .stop, stop: "99.98")) == .pass)
        #expect(context.outcome(.orderShape, Sample.terms(.buy, .market, stopLoss: "100.01")) == .fail)
        #expect(context.outcome(.orderShape, Sample.terms(.buy, .market, stopLoss: "100")) == .pass)
        #expect(context.outcome(.orderShape, Sample.terms(.sell, .market, stopLoss: "99.99")) == .fail)
        #expect(context.outcome(.orderShape, Sample.terms(.buy, .market, takeProfit: "100.01")) == .fail)
        #expect(context.outcome(.orderShape, Sample.terms(.buy, .market, takeProfit: "100.02")) == .pass)
    }

    @Test func `an order that reduces cannot carry exits`() {
        let held = Sample.context(Sample.account(positions: [Sample.holding("10")]))
        #expect(held.outcome(.orderShape, Sample.terms(.sell, stopLoss: "108")) == .fail)
        #expect(held.outcome(.orderShape, Sample.terms(.sell)) == .pass)
        #expect(Sample.context().outcome(.orderShape, Sample.terms(.sell, stopLoss: "108")) == .pass)
    }

    @Test func `a fraction is worth a dollar where it is bought`() {
        let context = Sample.context()
        #expect(context.outcome(.orderShape, Sample.terms(.buy, qty: "0.009", .market)) == .fail)
        #expect(context.outcome(.orderShape, Sample.terms(.buy, qty: "0.01", .market)) == .pass)
        let held = Sample.context(Sample.account(positions: [Sample.holding("10")]))
        #expect(held.outcome(.orderShape, Sample.terms(.sell, qty: "0.009", .market)) == .pass)
        #expect(held.outcome(.orderShape, Sample.terms(.sell, qty: "0.009")) == .pass)
    }

    @Test func `a limit more than half away from the market would be refused`() {
        let context = Sample.context().with { $0.quote?.ask = ExactDecimal(100) }
        #expect(context.outcome(.orderShape, Sample.terms(limit: "50")) == .pass)
        #expect(context.outcome(.orderShape, Sample.terms(limit: "49.99")) == .warn)
        #expect(context.outcome(.orderShape, Sample.terms(limit: "150.01")) == .fail)
        #expect(context.outcome(.orderShape, Sample.terms(limit: "150")) == .pass)
        #expect(context.with { $0.quote = nil }.outcome(.orderShape, Sample.terms(limit: "150.01")) == .warn)
    }

    @Test func `sells what is held and no more`() {
        let context = Sample.context(Sample.account(positions: [Sample.holding("10")]))
        #expect(context.outcome(.availableQty, Sample.terms(.sell, qty: "10")) == .pass)
        let excess = context.finding(.availableQty, Sample.terms(.sell, qty: "11"))
        #expect(excess?.outcome == .fail)
        #expect(
            excess?.detail
                == "The order would sell 11 shares of NVDA, but only 10 can be: the account holds 10. The broker "
                + "refuses orders that turn a position round.")
        #expect(context.outcome(.maxPositionUSD, Sample.terms(.sell, qty: "11")) != .skipped)
    }

    @Test func `buys back what is short and no more`() {
        let context = Sample.context(Sample.account(positions: [Sample.holding("-10")]))
        #expect(context.effect(of: Sample.terms(.buy, qty: "10")) == .reduces)
        #expect(context.outcome(.availableQty, Sample.terms(.buy, qty: "10.5")) == .fail)
        #expect(context.outcome(.availableQty, Sample.terms(.sell, qty: "10")) == .warn)
    }

    @Test func `other sales take shares`() {
        let account = Sample.account(
            positions: [Sample.holding("10")], orders: [Sample.openOrder(.sell, "3")])
        let context = Sample.context(account).committing(
            Sample.commitment(Sample.terms(.sell, qty: "4"), reduces: true))
        #expect(context.outcome(.availableQty, Sample.terms(.sell, qty: "3")) == .pass)
        let excess = context.finding(.availableQty, Sample.terms(.sell, qty: "4"))
        #expect(excess?.outcome == .fail)
        #expect(excess?.detail.contains("other open or waiting orders take 7 of them") == true)
    }

    @Test func `of shares that a stop holds it says so, and how to get out`() throws {
        let stop = Sample.openOrder(
            .sell, "10", type: "stop", limit: nil, stop: "92", orderClass: "oto", isExit: true)
        let context = Sample.context(Sample.account(positions: [Sample.holding("10")], orders: [stop]))
        let sale = Sample.terms(.sell, qty: "4")
        let finding = try #require(context.finding(.availableQty, sale))
        #expect(finding.outcome == .fail)
        #expect(finding.detail.contains("its protective orders hold 10 of them"))
        #expect(finding.detail.contains("POST /api/v1/positions/NVDA/close"))
        #expect(!finding.detail.contains("turn a position round"))
        let policy = context.with { $0.policy.limits.stopLoss.isRequired = true }
        #expect(policy.outcome(.stopLossRequired, sale) == .skipped, "it opens nothing")
        #expect(policy.outcome(.stopLossRequired, Sample.terms(.sell, qty: "11")) == .fail)
        #expect(
            context.finding(.availableQty, Sample.terms(.sell, qty: "11"))?.detail.contains(
                "turn a position round")
                == true)
    }

    @Test func `believes the broker on what is available`() {
        var held = Sample.holding("10")
        held.qtyAvailable = ExactDecimal(2)
        let context = Sample.context(Sample.account(positions: [held]))
        #expect(context.outcome(.availableQty, Sample.terms(.sell, qty: "2")) == .pass)
        #expect(context.outcome(.availableQty, Sample.terms(.sell, qty: "3")) == .fail)
    }

    @Test func `protective exits hold shares unless the worker frees them`() {
        let exit = Sample.openOrder(
            .sell, "10", type: "stop", limit: nil, stop: "92", orderClass: "oto", isExit: true)
        let context = Sample.context(Sample.account(positions: [Sample.holding("10")], orders: [exit]))
        let sale = Sample.terms(.sell, qty: "10")
        #expect(context.outcome(.availableQty, sale) == .fail)
        let freeing = context.with { $0.freesHeldShares = true }
        #expect(freeing.outcome(.availableQty, sale) == .warn)
        #expect(freeing.effect(of: sale) == .reduces)
        #expect(freeing.outcome(.availableQty, Sample.terms(.sell, qty: "11")) == .fail)
    }

    @Test func `an exit that still waits for its entry holds nothing`() {
        let leg = Sample.openOrder(.sell, "10", orderClass: "bracket", status: "held", isExit: true)
        let context = Sample.context(Sample.account(positions: [Sample.holding("10")], orders: [leg]))
        #expect(context.outcome(.availableQty, Sample.terms(.sell, qty: "10")) == .pass)
    }

    @Test func `sells short only where the broker lets it, in whole shares`() {
        #expect(Sample.context().outcome(.availableQty, Sample.terms(.sell)) == .warn)
        #expect(Sample.context().outcome(.availableQty, Sample.terms(.sell, qty: "0.5")) == .fail)
        var account = Sample.account()
        account.isShortingEnabled = false
        #expect(Sample.context(account).outcome(.availableQty, Sample.terms(.sell)) == .fail)
        #expect(Sample.context(account).outcome(.availableQty) == .pass)
    }

    @Test func `does not sell short what is just being bought`() {
        let sale = Sample.terms(.sell)
        #expect(
            Sample.context().committing(Sample.commitment(Sample.plain)).outcome(.availableQty, sale) == .fail
        )
        let buying = Sample.context(Sample.account(orders: [Sample.openOrder(.buy, "1")]))
        #expect(buying.outcome(.availableQty, sale) == .fail)
        #expect(buying.outcome(.availableQty) == .pass)
    }
}
