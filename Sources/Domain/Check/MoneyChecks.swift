// Whether there is money for it. Only the account's own cash counts, never what a margin account may borrow.

extension CheckRun {
    /// What the broker would set aside for the order, in USD.
    private var cost: ExactDecimal? {
        terms.reservePrice(reference: marketPrice).map { terms.qty.saturatingProduct($0) }
    }

    func buyingPower() -> Finding {
        var report = CheckReport(code: .buyingPower)
        if isReducing { return report.reducing }
        guard let account else { return report.noSnapshot }
        guard let cost else { return report.noPrice(terms.symbol) }
        guard account.orders.symbolsOfUnknownValue.isEmpty else { return report.fail(unknownWords(account)) }
        let own = account.ownCash - account.orders.reserve
        let available = min(own, account.snapshot.buyingPower) - context.committed.reserve
        report.limit = available.description
        report.value = cost.description
        let pending = account.orders.reserve + context.committed.reserve
        let words =
            "The order needs \(cost.dollars); \(available.dollars) of own money is free"
            + (pending.isPositive ? " after \(pending.dollars) for other orders" : "")
        return report.judge(
            cost <= available, pass: "\(words).",
            fail: "\(words), which is not enough. Borrowed money is not used.")
    }

    func cashReserve() -> Finding {
        var report = CheckReport(code: .cashReserve, limit: limits.cashReserveMinPct?.description)
        guard let limit = limits.cashReserveMinPct else { return report.off }
        if isReducing { return report.reducing }
        guard let account else { return report.noSnapshot }
        guard let notional else { return report.noPrice(terms.symbol) }
        guard account.orders.symbolsOfUnknownValue.isEmpty else { return report.fail(unknownWords(account)) }
        let equity = account.snapshot.equity
        let left = account.ownCash - account.orders.reserve - context.committed.reserve - notional
        guard equity.isPositive, let share = left.ratio(to: equity) else {
            return report.fail("The account's equity is \(equity.dollars), so no position may be opened.")
        }
        report.value = share.rounded(scale: 6).description
        let words = "Cash would be \(left.dollars), \(share.percentWords) of equity \(equity.dollars)"
        return report.judge(
            left >= equity.saturatingProduct(limit),
            pass: "\(words), at least the reserve of \(limit.percentWords).",
            fail: "\(words), below the reserve of \(limit.percentWords) that must remain.")
    }

    private func unknownWords(_ account: AccountBook) -> String {
        let symbols = account.orders.symbolsOfUnknownValue.sorted().prefix(5).joined(separator: ", ")
        return
            "An open market order for \(symbols) has no known price yet, so the money that is left is not known. "
            + "Try again when it is filled."
    }
}
