// Whether trading is allowed at all, and whether the broker would take this order.

extension CheckRun {
    func halt() -> Finding {
        let halts = context.halts.filter {
            $0.concerns(symbol: terms.symbol, strategy: context.strategy, bot: context.proposer)
        }
        guard !halts.isEmpty else {
            return CheckReport(code: .halt).pass("No halt is in force for this order.")
        }
        let stopping = halts.filter { !(isReducing && $0.allowsReducing) }
        let report = CheckReport(code: .halt, value: halts.map(\.id).joined(separator: ","))
        guard !stopping.isEmpty else {
            return report.pass(
                "A halt is in force, but it lets orders pass that only reduce: \(Self.words(halts))")
        }
        return report.fail(
            "A halt is in force: \(Self.words(stopping)) Nothing is sent until it is cleared.")
    }

    private static func words(_ halts: [OpenHalt]) -> String {
        halts.map { "\($0.words), because: \($0.reason)".asSentence }.joined(separator: " ")
    }

    func accountStatus() -> Finding {
        guard let snapshot = account?.snapshot else { return CheckReport(code: .accountStatus).noSnapshot }
        let report = CheckReport(code: .accountStatus, limit: "ACTIVE", value: snapshot.status)
        let blocks = [
            (snapshot.status != "ACTIVE", "its status is \(snapshot.status)"),
            (snapshot.isTradingBlocked, "trading is blocked"), (snapshot.isAccountBlocked, "it is blocked"),
            (snapshot.isTradeSuspendedByUser, "its user suspended trading"),
        ].filter(\.0).map(\.1)
        return report.judge(
            blocks.isEmpty, pass: "The account is active and may trade.",
            fail: "The broker does not let the account trade: \(blocks.joined(separator: ", ")).")
    }

    func maxSnapshotAge() -> Finding {
        var report = CheckReport(code: .maxSnapshotAge, limit: limits.maxSnapshotAgeSeconds.map(String.init))
        guard let limit = limits.maxSnapshotAgeSeconds else { return report.off }
        guard let snapshot = account?.snapshot else { return report.noSnapshot }
        let age = AgeInSeconds(from: snapshot.receivedAt, to: context.now)
        report.value = age.value
        return report.judge(
            age.isWithin(limit),
            pass: "The account was reported \(age.words) ago; up to \(limit.secondWords) is fresh enough.",
            fail:
                "The account was last reported \(age.words) ago, more than \(limit.secondWords): what it holds may "
                + "have changed. Is the worker running?")
    }

    func availableQty() -> Finding {
        let held = position?.qty ?? .zero
        var report = CheckReport(code: .availableQty, value: held.description)
        switch effect {
        case .unknown: return report.noSnapshot
        case .crosses: return report.fail(crossingWords)
        case .exceeds(let available):
            report.limit = available.description
            return report.fail(excessWords(held, available))
        case .opens where context.approvedAsReducing == true:
            return report.fail(
                "This was proposed as an exit, but there is no position in \(terms.symbol) any more: it would open one."
            )
        case .opens: return terms.side == .buy ? report.pass(Self.purchaseWords) : shortSale(report)
        case .reduces:
            let rest = held.magnitude - terms.qty
            let words =
                "The account holds \(held.shareWords) of \(terms.symbol); \(rest.grouped()) would remain."
            guard context.needsHeldShares(terms) else { return report.pass(words) }
            return report.warn(words + " Protective exits hold them; the worker cancels these first.")
        }
    }

    private static let purchaseWords = "A purchase needs no shares."

    private func shortSale(_ report: CheckReport) -> Finding {
        if account?.snapshot.isShortingEnabled == false {
            return report.fail(
                "The account holds no \(terms.symbol) to sell, and the broker does not let it sell short.")
        }
        guard terms.qty.isWhole else {
            return report.fail("Selling \(terms.symbol) short takes whole shares, not \(terms.qty).")
        }
        return report.warn(
            "The account holds no \(terms.symbol): this sale opens or enlarges a short position.")
    }

    private var crossingWords: String {
        let (other, own) = terms.side == .sell ? ("Purchases", "a sale") : ("Short sales", "a purchase")
        return
            "\(other) of \(terms.symbol) are open or waiting, and none is held yet: \(own) now could turn the "
            + "position round. Wait until they are filled, or withdraw them."
    }

    private func excessWords(_ held: ExactDecimal, _ available: ExactDecimal) -> String {
        let verb = terms.side == .sell ? "sell" : "buy back"
        let taken = held.magnitude - available
        let protective = min(taken, orders[terms.side].protectiveQty)
        var reason = ""
        if protective.isPositive { reason += "; its protective orders hold \(protective.grouped()) of them" }
        if taken > protective {
            reason += "; other open or waiting orders take \((taken - protective).grouped()) of them"
        }
        let end =
            terms.qty > held.magnitude
            ? "The broker refuses orders that turn a position round."
            : protective.isPositive
                ? "The broker gives them free only when the stop is gone: whoever wants out closes the whole position "
                    + "(POST /api/v1/positions/\(terms.symbol)/close), which cancels the stop first."
                : "Wait until those are done, or withdraw them."
        return
            "The order would \(verb) \(terms.qty.shareWords) of \(terms.symbol), but only \(available.grouped()) "
            + "can be: the account holds \(held.grouped())\(reason). \(end)"
    }

    /// Whether there is enough to sell (or to buy back), though other orders may hold it: no more would be opened by it.
    var isOfWhatIsHeld: Bool {
        guard case .exceeds = effect, let position else { return isReducing }
        return terms.qty <= position.qty.magnitude
    }
}

/// How old something is; what is stamped later than now is as old the other way.
struct AgeInSeconds {
    private let microseconds: Int64

    init(from: Timestamp, to now: Timestamp) {
        microseconds = now.microseconds - from.microseconds
    }

    /// The age of a quote: one that is ahead by no more than clocks differ was made now.
    init(of quote: Quote, at now: Timestamp) {
        let isAheadALittle = quote.quotedAt > now && !quote.isAhead(of: now)
        self.init(from: isAheadALittle ? now : quote.quotedAt, to: now)
    }

    /// Whether it is stamped later than now.
    var isAhead: Bool { microseconds < 0 }

    var value: String { String(microseconds / 1_000_000) }
    var words: String { Int(microseconds.magnitude / 1_000_000).secondWords }

    /// At most so many seconds old, and no further in the future.
    func isWithin(_ seconds: Int) -> Bool { microseconds.magnitude <= UInt64(seconds) * 1_000_000 }
}
