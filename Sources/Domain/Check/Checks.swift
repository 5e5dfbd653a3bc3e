/// The checks of an order: all of them are applied, whatever the others find.
package enum Checks {
    /// One finding for each check that the phase has, in the order of `CheckCode`.
    package static func evaluate(_ terms: OrderTerms, _ context: CheckContext, _ phase: CheckPhase)
        -> [Finding]
    {
        let run = CheckRun(terms, context, phase)
        return CheckCode.allCases.map(run.finding)
    }
}

/// One order before the checks, with what several of them need worked out once.
struct CheckRun {
    let terms: OrderTerms
    let context: CheckContext
    let phase: CheckPhase
    let limits: PolicyLimits
    let account: AccountBook?
    let position: Position?
    let effect: OrderEffect
    /// The market's price for an order of this side.
    let marketPrice: ExactDecimal?
    /// The price the order is valued at.
    let price: ExactDecimal?
    let notional: ExactDecimal?
    /// What other orders in the symbol add up to, at the broker and waiting here.
    let orders: SymbolExposure
    let waiting: SymbolExposure

    init(_ terms: OrderTerms, _ context: CheckContext, _ phase: CheckPhase) {
        self.terms = terms
        self.context = context
        self.phase = phase
        limits = context.policy.limits
        account = context.account
        position = context.account?.positions[terms.symbol]
        effect = context.effect(of: terms)
        marketPrice = context.marketPrice(for: terms)
        price = terms.workingPrice(reference: marketPrice)
        notional = terms.notional(reference: marketPrice)
        orders = context.account?.orders[terms.symbol] ?? SymbolExposure()
        waiting = context.committed[terms.symbol]
    }

    var isReducing: Bool { effect == .reduces }

    func finding(_ code: CheckCode) -> Finding {
        switch code {
        case .halt: halt()
        case .accountStatus: accountStatus()
        case .maxSnapshotAge: maxSnapshotAge()
        case .symbolKnown: symbolKnown()
        case .orderShape: orderShape()
        case .availableQty: availableQty()
        case .maxPositionUSD: maxPositionUSD()
        case .maxPositionPct: maxPositionPct()
        case .minPositionUSD: minPositionUSD()
        case .maxOpenPositions: maxOpenPositions()
        case .maxNewPositionsPerDay: maxNewPositionsPerDay()
        case .maxNewPositionsPerWeek: maxNewPositionsPerWeek()
        case .stopLossRequired: stopLossRequired()
        case .stopLossBand: stopLossBand()
        case .minConfidence: minScore(.minConfidence, limits.minConfidence, context.confidence, "Confidence")
        case .minCatalystScore:
            minScore(.minCatalystScore, limits.minCatalystScore, context.catalystScore, "Catalyst score")
        case .buyingPower: buyingPower()
        case .cashReserve: cashReserve()
        case .tradingHours: tradingHours()
        case .duplicateWindow: duplicateWindow()
        case .washTrade: washTrade()
        case .maxQuoteAge: maxQuoteAge()
        case .maxSlippage: maxSlippage()
        }
    }
}

/// How one check writes its finding.
struct CheckReport {
    let code: CheckCode
    var limit: String?
    var value: String?

    func pass(_ detail: String) -> Finding { finding(.pass, detail) }
    func warn(_ detail: String) -> Finding { finding(.warn, detail) }
    func fail(_ detail: String) -> Finding { finding(.fail, detail) }
    func skipped(_ detail: String) -> Finding { finding(.skipped, detail) }

    /// Passes or fails by a condition; only the sentence that is needed is put together.
    func judge(
        _ isKept: Bool, pass: @autoclosure () -> String, fail: @autoclosure () -> String
    ) -> Finding {
        isKept ? self.pass(pass()) : self.fail(fail())
    }

    /// The limit is turned off.
    var off: Finding { skipped("The policy sets no such limit.") }
    /// The order only makes a position smaller.
    var reducing: Finding {
        skipped("Not applied: the order only reduces a position, and this limit concerns opening one.")
    }
    /// Nothing is known of the account.
    var noSnapshot: Finding {
        fail(
            "The worker has not reported the account yet, so this cannot be checked; nothing is sent until it does."
        )
    }
    /// Nobody knows what the share costs.
    func noPrice(_ symbol: String) -> Finding {
        fail(
            "No price of \(symbol) is known (no limit price, quote or reference price), so this cannot be checked. The"
                + " worker is asked for one: propose again in a few seconds, or give reference_price."
        )
    }

    private func finding(_ outcome: Finding.Outcome, _ detail: String) -> Finding {
        Finding(code: code, outcome: outcome, limit: limit, value: value, detail: detail)
    }
}
