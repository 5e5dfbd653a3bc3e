/// How much of a limit on what may be held is used, by what is held and ordered already.
package struct LimitUse: Sendable, Hashable {
    /// Which limit.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// What one position is worth, against the tighter of its two limits.
        case position
        case openPositions = "open_positions"
        /// What is not kept in cash, against what need not be.
        case cashReserve = "cash_reserve"
    }

    /// How a limit stands.
    package enum Standing: Sendable, Hashable {
        case within
        case near
        case exceeded
    }

    package let kind: Kind
    /// The symbol of a position; nil where it is about the account.
    package let symbol: String?
    /// Positions, or USD.
    package let value: ExactDecimal
    package let limit: ExactDecimal
    /// The limit's own name in the policy.
    package let setting: String
    /// What the account is worth.
    let equity: ExactDecimal

    /// Every use of a limit that the policy sets; nothing of what cannot be measured.
    package static func all(_ limits: PolicyLimits, _ account: AccountBook) -> [LimitUse] {
        let positions = account.positions.values.sorted { $0.symbol < $1.symbol }
        return positions.compactMap { position($0, limits, account) }
            + [openPositions(limits, account), cash(limits, account)].compactMap(\.self)
    }

    /// What tells it from the others.
    package var key: String { symbol.map { "\(kind.rawValue):\($0)" } ?? kind.rawValue }

    /// Near is from a part of the limit on; at the limit it is not exceeded yet.
    package func standing(near part: ExactDecimal) -> Standing {
        if value > limit { return .exceeded }
        // Of a single one, the first is not near anything.
        if kind == .openPositions, limit <= .one { return .within }
        return limit.isPositive && value >= limit * part ? .near : .within
    }

    /// Whether it only just came back below a threshold, so that an alert would come and go; counts do not waver.
    package func wavers(below threshold: ExactDecimal) -> Bool {
        kind != .openPositions && limit.isPositive && value * ExactDecimal(10) >= threshold * ExactDecimal(9)
    }

    // MARK: what is measured

    private static func position(
        _ position: Position, _ limits: PolicyLimits, _ account: AccountBook
    ) -> LimitUse? {
        let equity = account.snapshot.equity
        var tightest: (ExactDecimal, String)?
        if let limit = limits.maxPositionUSD { tightest = (limit, "max_position_usd") }
        if let part = limits.maxPositionPct, equity.isPositive {
            let limit = equity.saturatingProduct(part)
            if tightest.map({ limit < $0.0 }) ?? true { tightest = (limit, "max_position_pct") }
        }
        guard let (limit, setting) = tightest else { return nil }
        return LimitUse(
            kind: .position, symbol: position.symbol, value: position.marketValue.magnitude, limit: limit,
            setting: setting, equity: equity)
    }

    private static func openPositions(_ limits: PolicyLimits, _ account: AccountBook) -> LimitUse? {
        guard let limit = limits.maxOpenPositions else { return nil }
        return LimitUse(
            kind: .openPositions, symbol: nil, value: ExactDecimal(account.positions.count),
            limit: ExactDecimal(limit), setting: "max_open_positions", equity: account.snapshot.equity)
    }

    /// Orders at the broker count as filled; what only waits for a decision does not, for it may never be bought.
    private static func cash(_ limits: PolicyLimits, _ account: AccountBook) -> LimitUse? {
        let equity = account.snapshot.equity
        guard let reserve = limits.cashReserveMinPct, reserve < .one, equity.isPositive else { return nil }
        let free = account.ownCash - account.orders.reserve
        return LimitUse(
            kind: .cashReserve, symbol: nil, value: max(.zero, equity - free),
            limit: equity - equity.saturatingProduct(reserve), setting: "cash_reserve_min_pct", equity: equity
        )
    }

    // MARK: words

    /// What it is called, in the middle of a sentence.
    package var words: String {
        switch kind {
        case .position: "position in \(symbol ?? "")"
        case .openPositions: "open positions"
        case .cashReserve: "cash reserve"
        }
    }

    /// How it stands and what that means, for people.
    package var detail: String {
        let isExceeded = value > limit
        switch kind {
        case .position:
            let figures = "It is worth \(value.dollars); the limit is \(limit.dollars)"
            return isExceeded
                ? "\(figures). Its price rose, or it was enlarged elsewhere, or the limit is new. Nothing is sold by"
                    + " itself: consider whether to reduce it."
                : "\(figures). Orders that would take it beyond are blocked; nothing is sold by itself."
        case .openPositions:
            let figures = "\(value) are open; the limit is \(limit)."
            return value < limit
                ? "\(figures) Beyond it no further position can be opened."
                : "\(figures) No further position can be opened until there are fewer."
        case .cashReserve:
            let (free, least) = (equity - value, equity - limit)
            let figures =
                "Free cash is \(free.dollars), \(share(free)) of equity; \(least.dollars), \(share(least)), is to stay."
            return isExceeded
                ? "\(figures) No position can be opened until there is more."
                : "\(figures) Orders that would take it below are blocked."
        }
    }

    private func share(_ amount: ExactDecimal) -> String { amount.ratio(to: equity)?.percentWords ?? "0%" }
}
