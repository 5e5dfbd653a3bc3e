// How the order meets the market and our other orders.

extension CheckRun {
    func washTrade() -> Finding {
        var report = CheckReport(code: .washTrade)
        guard account != nil else { return report.noSnapshot }
        guard let own = RestingPrice(terms) else {
            return report.pass("The broker exempts bracket orders from its wash trade rule.")
        }
        let other = terms.side.opposite
        for exposure in [orders, waiting] {
            if let met = exposure[other].resting.meet(own, of: terms.side, stage: .released) {
                report.value = met.words
                let wayOut =
                    orders[other].protectiveQty.isPositive
                    ? "A stop that protects the position may be the other one: leave it, and propose with a stop loss and "
                        + "a take profit together, which the broker exempts."
                    : "Wait until the other is done, or cancel it first."
                return report.fail(
                    "An open \(other.rawValue) order for \(terms.symbol) \(met.clause) could trade with this one. The "
                        + "broker refuses that as a possible wash trade. \(wayOut)")
            }
        }
        if let met = waiting[other].resting.meet(own, of: terms.side, stage: .proposed) {
            report.value = met.words
            return report.warn(
                "A proposal to \(other.rawValue) \(terms.symbol) \(met.clause) waits for a decision. If both are "
                    + "approved, the broker refuses the second as a possible wash trade.")
        }
        return report.pass("No order of the other side could trade with this one.")
    }

    func symbolKnown() -> Finding {
        var report = CheckReport(code: .symbolKnown)
        if let untraded = context.untraded {
            report.value = untraded.rawValue
            return report.fail(untraded.sentence(terms.symbol))
        }
        if context.quote != nil || position != nil {
            return report.pass("The broker knows \(terms.symbol).")
        }
        guard account != nil else {
            return report.skipped("No worker has asked the broker about symbols yet.")
        }
        switch phase {
        case .admission:
            return report.skipped(
                "No quote of \(terms.symbol) had come when it was proposed; the worker is asked for one, and nothing "
                    + "is sent without.")
        case .release, .claim:
            return report.skipped(
                "No quote of \(terms.symbol) has come from the broker yet; the worker looks when it takes the order."
            )
        }
    }

    func maxQuoteAge() -> Finding {
        var report = CheckReport(code: .maxQuoteAge, limit: limits.maxQuoteAgeSeconds.map(String.init))
        guard let limit = limits.maxQuoteAgeSeconds else { return report.off }
        if let reason = quoteComesLater { return report.skipped(reason) }
        guard let quote = context.quote, context.livePrice(for: terms) != nil else {
            return report.fail(noQuoteWords)
        }
        let age = AgeInSeconds(of: quote, at: context.now)
        report.value = age.value
        guard !age.isAhead else {
            let words = "The quote is \(age.words) ahead of the server's clock"
            return report.judge(
                age.isWithin(limit), pass: "\(words).",
                fail: "\(words), more than \(limit.secondWords): how old it is cannot be known.")
        }
        return report.judge(
            age.isWithin(limit),
            pass: "The quote is \(age.words) old; up to \(limit.secondWords) is fresh enough.",
            fail: "The quote is \(age.words) old, more than \(limit.secondWords): the price may have moved.")
    }

    func maxSlippage() -> Finding {
        var report = CheckReport(code: .maxSlippage, limit: limits.maxSlippagePct?.description)
        guard let limit = limits.maxSlippagePct else { return report.off }
        if let reason = quoteComesLater { return report.skipped(reason) }
        guard let live = context.livePrice(for: terms) else { return report.fail(noQuoteWords) }
        guard let base = slippageBase, base.isPositive else {
            guard let limitPrice = terms.limitPrice else {
                return report.fail(
                    "No price was noted when the order was approved, so drift cannot be measured.")
            }
            return report.pass(
                "No price was noted at approval; the limit price \(limitPrice.priceWords) bounds it.")
        }
        let worse = terms.side == .buy ? live - base : base - live
        let share = worse.ratio(to: base) ?? .zero
        report.value = share.rounded(scale: 6).description
        let words = "The market is at \(live.priceWords); approved was \(base.priceWords)"
        guard worse > base.saturatingProduct(limit) else {
            return report.pass("\(words). At most \(limit.percentWords) worse is sent.")
        }
        return report.fail("\(words). That is \(share.percentWords) worse, more than \(limit.percentWords).")
    }

    /// Why no present price is asked for yet; nil where it is.
    private var quoteComesLater: String? {
        switch phase {
        case .admission: "Checked when the order is released."
        case .release: releaseReason
        case .claim: nil
        }
    }

    /// At release the newest quote is judged if there is a fresh one; the worker brings one when it claims, and
    /// without it nothing goes out.
    private var releaseReason: String? {
        if isHeld { return "The market is closed; checked when the order goes out." }
        let isFresh = context.quote.map { quote in
            limits.maxQuoteAgeSeconds.map { AgeInSeconds(of: quote, at: context.now).isWithin($0) } ?? true
        }
        let isUsable = isFresh == true && context.livePrice(for: terms) != nil
        return isUsable ? nil : "No fresh quote is at hand; checked when the worker brings one."
    }

    /// What people approved: of a stop order its stop, at which it fills; else the market's price then.
    private var slippageBase: ExactDecimal? {
        if terms.type.takesStopPrice { return terms.stopPrice }
        return context.approvedPrice ?? context.referencePrice
    }

    private var noQuoteWords: String {
        if let quote = context.quote, quote.symbol == terms.symbol, let words = quote.crossedWords {
            return "\(words). So the present price is not known."
        }
        let side = terms.side == .buy ? "Nobody is known to sell" : "Nobody is known to buy"
        return "\(side) \(terms.symbol): there is no quote for that side, so the present price is not known."
    }
}

extension RestingPrice {
    fileprivate var words: String {
        switch self {
        case .any: "any"
        case .limit(let price): price.description
        }
    }

    fileprivate var clause: String {
        switch self {
        case .any: "at any price"
        case .limit(let price): "at \(price.priceWords)"
        }
    }
}
