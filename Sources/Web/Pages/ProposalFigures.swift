import Domain
import Gate
import JSON
import Store
import Templates

// The numbers on the page of a proposal: the price then and now, and the account before and after.

extension ProposalScene {
    /// The price when it was proposed, and while it waits the price now and how far it has moved.
    var prices: [TemplateValues] {
        var figures = [seenPrice]
        if let valued = valuedPrice, valued != record.notes.referencePrice {
            figures.append(figure("The checks valued it at", valued.price, record.createdAt.newYorkClock))
        }
        return isOpen ? figures + presentPrices : figures
    }

    /// What the bot says it saw.
    var seenPrice: TemplateValues {
        guard let price = record.notes.referencePrice else { return figure("The bot saw", "not said", "") }
        return figure("The bot saw", price.price, record.createdAt.newYorkClock)
    }

    private var presentPrices: [TemplateValues] {
        if let words = quote?.crossedWords { return [figure("Now", "not known", words)] }
        guard let quote, let now = quote.price(for: record.terms.side) else {
            return presentQuote?.isAwaited == true
                ? [figure("Now", "asked for", "the worker brings it within seconds")]
                : [figure("Now", "not known", "the worker has reported none")]
        }
        let isAhead = quote.isAhead(of: surroundings.now)
        let seconds = surroundings.now.seconds(since: quote.quotedAt)
        let age = isAhead ? -seconds : max(1, seconds)
        let isFresh = limits?.maxQuoteAgeSeconds.map { age <= $0 } ?? true
        let asked =
            "bid \(quote.bid.price), ask \(quote.ask.price); \(DurationText.short(seconds: age)) "
            + (isAhead ? "ahead of the server's clock" : "old")
            + (isFresh ? "" : isAhead ? ", too far to send on" : ", too old to send on")
        var figures = [figure("Now", now.price, asked)]
        let base = record.notes.referencePrice ?? valuedPrice
        if let drift = base.flatMap(now.percentAbove) {
            let limit = limits?.maxSlippagePct.map { ($0 * ExactDecimal(100)).text(minimumPlaces: 0) }
            figures.append(
                figure("Moved since", drift, limit.map { "more than \($0)% for the worse is not sent" } ?? "")
            )
        }
        return figures
    }

    private var valuedPrice: ExactDecimal? {
        record.impact?["price"]?.stringValue.flatMap(ExactDecimal.init)
    }

    private func figure(_ label: String, _ figure: String, _ note: String) -> TemplateValues {
        ["LABEL": .text(label), "FIGURE": .text(figure), "NOTE": .text(note)]
    }

    /// What the order does to the account, each figure before, with other orders, and after all of them.
    func impactValues(_ impact: JSONValue) -> TemplateValues {
        func row(_ what: String, _ key: String, _ words: (ExactDecimal) -> String) -> TemplateValues? {
            func amount(_ part: String) -> ExactDecimal? {
                impact[key]?[part]?.stringValue.flatMap(ExactDecimal.init)
            }
            guard let before = amount("before"), let others = amount("others"), let after = amount("after")
            else { return nil }
            return [
                "WHAT": .text(what), "BEFORE": .text(words(before)),
                "OTHERS": .text(others.isZero ? "none" : words(others)), "AFTER": .text(words(after)),
            ]
        }
        let symbol = record.terms.symbol
        let rows = [
            row("\(symbol) held", "position_qty", \.shares),
            row("\(symbol) position", "position_value", \.cents), row("Cash", "cash", \.cents),
            row("Exposure, all positions", "exposure", \.cents),
        ].compactMap(\.self)
        let equity = impact["equity"]?.stringValue.flatMap(ExactDecimal.init)
        return [
            "HAS_IMPACT": .shown(!rows.isEmpty), "IMPACT": .sections(rows),
            "EQUITY": .text(equity?.money ?? "not known"), "IMPACT_AGE": .text(impactAge),
        ]
    }

    /// Of when the account's figures are.
    private var impactAge: String {
        guard presentImpact != nil, let accountReceivedAt else {
            return "As the account stood when the bot proposed it, \(record.createdAt.newYorkWords)"
        }
        let age = max(1, surroundings.now.seconds(since: accountReceivedAt))
        return "As the worker reported the account \(DurationText.short(seconds: age)) ago"
    }

    /// What else waits for a decision, the nearest deadlines first.
    var otherValues: TemplateValues {
        guard isOpen else { return [:] }
        let shown = others.prefix(Self.shownOthers)
        return [
            "HAS_OTHERS": .shown(!shown.isEmpty),
            "OTHERS_MORE": .text(others.count > shown.count ? "More wait; see all" : ""),
            "OTHER": .sections(
                shown.map {
                    [
                        "ADDRESS": .text("/proposals/\($0.id)"), "HEADLINE": .text($0.terms.headline),
                        "ABOUT": .text("about \($0.notional.money)"), "BOT": .text($0.proposerName),
                        "CLOCK": .text($0.expiresAt.newYorkClock),
                    ]
                }),
        ]
    }
}
