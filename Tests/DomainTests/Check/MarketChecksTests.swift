import Domain
import Testing

struct MarketChecksTests {
    private func resting(_ order: BrokerOpenOrder) -> CheckContext {
        Sample.context(Sample.account(positions: [Sample.holding("20")], orders: [order]))
    }

    @Test(arguments: [
        (Sample.openOrder(.sell, "1", limit: "100"), Finding.Outcome.fail),
        (Sample.openOrder(.sell, "1", limit: "100.01"), .pass),
        (Sample.openOrder(.sell, "1", type: "stop_limit", limit: "99", stop: "99.5"), .fail),
        (Sample.openOrder(.sell, "1", type: "stop", limit: nil, stop: "80"), .fail),
        (Sample.openOrder(.sell, "1", type: "market", limit: nil), .fail),
        (Sample.openOrder(.sell, "1", type: "stop", limit: nil, stop: "92", orderClass: "oto"), .fail),
        (Sample.openOrder(.sell, "1", type: "stop", limit: nil, stop: "92", orderClass: "bracket"), .pass),
        (Sample.openOrder(.sell, "1", limit: "100", orderClass: "oco"), .pass),
        (Sample.openOrder(.sell, "1", type: "trailing_stop", limit: nil), .pass),
        (Sample.openOrder(.sell, "1", limit: "100", status: "held"), .pass),
        (Sample.openOrder(.buy, "1", limit: "100"), .pass),
        (Sample.openOrder(.sell, "1", "AMD", limit: "1"), .pass),
    ])
    func `an opposite order that could trade with this one stops it`(
        order: BrokerOpenOrder, outcome: Finding.Outcome
    ) {
        #expect(resting(order).outcome(.washTrade) == outcome)
    }

    @Test(arguments: [CheckPhase.admission, .release, .claim])
    func `a symbol that the broker does not trade stops the order, whatever else is known`(
        _ phase: CheckPhase
    ) {
        for (reason, words) in [
            (UntradedReason.unknown, "does not know NVDA"), (.notTradable, "does not trade NVDA"),
        ] {
            let context = Sample.context(Sample.account(positions: [Sample.holding("20")]))
                .with { $0.untraded = reason }
            let finding = context.finding(.symbolKnown, Sample.plain, phase)
            #expect(finding?.outcome == .fail)
            #expect(finding?.value == reason.rawValue)
            #expect(finding?.detail.contains(words) == true)
        }
    }

    @Test func `a quote or a position shows that the broker knows the symbol`() {
        let held = Sample.context(Sample.account(positions: [Sample.holding("20")])).with { $0.quote = nil }
        let others = Sample.context(Sample.account(positions: [Sample.holding("20", "AMD")]))
            .with { $0.quote = nil }
        for phase in [CheckPhase.admission, .release, .claim] {
            #expect(Sample.context().outcome(.symbolKnown, Sample.plain, phase) == .pass)
            #expect(held.outcome(.symbolKnown, Sample.plain, phase) == .pass)
            #expect(others.outcome(.symbolKnown, Sample.plain, phase) != .pass)
        }
    }

