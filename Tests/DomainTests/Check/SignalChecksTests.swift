import Domain
import Testing

struct SignalChecksTests {
    @Test func `an order that opens needs a stop`() {
        #expect(Sample.context().outcome(.stopLossRequired) == .pass)
        #expect(Sample.context().outcome(.stopLossRequired, Sample.terms()) == .fail)
        let optional = Sample.context().with { $0.policy.limits.stopLoss.isRequired = false }
        #expect(optional.outcome(.stopLossRequired, Sample.terms()) == .skipped)
        #expect(optional.outcome(.stopLossBand, Sample.terms()) == .skipped)
    }

    @Test func `a default stop is added and said`() {
        let context = Sample.context()
        let (terms, wasAdded) = Stops.withDefault(Sample.terms(), context)
        #expect(wasAdded)
        #expect(terms.stopLoss == StopLoss(stopPrice: Sample.decimal("92")))
        let finding = context.with { $0.isStopDefault = true }.finding(.stopLossRequired, terms)
        #expect(finding?.outcome == .pass, "what the policy foresees is no warning")
        #expect(finding?.isOfDefaultStop == true)
        #expect(Sample.context().finding(.stopLossRequired, terms)?.isOfDefaultStop == false)
        #expect(
            finding?.detail
                == "The bot gave no stop loss; the policy's own at $92.00, 8% from the price was added.")
        #expect(context.outcome(.stopLossBand, terms) == .pass)
        #expect(OrderShape.faults(terms) == [])
    }

    @Test func `a default stop is added only where it is due`() {
        let context = Sample.context()
        #expect(!Stops.withDefault(Sample.plain, context).wasAdded)
        #expect(
            !Stops.withDefault(Sample.terms(), context.with { $0.policy.limits.stopLoss.defaultPct = nil })
                .wasAdded)
        #expect(
            !Stops.withDefault(Sample.terms(), context.with { $0.policy.limits.stopLoss.isRequired = false })
                .wasAdded)
        #expect(!Stops.withDefault(Sample.terms(), Sample.context(nil)).wasAdded)
        let held = Sample.context(Sample.account(positions: [Sample.holding("10")]))
        #expect(!Stops.withDefault(Sample.terms(.sell), held).wasAdded)
        let unpriced = context.with {
            $0.quote = nil
            $0.referencePrice = nil
        }
        #expect(!Stops.withDefault(Sample.terms(.buy, .market), unpriced).wasAdded)
    }

    @Test(arguments: [
        (Side.buy, "33.33", "0.08", "30.67"), (.sell, "33.33", "0.08", "35.99"),
        (.buy, "1.05", "0.08", "0.966"),
        (.buy, "0.5678", "0.08", "0.5224"), (.buy, "33.33", "0.05", "31.66"), (.sell, "33.33", "0.05", "35"),
        (.buy, "100", "0.15", "85"),
    ])
    func `a default stop stands on a step of the price, near the entry but inside the band`(
        side: Side, entry: String, distance: String, stop: String
    ) {
        let context = Sample.context().with {
            $0.policy.limits.stopLoss.defaultPct = Sample.decimal(distance)
        }
        let terms = Stops.withDefault(Sample.terms(side, limit: entry), context).terms
        #expect(terms.stopLoss?.stopPrice == Sample.decimal(stop))
        #expect(OrderShape.brokerFaults(terms) == [])
        #expect(context.outcome(.stopLossBand, terms) == .pass)
    }

    @Test func `a default stop with a limit accepts a little less`() {
        let context = Sample.context().with { $0.policy.limits.stopLoss.kind = .stopLimit }
        #expect(
            Stops.withDefault(Sample.terms(), context).terms.stopLoss?.limitPrice == Sample.decimal("91.54"))
        let short = Stops.withDefault(Sample.terms(.sell), context).terms
        #expect(
            short.stopLoss == StopLoss(stopPrice: Sample.decimal("108"), limitPrice: Sample.decimal("108.54"))
        )
        #expect(OrderShape.faults(short) == [])
    }

    @Test func `a market order's default stop hangs on the quote`() {
        let terms = Stops.withDefault(Sample.terms(.buy, .market), Sample.context()).terms
        #expect(terms.stopLoss?.stopPrice == Sample.decimal("92.01"))
    }

    @Test(arguments: [
        ("95", Finding.Outcome.pass), ("95.01", .fail), ("85", .pass), ("84.99", .fail), ("100", .fail),
        ("101", .fail),
    ])
    func `a stop stands inside the band`(stop: String, outcome: Finding.Outcome) {
        #expect(Sample.context().outcome(.stopLossBand, Sample.terms(stopLoss: stop)) == outcome)
    }

    @Test func `the band of a short sale is above`() {
        let context = Sample.context()
        #expect(context.outcome(.stopLossBand, Sample.terms(.sell, stopLoss: "105")) == .pass)
        #expect(context.outcome(.stopLossBand, Sample.terms(.sell, stopLoss: "104.99")) == .fail)
        #expect(context.outcome(.stopLossBand, Sample.terms(.sell, stopLoss: "92")) == .fail)
    }

    @Test func `the band is measured from the order's own price, else the market's`() {
        let finding = Sample.context().finding(.stopLossBand, Sample.terms(.buy, .market, stopLoss: "95.01"))
        #expect(finding?.outcome == .fail)
        #expect(finding?.value == "0.049995")
        let below = Sample.context().with { $0.quote?.bid = ExactDecimal(110) }
        #expect(below.outcome(.stopLossBand, Sample.terms(.sell, stopLoss: "105")) == .pass)
    }

    @Test func `half a band is a band`() {
        let context = Sample.context().with { $0.policy.limits.stopLoss.minPct = nil }
        #expect(context.outcome(.stopLossBand, Sample.terms(stopLoss: "99.99")) == .pass)
        #expect(context.outcome(.stopLossBand, Sample.terms(stopLoss: "84.99")) == .fail)
        #expect(context.with { $0.policy.limits.stopLoss.maxPct = nil }.outcome(.stopLossBand) == .skipped)
    }

    @Test(
        arguments: [
            (0, nil, Finding.Outcome.pass), (0, "0", .pass), (80, nil, .fail), (80, "80", .pass),
            (80, "79.99", .fail),
            (nil, nil, .skipped), (nil, "1", .skipped),
        ] as [(Int?, String?, Finding.Outcome)])
    func `a signal is good enough or not`(limit: Int?, score: String?, outcome: Finding.Outcome) {
        let context = Sample.context().with {
            $0.policy.limits.minConfidence = limit
            $0.policy.limits.minCatalystScore = limit
            $0.confidence = score.map(Sample.decimal)
            $0.catalystScore = score.map(Sample.decimal)
        }
        #expect(context.outcome(.minConfidence) == outcome)
        #expect(context.outcome(.minCatalystScore) == outcome)
    }
}
