import Domain
import JSON
import Store

// The labelled lines of messages on a proposal: what came of it first, then what it is.

extension ProposalFacts {
    /// How much of a bot's reasons a message carries; the page has all of it.
    static let rationaleLimit = 600
    private static let warningLimit = 8

    /// Who decided, when, how, with what words; what ended it; what became of the order.
    func addResults(to message: inout Message) {
        for decision in counting {
            let comment = decision.comment.map { ": \($0)" } ?? ""
            message.addResult(
                decision.verdict.past.firstLetterRaised,
                "by \(decision.userName) at \(decision.decidedAt.clockWords(now: now)), "
                    + "\(decision.method.proofWords)\(comment)")
        }
        addEnd(to: &message)
        message.addResult("Order", orderWords)
        message.addResult("Contradiction", subject.data["contradiction"]?.stringValue, limit: 1000)
    }

    private func addEnd(to message: inout Message) {
        let state = proposal.state
        let moment = proposal.decidedAt.map { "at \($0.clockWords(now: now))" } ?? ""
        let actor = ActorText.words(proposal.decidedBy)
        switch state {
        case .expired: message.addResult("Expired", "\(moment): nobody answered in time")
        case .withdrawn, .revoked, .cancelled, .lapsed:
            let by = state == .lapsed ? "" : actor.map { "by \($0) " } ?? ""
            message.addResult(state.rawValue.firstLetterRaised, by + moment)
        case .blocked, .refused: message.addResult(state.rawValue.firstLetterRaised, moment)
        case .pending, .rejected, .approved, .released: break
        }
        message.addResult("Halt", haltWords)
        let isTold =
            state == .expired || haltWords != nil || counting.map(\.comment).contains(proposal.reason)
        if state != .pending, !isTold {
            message.addResult("Reason", proposal.reason)
        }
        if state == .approved || subject.order?.state == .released {
            message.addResult("Valid until", proposal.validUntil?.clockWords(now: now))
        }
    }

    /// Which halt stopped it.
    private var haltWords: String? {
        guard let halt = subject.data["halt"], let scope = halt["scope"]?.stringValue else { return nil }
        let target = halt["target"]?.stringValue.map { " \($0)" } ?? ""
        let reach = scope == "account" ? "the whole account" : scope + target
        let by = ActorText.words(halt["opened_by"]?.stringValue).map { ", by \($0)" } ?? ""
        let reason = halt["reason"]?.stringValue.map { ": \($0)" } ?? ""
        return reach + by + reason
    }

    /// What became of the order, as it stands.
    private var orderWords: String? {
        let data = subject.data
        let told = data["filled_qty"]?.numberText.flatMap(ExactDecimal.init)
        let known = subject.order
        guard known != nil || told != nil else { return nil }
        let qty = known?.qty ?? proposal.terms.qty
        let price = data["filled_avg_price"]?.numberText.flatMap(ExactDecimal.init)
        let standing = OrderStanding(
            state: known?.state ?? .accepted, qty: qty,
            filledQty: max(known?.filledQty ?? .zero, told ?? .zero),
            filledAvgPrice: known?.filledAvgPrice ?? price)
        let reason = known?.reason ?? data["reason"]?.stringValue
        let state = known.map { $0.state.title(at: nil) }
        let filled = standing.filledWords
        if let filled, known?.state == .filled { return "filled, \(filled)" }
        return [state, filled.map { "\($0) filled" }, reason].compactMap(\.self).joined(separator: "; ")
    }

    /// What the order is, why, at what price, under which rules.
    func addFacts(to message: inout Message) {
        let notes = proposal.notes
        message.add("Bot", proposal.proposerName)
        message.add("Strategy", notes.strategy)
        if proposal.state == .pending { message.add("Price now", priceNowWords) }
        if proposal.state != .pending { message.add("Price then", basePrice?.priceWords) }
        message.add("Stop loss", stopLossWords)
        message.add("Take profit", proposal.terms.takeProfitLimitPrice?.priceWords)
        message.add("Checks", checkWords)
        let needed = proposal.approvalsRequired
        message.add("Tier", "\(proposal.tier), \(counted(needed, "approval"))")
        if proposal.state == .pending {
            message.add("Approvals", approvalWords)
            message.add("Deadline", deadlineWords)
        }
        message.add("Check code", proposal.checkCode)
    }

