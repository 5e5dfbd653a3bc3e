// How large a position may become, and how many there may be. What other orders would add counts as if filled.

extension CheckRun {
    /// What the position would be worth once this order and all others that enlarge it are filled.
    var exposureAfter: ExactDecimal? {
        guard let notional, !orders.hasUnknownValue else { return nil }
        let isOnSide = (position?.qty.isNegative ?? false) == (terms.side == .sell)
        let held = isOnSide ? position?.marketValue.magnitude ?? .zero : .zero
        return held + orders[terms.side].openingNotional + waiting[terms.side].openingNotional + notional
    }

    func maxPositionUSD() -> Finding {
        var report = CheckReport(code: .maxPositionUSD, limit: limits.maxPositionUSD?.description)
        guard let limit = limits.maxPositionUSD else { return report.off }
        if isReducing { return report.reducing }
        guard account != nil else { return report.noSnapshot }
        guard let after = exposureAfter else { return report.noPrice(terms.symbol) }
        report.value = after.description
        return report.judge(
            after <= limit,
            pass:
                "Position in \(terms.symbol) would be \(after.dollars), within the limit of \(limit.dollars).",
            fail:
                "Position in \(terms.symbol) would be \(after.dollars), above the limit of \(limit.dollars).")
    }

    func maxPositionPct() -> Finding {
        var report = CheckReport(code: .maxPositionPct, limit: limits.maxPositionPct?.description)
        guard let limit = limits.maxPositionPct else { return report.off }
        if isReducing { return report.reducing }
        guard let equity = account?.snapshot.equity else { return report.noSnapshot }
        guard let after = exposureAfter else { return report.noPrice(terms.symbol) }
        guard equity.isPositive, let share = after.ratio(to: equity) else {
            return report.fail("The account's equity is \(equity.dollars), so no position may be opened.")
        }
        report.value = share.rounded(scale: 6).description
        let words = "Position in \(terms.symbol) would be \(share.percentWords) of equity \(equity.dollars)"
        return report.judge(
            after <= equity.saturatingProduct(limit),
            pass: "\(words), within the limit of \(limit.percentWords).",
            fail: "\(words), above the limit of \(limit.percentWords).")
    }

    func minPositionUSD() -> Finding {
        var report = CheckReport(code: .minPositionUSD, limit: limits.minPositionUSD?.description)
        guard let limit = limits.minPositionUSD else { return report.off }
        if isReducing { return report.reducing }
        guard account != nil else { return report.noSnapshot }
        guard let notional else { return report.noPrice(terms.symbol) }
        let after = notional + (position?.marketValue.magnitude ?? .zero)
        report.value = after.description
        return report.judge(
            after >= limit,
            pass: "Position in \(terms.symbol) would be \(after.dollars), at least \(limit.dollars).",
            fail:
                "Position in \(terms.symbol) would be \(after.dollars), below the least of \(limit.dollars): "
                + "not worth its costs.")
    }

    func maxOpenPositions() -> Finding {
        var report = CheckReport(code: .maxOpenPositions, limit: limits.maxOpenPositions.map(String.init))
        guard let limit = limits.maxOpenPositions else { return report.off }
        if isReducing { return report.reducing }
        guard let account else { return report.noSnapshot }
        let others =
            account.occupiedSymbols.count
            + waitingNewSymbols(context.committed.symbolsOnlyProposed, context.committed.symbolsReleased)
        guard isNewSymbol else {
            report.value = String(others)
            return report.pass("\(terms.symbol) is already among the \(others) open or coming positions.")
        }
        report.value = String(others + 1)
        return report.judge(
            others < limit,
            pass: "This would be position \(others + 1) of at most \(limit).",
            fail:
                "This would be position \(others + 1); at most \(limit) may be open, orders under way included."
        )
    }

    func maxNewPositionsPerDay() -> Finding {
        newPositions(.maxNewPositionsPerDay, limits.maxNewPositionsPerDay, context.newPositionsToday, "today")
    }

    func maxNewPositionsPerWeek() -> Finding {
        newPositions(
            .maxNewPositionsPerWeek, limits.maxNewPositionsPerWeek, context.newPositionsThisWeek, "this week")
    }

    private func newPositions(_ code: CheckCode, _ limit: Int?, _ released: Int, _ period: String) -> Finding
    {
        var report = CheckReport(code: code, limit: limit.map(String.init))
        guard let limit else { return report.off }
        if isReducing { return report.reducing }
        guard account != nil else { return report.noSnapshot }
        let others =
            released + waitingNewSymbols(context.committed.symbolsOnlyProposed)
        guard isNewSymbol else {
            report.value = String(others)
            return report.pass("\(terms.symbol) is already held or under way, so this opens no new position.")
        }
        report.value = String(others + 1)
        return report.judge(
            others < limit,
            pass: "This would be new position \(others + 1) of at most \(limit) \(period).",
            fail: "This would be new position \(others + 1) \(period); at most \(limit) may be opened, "
                + "proposals that still wait included.")
    }

    /// Whether the order would open a position in a symbol that is neither held nor under way.
    private var isNewSymbol: Bool {
        let isOccupied = account?.occupiedSymbols.contains(terms.symbol) ?? false
        return !isOccupied && waiting.openings == 0
    }

    /// How many further symbols our own commitments would open.
    private func waitingNewSymbols(_ waiting: Set<String>...) -> Int {
        let occupied = account?.occupiedSymbols ?? []
        return waiting.reduce(0) { count, symbols in
            count + symbols.count - occupied.count { symbols.contains($0) }
        }
    }
}
