import Domain
import Testing

/// A small generator with a seed, so that a failing walk can be walked again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

struct ExposureWalkTests {
    private static let symbols = ["A", "B", "C", "D"]

    @Test(arguments: [1, 7, 42, 20_261_121] as [UInt64])
    func `sums equal a recount at every step`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var positions: [Position] = []
        for symbol in Self.symbols where Bool.random(using: &random) {
            positions.append(Sample.holding(String(Int.random(in: -50...50, using: &random)), symbol))
        }
        let orders = (0..<6).map { _ in
            Sample.openOrder(
                Bool.random(using: &random) ? .buy : .sell, String(Int.random(in: 1...9, using: &random)),
                Self.symbols.randomElement(using: &random) ?? "A",
                limit: String(Int.random(in: 10...99, using: &random)))
        }
        var context = Sample.context(Sample.account(positions: positions, orders: orders))
        var commitments: [Commitment] = []
        for _ in 0..<200 {
            let terms = randomTerms(&random)
            let commitment = context.with { $0.quote = nil }.commitment(
                terms, stage: Bool.random(using: &random) ? .proposed : .released)
            commitments.append(commitment)
            context.committed.add(commitment)
            check(context, commitments, randomTerms(&random))
        }
        #expect(CommittedExposure(commitments) == context.committed)
    }

    private func randomTerms(_ random: inout SeededGenerator) -> OrderTerms {
        Sample.terms(
            Bool.random(using: &random) ? .buy : .sell, qty: String(Int.random(in: 1...20, using: &random)),
            limit: "\(Int.random(in: 10...99, using: &random)).\(Int.random(in: 10...99, using: &random))",
            symbol: Self.symbols.randomElement(using: &random) ?? "A")
    }

    /// Recounts with nothing but loops over the lists.
    private func check(_ context: CheckContext, _ commitments: [Commitment], _ terms: OrderTerms) {
        guard let snapshot = context.account?.snapshot else { return }
        func isOpening(_ order: BrokerOpenOrder) -> Bool {
            let held = snapshot.positions.first { $0.symbol == order.symbol }?.qty ?? .zero
            return order.side == .buy ? !held.isNegative : !held.isPositive
        }
        func worth(_ order: BrokerOpenOrder) -> ExactDecimal { order.qty * (order.limitPrice ?? .zero) }
        let openOrders = snapshot.openOrders.filter(isOpening)
        let opening = commitments.filter { !$0.isReducing }
        let held = snapshot.positions.first { $0.symbol == terms.symbol }?.qty ?? .zero
        let isOnSide = terms.side == .buy ? held.isPositive : held.isNegative
        var exposure = isOnSide ? held.magnitude * ExactDecimal(100) : .zero
        for order in openOrders where order.symbol == terms.symbol && order.side == terms.side {
            exposure += worth(order)
        }
        for commitment in opening where commitment.symbol == terms.symbol && commitment.side == terms.side {
            exposure += commitment.notional
        }
        exposure += terms.qty * (terms.workingPrice(reference: context.marketPrice(for: terms)) ?? .zero)
        var cash = snapshot.cash
        for position in snapshot.positions where position.qty.isNegative {
            cash -= position.qty.magnitude * ExactDecimal(100)
        }
        for order in openOrders { cash -= worth(order) }
        for commitment in opening { cash -= commitment.reserve }
        guard context.effect(of: terms) != .reduces else { return }
        #expect(context.finding(.maxPositionUSD, terms)?.value == exposure.description)
        #expect(context.finding(.buyingPower, terms)?.limit == cash.description)
    }

    private static let extremes = [
        "0", "0.000000000000000001", "-0.000000001", "1", "0.999999999999999999", "999999999999999",
        "999999999999999.999999999999999999", "-999999999999999.999999999999999999", "1000000000.123456789",
    ]

    @Test(arguments: [3, 1_000_003] as [UInt64])
    func `no number is too large or too small to be checked`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<400 {
            func number() -> String { Self.extremes.randomElement(using: &random) ?? "0" }
            func maybe() -> String? { Bool.random(using: &random) ? number() : nil }
            let terms = OrderTerms(
                symbol: "NVDA", side: Bool.random(using: &random) ? .buy : .sell,
                qty: Sample.decimal(number()),
                type: OrderType.allCases.randomElement(using: &random) ?? .limit,
                limitPrice: maybe().map(Sample.decimal), stopPrice: maybe().map(Sample.decimal),
                timeInForce: TimeInForce.allCases.randomElement(using: &random) ?? .day,
                stopLoss: maybe().map { StopLoss(stopPrice: Sample.decimal($0)) },
                takeProfitLimitPrice: maybe().map(Sample.decimal))
            let context = extremeContext(number, maybe)
            for phase in CheckPhase.allCases {
                #expect(Checks.evaluate(terms, context, phase).count == CheckCode.allCases.count)
            }
            _ = Impact(terms, context)
            _ = Stops.withDefault(terms, context)
            #expect(!terms.headline.isEmpty && !terms.canonical(clientOrderID: "x").isEmpty)
        }
    }

    private func extremeContext(_ number: () -> String, _ maybe: () -> String?) -> CheckContext {
        let held = Position(
            symbol: "NVDA", qty: Sample.decimal(number()), marketValue: Sample.decimal(number()),
            currentPrice: maybe().map(Sample.decimal))
        let order = BrokerOpenOrder(
            symbol: "NVDA", side: .buy, qty: Sample.decimal(number()), limitPrice: maybe().map(Sample.decimal)
        )
        let account = AccountSnapshot(
            accountNumber: "1", equity: Sample.decimal(number()), cash: Sample.decimal(number()),
            buyingPower: Sample.decimal(number()), positions: [held], openOrders: [order],
            receivedAt: Sample.now)
        let commitment = Commitment(
            terms: Sample.terms(qty: number(), limit: number()), reference: nil, isReducing: false,
            stage: .proposed)
        return Sample.context(account).committing(commitment, commitment).with {
            $0.quote?.ask = Sample.decimal(number())
            $0.approvedPrice = maybe().map(Sample.decimal)
            $0.referencePrice = maybe().map(Sample.decimal)
            $0.confidence = maybe().map(Sample.decimal)
            $0.policy.limits.minConfidence = 50
        }
    }
}