    @Test func `a symbol of which nothing is known yet is asked for, no warning, and never passes`() {
        let unquoted = Sample.context().with { $0.quote = nil }
        #expect(
            unquoted.finding(.symbolKnown)?.detail.contains("asked for one, and nothing is sent without.")
                == true)
        for phase in [CheckPhase.admission, .release, .claim] {
            let later = unquoted.finding(.symbolKnown, Sample.plain, phase)
            #expect(later?.outcome == .skipped)
            #expect(later?.detail.contains("No quote of NVDA") == true)
        }
        let silent = Sample.context(nil).with { $0.quote = nil }.finding(.symbolKnown)
        #expect(silent?.outcome == .skipped)
        #expect(silent?.detail == "No worker has asked the broker about symbols yet.")
    }

    @Test func `an order at any price meets every opposite one`() {
        let far = resting(Sample.openOrder(.sell, "1", limit: "500"))
        #expect(far.outcome(.washTrade, Sample.terms(.buy, .market)) == .fail)
        #expect(far.outcome(.washTrade, Sample.terms(.buy, .stop, stop: "101")) == .fail)
        #expect(
            far.outcome(.washTrade, Sample.terms(.buy, .market, stopLoss: "92", takeProfit: "120")) == .pass)
    }

    @Test func `nobody is told to take away what protects the position`() {
        let stop = Sample.openOrder(
            .sell, "10", type: "stop", limit: nil, stop: "92", orderClass: "oto", isExit: true)
        let account = Sample.account(positions: [Sample.holding("10")], orders: [stop])
        let more = Sample.context(account).finding(.washTrade, Sample.terms(.buy, .market))
        #expect(more?.outcome == .fail)
        #expect(more?.detail.contains("leave it") == true && more?.detail.contains("cancel it") == false)
        let other = resting(Sample.openOrder(.sell, "1", limit: "100"))
        #expect(
            other.finding(.washTrade, Sample.terms(.buy, .market))?.detail.contains("cancel it first") == true
        )
    }

    @Test func `sales meet purchases the same way`() {
        let context = resting(Sample.openOrder(.buy, "1", limit: "100"))
        #expect(context.outcome(.washTrade, Sample.terms(.sell, limit: "100")) == .fail)
        #expect(context.outcome(.washTrade, Sample.terms(.sell, limit: "100.01")) == .pass)
    }

    @Test func `the keenest of several orders counts`() {
        let orders = ["120", "100", "110"].map { Sample.openOrder(.sell, "1", limit: $0) }
        let context = Sample.context(Sample.account(positions: [Sample.holding("20")], orders: orders))
        #expect(context.finding(.washTrade)?.value == "100")
        #expect(context.outcome(.washTrade, Sample.terms(limit: "99.99")) == .pass)
    }

    @Test func `a released order stops, a waiting proposal only warns`() {
        let held = Sample.context(Sample.account(positions: [Sample.holding("20")]))
        let sale = Sample.terms(.sell, qty: "1", limit: "99")
        let released = held.committing(Sample.commitment(sale, reduces: true, stage: .released))
        #expect(released.outcome(.washTrade) == .fail)
        let waiting = held.committing(Sample.commitment(sale, reduces: true))
        #expect(waiting.outcome(.washTrade) == .warn)
        #expect(waiting.outcome(.washTrade, Sample.terms(limit: "98.99", stopLoss: "92")) == .pass)
    }

    @Test func `a quote from the future counts as old as it is ahead, but for what clocks differ`() {
        let tight = Sample.context().with { $0.policy.limits.maxQuoteAgeSeconds = 1 }
        for (ahead, value, isKept) in [(2, "0", true), (3, "-3", false), (3600, "-3600", false)] {
            let finding = tight.with { $0.quote?.quotedAt = Sample.now.adding(seconds: ahead) }
                .finding(.maxQuoteAge, Sample.plain, .claim)
            #expect(finding?.value == value)
            #expect(finding?.outcome == (isKept ? .pass : .fail))
            let words = "ahead of the server's clock, more than 1 second"
            #expect(finding?.detail.contains(words) == !isKept, "\(finding?.detail ?? "")")
        }
    }

    @Test func `a crossed quote is none, and says so`() {
        let context = Sample.context().with {
            $0.quote?.bid = Sample.decimal("100.02")
            $0.quote?.ask = Sample.decimal("100.01")
        }
        for code in [CheckCode.maxQuoteAge, .maxSlippage] {
            let finding = context.finding(code, Sample.plain, .claim)
            #expect(finding?.outcome == .fail)
            let words = "crossed: somebody pays $100.02 and another asks for $100.01"
            #expect(finding?.detail.contains(words) == true)
            #expect(context.outcome(code, Sample.plain, .release) == .skipped)
        }
        let locked = context.with { $0.quote?.bid = Sample.decimal("100.01") }
        #expect(locked.outcome(.maxQuoteAge, Sample.plain, .claim) == .pass)
    }

    @Test(arguments: [(15, Finding.Outcome.pass), (16, .fail), (-15, .pass), (-16, .fail)])
    func `a quote grows old`(age: Int, outcome: Finding.Outcome) {
        let context = Sample.context().with { $0.quote?.quotedAt = Sample.now.adding(seconds: -age) }
        #expect(context.outcome(.maxQuoteAge, Sample.plain, .claim) == outcome)
        let atRelease = outcome == .fail ? Finding.Outcome.skipped : outcome
        #expect(context.outcome(.maxQuoteAge, Sample.plain, .release) == atRelease)
        #expect(context.outcome(.maxQuoteAge, Sample.plain, .admission) == .skipped)
    }

    @Test func `no quote, a quote of nobody and one of another share are none`() {
        let contexts = [
            Sample.context().with { $0.quote = nil }, Sample.context().with { $0.quote?.ask = .zero },
            Sample.context().with { $0.quote?.symbol = "AMD" },
        ]
        for context in contexts {
            #expect(context.outcome(.maxQuoteAge, Sample.plain, .claim) == .fail)
            #expect(context.outcome(.maxSlippage, Sample.plain, .claim) == .fail)
            #expect(context.outcome(.maxSlippage, Sample.plain, .release) == .skipped)
        }
        let noBuyer = Sample.context().with { $0.quote?.bid = .zero }
        #expect(noBuyer.outcome(.maxQuoteAge, Sample.plain, .claim) == .pass)
        #expect(noBuyer.outcome(.maxQuoteAge, Sample.terms(.sell), .claim) == .fail)
    }

    @Test(arguments: [
        (Side.buy, "100.5", Finding.Outcome.pass), (.buy, "100.51", .fail), (.buy, "90", .pass),
        (.sell, "99.5", .pass), (.sell, "99.49", .fail), (.sell, "110", .pass),
    ])
    func `only a worse price counts as drift`(side: Side, price: String, outcome: Finding.Outcome) {
        let context = Sample.context().with {
            $0.approvedPrice = ExactDecimal(100)
            $0.referencePrice = ExactDecimal(1)
            $0.quote?.ask = Sample.decimal(price)
            $0.quote?.bid = Sample.decimal(price)
        }
        #expect(context.outcome(.maxSlippage, Sample.terms(side, limit: "100"), .claim) == outcome)
        #expect(context.outcome(.maxSlippage, Sample.terms(side, .market), .release) == outcome)
    }

    @Test func `drift of a stop order is measured from its stop`() {
        let context = Sample.context().with {
            $0.approvedPrice = ExactDecimal(90)
            $0.quote?.ask = Sample.decimal("100")
        }
        #expect(context.outcome(.maxSlippage, Sample.terms(.buy, .stop, stop: "100.01"), .claim) == .pass)
        #expect(context.outcome(.maxSlippage, Sample.terms(.buy, .stop, stop: "99"), .claim) == .fail)
    }

    @Test func `a limit price bounds what no noted price can`() {
        let context = Sample.context().with { $0.referencePrice = nil }
        #expect(context.outcome(.maxSlippage, Sample.plain, .claim) == .pass)
        #expect(context.outcome(.maxSlippage, Sample.terms(.buy, .market), .claim) == .fail)
        #expect(
            context.with { $0.policy.limits.maxSlippagePct = nil }.outcome(.maxSlippage, Sample.plain, .claim)
                == .skipped)
    }

    @Test func `a market that is closed has no present price yet`() {
        let context = Sample.context().with {
            $0.quote = nil
            $0.window = TradingWindow(
                isOpenNow: false, opensAt: Sample.now.adding(minutes: 5), closesAt: nil, source: .broker)
        }
        #expect(context.outcome(.maxQuoteAge, Sample.plain, .release) == .skipped)
        #expect(context.outcome(.maxSlippage, Sample.plain, .release) == .skipped)
        #expect(context.outcome(.maxQuoteAge, Sample.plain, .claim) == .fail)
    }
}
