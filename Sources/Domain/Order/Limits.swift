// How large numbers from outside may be. Within these limits no sum or product of the rules overflows.

/// The largest numbers that are taken from outside.
package enum Limits {
    /// The most shares of one order.
    package static let maxQty = ExactDecimal(1_000_000_000)
    /// The most decimal places of a quantity: the broker's.
    package static let maxQtyPlaces = 9
    /// The highest price of one share in USD.
    package static let maxPrice = ExactDecimal(10_000_000)
    /// The most decimal places of a price.
    package static let maxPricePlaces = 9
    /// The largest amount of money in USD: of an order, a position, an account.
    package static let maxAmountUSD = ExactDecimal(1_000_000_000_000)
}

extension ExactDecimal {
    /// What results become that are larger: 10^15, far above every limit.
    private static let ceiling = ExactDecimal(1_000_000_000_000_000)

    /// The product that never traps: whatever is beyond it becomes 10^15.
    ///
    /// Rounded to 13 decimal places (9 of a quantity, 4 of a price), so that very many of them can be added.
    package func saturatingProduct(_ other: ExactDecimal) -> ExactDecimal {
        let isNegative = self.isNegative != other.isNegative
        guard fits(other) else { return isNegative ? -Self.ceiling : Self.ceiling }
        let product = (self * other).rounded(scale: 13)
        return min(max(product, -Self.ceiling), Self.ceiling)
    }

    /// The quotient at 12 decimal places that never traps; nil where the divisor is nought at 9 places.
    ///
    /// A dividend of 2 × 10^15 and more gives 10^15.
    package func ratio(to other: ExactDecimal) -> ExactDecimal? {
        let (top, bottom) = (rounded(scale: 9), other.rounded(scale: 9))
        guard !bottom.isZero else { return nil }
        guard top.magnitude < Self.ceiling + Self.ceiling else {
            return isNegative == other.isNegative ? Self.ceiling : -Self.ceiling
        }
        return top.divided(by: bottom)
    }

    /// Whether the product has so few digits that it cannot trap.
    private func fits(_ other: ExactDecimal) -> Bool {
        let exact = coefficient.multipliedReportingOverflow(by: other.coefficient)
        return !exact.overflow || wholeDigits + other.wholeDigits <= 18
    }

    /// How many digits stand before the decimal point; negative by the noughts that follow it at once.
    private var wholeDigits: Int { String(coefficient.magnitude).utf8.count - scale }
}