    /// The warnings in full and the bot's own words.
    func addReasons(to message: inout Message) {
        let rationale = proposal.notes.rationale.map {
            PlainText.paragraphs(PlainText.unlinked($0), limit: Self.rationaleLimit)
        }
        if let rationale, !rationale.isEmpty { message.rationale = rationale }
        let warnings = findings.having(.warn).map {
            PlainText.line(PlainText.unlinked($0.detail), limit: 300)
        }
        message.warnings = Array(warnings.prefix(Self.warningLimit))
        if warnings.count > Self.warningLimit {
            message.warnings.append("and \(warnings.count - Self.warningLimit) more, on the page")
        }
    }

    private var findings: [Finding] {
        let stored = (proposal.checks.arrayValue ?? []).compactMap(Finding.init(json:))
        return subject.presentQuote?.renewing(stored) ?? stored
    }

    /// What is not made now, or does not apply, is left to the page.
    private var checkWords: String {
        let endings = findings.filter { $0.outcome != .skipped }.map(\.ending)
        return endings.isEmpty ? "none" : endings.countWords
    }

    /// What the bot saw, or else what the order was valued at.
    private var basePrice: ExactDecimal? {
        proposal.notes.referencePrice ?? proposal.impact?["price"]?.stringValue.flatMap(ExactDecimal.init)
    }

    /// `$118.31 (12 s old), 0.22% above the bot's $118.05`.
    private var priceNowWords: String {
        let isBots = proposal.notes.referencePrice != nil
        let base = basePrice.map { (isBots ? "the bot's " : "the proposal's ") + $0.priceWords }
        if let words = subject.quote?.crossedWords { return "not known. \(words)" }
        guard let quote = subject.quote, let price = quote.price(for: proposal.terms.side) else {
            let unknown = subject.presentQuote?.isAwaited == true ? "asked for at the broker" : "not known"
            return unknown + (base.map { "; \($0)" } ?? "")
        }
        let age =
            quote.isAhead(of: now)
            ? "(ahead of the server's clock, so nobody knows how old)"
            : "(\(quote.quotedAt.ageWords(now: now)) old)"
        guard let base, let drift = basePrice.flatMap({ price.driftWords(from: $0) }) else {
            return "\(price.priceWords) \(age)"
        }
        return "\(price.priceWords) \(age), \(drift) \(base)"
    }

    private var stopLossWords: String? {
        proposal.terms.stopLoss.map { stop in
            stop.stopPrice.priceWords + (stop.limitPrice.map { ", limit \($0.priceWords)" } ?? "")
                + (findings.contains(where: \.isOfDefaultStop) ? ", the policy's own: the bot gave none" : "")
        }
    }

    private var approvalWords: String {
        let count = "\(approvals) of \(proposal.approvalsRequired)"
        let names = counting.filter { $0.verdict == .approve }.map {
            "\($0.userName) \($0.decidedAt.newYorkClock)"
        }
        return names.isEmpty ? count : "\(count): \(names.joined(separator: ", "))"
    }

    private var deadlineWords: String {
        "\(proposal.expiresAt.clockWords(now: now)); \(proposal.expiresAt.leftWords(now: now)) left at "
            + "\(now.newYorkClock), then cancelled automatically"
    }
}

extension ExactDecimal {
    /// `0.22% above`, `1.5% below` or `the same as`; nil where the base is nought.
    func driftWords(from base: ExactDecimal) -> String? {
        guard base.isPositive,
            let change = ((self - base) * ExactDecimal(100)).divided(by: base, scale: 2, rounding: .halfEven)
        else { return nil }
        if self == base { return "the same as" }
        if change.isZero { return self > base ? "a little above" : "a little below" }
        return "\(change.magnitude)% \(change.isNegative ? "below" : "above")"
    }
}

extension ProofMethod {
    /// How a person proved who they are: `with their PIN`.
    var proofWords: String {
        switch self {
        case .session: "logged in"
        case .pin: "with the PIN"
        case .token: "with a personal token"
        }
    }
}
