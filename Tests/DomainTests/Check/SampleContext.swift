import Domain
import JSON
import Testing

extension Sample {
    /// A Monday morning in New York, the market open.
    static let now = Timestamp(seconds: 1_795_444_200)

    /// An account of $100,000 in cash with nothing in it, unless told otherwise.
    static func account(
        cash: String = "100000", equity: String = "100000", buyingPower: String = "400000",
        positions: [Position] = [], orders: [BrokerOpenOrder] = [], ageSeconds: Int = 0
    ) -> AccountSnapshot {
        AccountSnapshot(
            accountNumber: "SIM1", equity: decimal(equity), cash: decimal(cash),
            buyingPower: decimal(buyingPower), multiplier: ExactDecimal(4), positions: positions,
            openOrders: orders, receivedAt: now.adding(seconds: -ageSeconds))
    }

    static func holding(_ qty: String, _ symbol: String = "NVDA", at price: String = "100") -> Position {
        Position(
            symbol: symbol, qty: decimal(qty), marketValue: decimal(qty) * decimal(price),
            currentPrice: decimal(price))
    }

    static func openOrder(
        _ side: Side, _ qty: String, _ symbol: String = "NVDA", type: String = "limit",
        limit: String? = "100",
        stop: String? = nil, orderClass: String = "simple", status: String = "new", isExit: Bool = false
    ) -> BrokerOpenOrder {
        BrokerOpenOrder(
            symbol: symbol, side: side, qty: decimal(qty), type: type, limitPrice: limit.map(decimal),
            stopPrice: stop.map(decimal), orderClass: orderClass, status: status, isExit: isExit)
    }

    /// A context in which a plain order passes every check of the default policy.
    static func context(_ account: AccountSnapshot? = account()) -> CheckContext {
        CheckContext(
            policy: Policy.presets[0].policy, account: account.map(AccountBook.init),
            window: TradingWindow(
                isOpenNow: true, opensAt: now.adding(minutes: 1440), closesAt: now.adding(minutes: 300),
                source: .broker), now: now,
            quote: Quote(
                symbol: "NVDA", bid: decimal("99.99"), ask: decimal("100.01"), quotedAt: now, receivedAt: now),
            expiresAt: now.adding(minutes: 30), proposer: "dee-bot", referencePrice: decimal("100"))
    }

    static func commitment(
        _ terms: OrderTerms, reduces: Bool = false, stage: Commitment.Stage = .proposed
    ) -> Commitment {
        Commitment(terms: terms, reference: decimal("100"), isReducing: reduces, stage: stage)
    }

    static func identifier(_ number: Int) -> Identifier {
        Identifier(
            at: now.adding(seconds: number), random: [UInt8](repeating: UInt8(number % 256), count: 10))
    }

    /// `BUY 10 NVDA LIMIT 100.00 DAY` with a stop: what every check of the default policy takes.
    static let plain = terms(stopLoss: "92")
}

extension CheckContext {
    /// The finding of one check.
    func finding(
        _ code: CheckCode, _ terms: OrderTerms = Sample.plain, _ phase: CheckPhase = .admission
    ) -> Finding? {
        Checks.evaluate(terms, self, phase).first { $0.code == code }
    }

    /// How one check ended.
    func outcome(
        _ code: CheckCode, _ terms: OrderTerms = Sample.plain, _ phase: CheckPhase = .admission
    ) -> Finding.Outcome? {
        finding(code, terms, phase)?.outcome
    }

    /// The context with something changed.
    func with(_ change: (inout CheckContext) -> Void) -> CheckContext {
        var copy = self
        change(&copy)
        return copy
    }

    /// The context with commitments.
    func committing(_ commitments: Commitment...) -> CheckContext {
        with { context in commitments.forEach { context.committed.add($0) } }
    }
}
