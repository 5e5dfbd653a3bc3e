import JSON

/// How many shares `"size":"auto"` means.
package enum Sizing {
    /// A tenth of the money that is free, but at most what the policy lets a position in the symbol still grow and
    /// what need not be kept in cash, scaled by confidence from a half (70 and less, or none) to one (100); whole shares.
    ///
    /// A refusal says in words why there is no size.
    package static func shares(
        _ draft: ProposalDraft, _ context: CheckContext
    ) -> Result<ExactDecimal, ValidationFailure> {
        let terms = draft.terms(qty: .one)
        guard let account = context.account else {
            return refusal("cannot be worked out before the worker has reported the account; give qty")
        }
        guard let price = terms.workingPrice(reference: context.marketPrice(for: terms)), price.isPositive
        else {
            return refusal("cannot be worked out without a price; give limit_price, reference_price or qty")
        }
        guard context.effect(of: terms) == .opens else {
            return refusal("sizes orders that open a position only; give qty")
        }
        let value = budget(terms, account, context).saturatingProduct(factor(draft.confidence))
        let shares = value.ratio(to: price)?.rounded(scale: 0, .down) ?? .zero
        guard shares.isPositive else {
            return refusal(
                "gives less than one share at \(price.priceWords): \(max(.zero, value).dollars) may be used")
        }
        return .success(min(shares, Limits.maxQty))
    }

    private static func budget(
        _ terms: OrderTerms, _ account: AccountBook, _ context: CheckContext
    ) -> ExactDecimal {
        let limits = context.policy.limits
        let cash = account.ownCash - account.orders.reserve - context.committed.reserve
        let free = min(cash, account.snapshot.buyingPower - context.committed.reserve)
        let taken =
            (account.positions[terms.symbol]?.marketValue.magnitude ?? .zero)
            + account.orders[terms.symbol][terms.side].openingNotional
            + context.committed[terms.symbol][terms.side].openingNotional
        let equity = account.snapshot.equity
        let ceilings = [
            free.saturatingProduct(ExactDecimal(coefficient: 1, scale: 1)),
            limits.maxPositionUSD.map { $0 - taken },
            limits.maxPositionPct.map { equity.saturatingProduct($0) - taken },
            limits.cashReserveMinPct.map { cash - equity.saturatingProduct($0) },
        ]
        return ceilings.compactMap(\.self).min() ?? .zero
    }

    /// (confidence - 70) / 30, at least a half and at most one.
    private static func factor(_ confidence: ExactDecimal?) -> ExactDecimal {
        let half = ExactDecimal(coefficient: 5, scale: 1)
        let scaled = ((confidence ?? .zero) - ExactDecimal(70)).ratio(to: ExactDecimal(30)) ?? half
        return min(max(scaled, half), .one)
    }

    private static func refusal(_ detail: String) -> Result<ExactDecimal, ValidationFailure> {
        .failure(ValidationFailure(faults: [JSONFault(pointer: "/size", detail: detail)]))
    }
}
