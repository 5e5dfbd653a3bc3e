// Whether the loss is bounded and the signal good enough.

extension CheckRun {
    func stopLossRequired() -> Finding {
        let policy = limits.stopLoss
        var report = CheckReport(
            code: .stopLossRequired, limit: policy.isRequired ? "required" : nil,
            value: terms.stopLoss?.stopPrice.description)
        if isOfWhatIsHeld { return report.reducing }
        guard let stop = terms.stopLoss else {
            guard policy.isRequired else { return report.off }
            return report.fail("An order that opens a position needs a stop loss, and this one brings none.")
        }
        guard context.isStopDefault else {
            return report.pass("A stop loss stands at \(stop.stopPrice.priceWords).")
        }
        let distance = policy.defaultPct.map { ", \($0.percentWords) from the price" } ?? ""
        // What the policy foresees is no warning: it would come with every order of such a bot, and be passed over.
        report.limit = Finding.defaultStop
        return report.pass(
            "The bot gave no stop loss; the policy's own at \(stop.stopPrice.priceWords)\(distance) was added."
        )
    }

    func stopLossBand() -> Finding {
        let policy = limits.stopLoss
        var report = CheckReport(code: .stopLossBand, limit: Self.bandText(policy))
        if policy.minPct == nil, policy.maxPct == nil { return report.off }
        if isReducing { return report.reducing }
        guard let stop = terms.stopLoss?.stopPrice else {
            return report.skipped("There is no stop loss to measure.")
        }
        guard let entry = terms.limitPrice ?? price, entry.isPositive else {
            return report.noPrice(terms.symbol)
        }
        let distance = terms.side == .buy ? entry - stop : stop - entry
        let share = distance.ratio(to: entry) ?? .zero
        report.value = share.rounded(scale: 6).description
        let words =
            "The stop at \(stop.priceWords) is \(share.percentWords) from the price \(entry.priceWords)"
        guard distance.isPositive else {
            return report.fail(
                "The stop at \(stop.priceWords) is on the wrong side of the price \(entry.priceWords): it would sell "
                    + "or buy back at once.")
        }
        if let least = policy.minPct, distance < entry.saturatingProduct(least) {
            return report.fail("\(words), nearer than \(least.percentWords): noise would set it off.")
        }
        if let most = policy.maxPct, distance > entry.saturatingProduct(most) {
            return report.fail("\(words), further than \(most.percentWords): the loss could be too large.")
        }
        return report.pass("\(words), inside the band\(Self.bandWords(policy)).")
    }

    /// What the policy allows, for people: ` of 5% to 15%`.
    private static func bandWords(_ policy: StopLossPolicy) -> String {
        switch (policy.minPct, policy.maxPct) {
        case (let least?, let most?): " of \(least.percentWords) to \(most.percentWords)"
        case (let least?, nil): " from \(least.percentWords) on"
        case (nil, let most?): " up to \(most.percentWords)"
        case (nil, nil): ""
        }
    }

    /// The same for programs, in fractions of one.
    private static func bandText(_ policy: StopLossPolicy) -> String? {
        guard policy.minPct != nil || policy.maxPct != nil else { return nil }
        return "\(policy.minPct?.description ?? "0")-\(policy.maxPct?.description ?? "1")"
    }

    func minScore(_ code: CheckCode, _ limit: Int?, _ score: ExactDecimal?, _ name: String) -> Finding {
        let report = CheckReport(code: code, limit: limit.map(String.init), value: score?.description)
        guard let limit else { return report.off }
        if isReducing { return report.reducing }
        guard let score else {
            return report.judge(
                limit <= 0, pass: "\(name) is not given, and none is asked for.",
                fail: "\(name) is not given; at least \(limit) is asked for.")
        }
        return report.judge(
            score >= ExactDecimal(limit), pass: "\(name) is \(score), at least \(limit).",
            fail: "\(name) is \(score), below the least of \(limit).")
    }
}
