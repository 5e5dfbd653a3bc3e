package import JSON

/// What an order would do to the account, for the person who decides.
package struct Impact: Sendable, Hashable {
    /// A quantity now, what other open and waiting orders would add, and what it would be after all of them and
    /// this order.
    package struct Change: Sendable, Hashable {
        package let before: ExactDecimal
        package let others: ExactDecimal
        package let after: ExactDecimal
    }

    package let symbol: String
    /// The price the order is valued at, in USD.
    package let price: ExactDecimal
    package let notional: ExactDecimal
    package let equity: ExactDecimal
    package let effect: OrderEffect
    /// Shares of the symbol; negative for a short position.
    package let positionQty: Change
    /// Worth of the position without sign, in USD.
    package let positionValue: Change
    /// Cash less what short positions owe, in USD.
    package let cash: Change
    /// Worth of all positions without sign, in USD.
    package let exposure: Change

    /// What the order would do; nil where account or price are not known.
    package init?(_ terms: OrderTerms, _ context: CheckContext) {
        let market = context.marketPrice(for: terms)
        guard let account = context.account, let price = terms.workingPrice(reference: market),
            let notional = terms.notional(reference: market)
        else { return nil }
        let position = account.positions[terms.symbol]
        let orders = account.orders[terms.symbol]
        let waiting = context.committed[terms.symbol]
        // Also of an order that is blocked, because other orders hold what it sells, one sees what it was to do.
        let isAgainst = position.map { $0.qty.isNegative == (terms.side == .buy) } ?? false
        let own = Own(terms, notional, against: isAgainst ? position : nil)
        let growing = isAgainst ? terms.side.opposite : terms.side
        let othersNotional = orders[growing].openingNotional + waiting[growing].openingNotional
        let allOthers = account.orders.openingNotional + context.committed.openingNotional
        let reserved = account.orders.reserve + context.committed.reserve
        let heldValue = position?.marketValue.magnitude ?? .zero
        symbol = terms.symbol
        self.price = price
        self.notional = notional
        equity = account.snapshot.equity
        effect = context.effect(of: terms)
        positionQty = Change(
            before: position?.qty ?? .zero, others: orders.signedQty + waiting.signedQty,
            own: terms.side == .buy ? terms.qty : -terms.qty)
        positionValue = Change(
            before: heldValue, others: othersNotional, own: own.worth)
        cash = Change(before: account.ownCash, others: -reserved, own: own.cash)
        exposure = Change(before: account.grossExposure, others: allOthers, own: own.worth)
    }

    /// What the order itself does: up to the shares that are held it makes the position smaller, beyond them it opens one.
    private struct Own {
        /// Worth of positions, in USD.
        let worth: ExactDecimal
        /// Buying back a short position pays out of what was already set apart for it, so it changes own cash only by the
        /// difference in price.
        let cash: ExactDecimal

        init(_ terms: OrderTerms, _ notional: ExactDecimal, against position: Position?) {
            let held = position?.qty.magnitude ?? .zero
            let closedQty = min(terms.qty, held)
            let closed = Self.part(of: notional, closedQty, terms.qty)
            let reduced = Self.part(of: position?.marketValue.magnitude ?? .zero, closedQty, held)
            let opened = notional - closed
            worth = opened - reduced
            cash = (position?.qty.isNegative == true ? reduced - closed : closed) - opened
        }

        private static func part(
            of value: ExactDecimal, _ qty: ExactDecimal, _ whole: ExactDecimal
        ) -> ExactDecimal {
            guard !qty.isZero else { return .zero }
            guard qty < whole else { return value }
            return qty.ratio(to: whole).map { value.saturatingProduct($0) } ?? value
        }
    }
}

extension Impact.Change {
    fileprivate init(before: ExactDecimal, others: ExactDecimal, own: ExactDecimal) {
        self.init(before: before, others: others, after: before + others + own)
    }

    fileprivate var json: JSONValue {
        [
            "before": .string(before.description), "others": .string(others.description),
            "after": .string(after.description),
        ]
    }
}

extension Impact {
    /// The numbers as the API shows them.
    package var json: JSONValue {
        [
            "symbol": .string(symbol), "price": .string(price.description),
            "notional": .string(notional.description), "equity": .string(equity.description),
            "position_qty": positionQty.json, "position_value": positionValue.json, "cash": cash.json,
            "exposure": exposure.json,
        ]
    }
}
