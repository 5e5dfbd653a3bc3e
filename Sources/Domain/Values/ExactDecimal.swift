// Money, prices and quantities. Binary floating point is never used for them (invariant I9).

/// An exact decimal number: a whole coefficient and the number of its decimal places.
///
/// Holds up to 36 significant digits with at most 18 decimal places. Results that would not fit trap
/// in `+`, `-` and `*`; `Limits` keeps what comes from outside far below that.
package struct ExactDecimal: Sendable {
    /// The number without its decimal point.
    let coefficient: Int128
    /// How many digits of the coefficient stand behind the decimal point.
    let scale: Int

    /// The most decimal places a number may have.
    package static let maxScale = 18
    /// The most digits a number from outside may have before its decimal point.
    package static let maxWholeDigits = 15
    /// Nought.
    package static let zero = ExactDecimal(0)
    /// One.
    package static let one = ExactDecimal(1)

    init(coefficient: Int128, scale: Int) {
        var coefficient = coefficient
        var scale = scale
        while scale > 0, coefficient % 10 == 0 {
            coefficient /= 10
            scale -= 1
        }
        self.coefficient = coefficient
        self.scale = scale
    }

    /// A whole number.
    package init(_ integer: Int) {
        coefficient = Int128(integer)
        scale = 0
    }

    /// A number from text such as `-118.20` or `1e3`; nil where it is none, or has more than
    /// 15 digits before or 18 digits behind the decimal point.
    package init?(_ text: String) {
        guard let parsed = DecimalText.parse(text) else { return nil }
        self.init(coefficient: parsed.coefficient, scale: parsed.scale)
    }

    /// The number of decimal places that are not trailing noughts.
    package var decimalPlaces: Int { scale }
    /// Whether the number is whole.
    package var isWhole: Bool { scale == 0 }
    /// Whether the number is nought.
    package var isZero: Bool { coefficient == 0 }
    /// Whether the number is above nought.
    package var isPositive: Bool { coefficient > 0 }
    /// Whether the number is below nought.
    package var isNegative: Bool { coefficient < 0 }
    /// The distance from nought.
    package var magnitude: ExactDecimal { isNegative ? -self : self }

    /// The number as binary floating point, for statistics and charts only, never for money.
    package var approximate: Double { Double(description) ?? 0 }

    fileprivate func coefficient(atScale target: Int) -> Int128 {
        target == scale ? coefficient : coefficient * Self.power(of: target - scale)
    }

    static func power(of exponent: Int) -> Int128 {
        if exponent <= maxScale { return Int128(powers[exponent]) }
        return (0..<exponent).reduce(1) { power, _ in power * 10 }
    }

    private static let powers: [Int64] = (0...maxScale).map { exponent in
        (0..<exponent).reduce(Int64(1)) { power, _ in power * 10 }
    }
}

extension ExactDecimal: Hashable, Comparable, AdditiveArithmetic {
    package static func < (left: ExactDecimal, right: ExactDecimal) -> Bool {
        let scale = max(left.scale, right.scale)
        return left.coefficient(atScale: scale) < right.coefficient(atScale: scale)
    }

    package static func + (left: ExactDecimal, right: ExactDecimal) -> ExactDecimal {
        let scale = max(left.scale, right.scale)
        return ExactDecimal(
            coefficient: left.coefficient(atScale: scale) + right.coefficient(atScale: scale), scale: scale)
    }

    package static func - (left: ExactDecimal, right: ExactDecimal) -> ExactDecimal { left + -right }

    package static prefix func - (value: ExactDecimal) -> ExactDecimal {
        ExactDecimal(coefficient: -value.coefficient, scale: value.scale)
    }

    /// The product; rounded half to even at 18 decimal places where it has more.
    package static func * (left: ExactDecimal, right: ExactDecimal) -> ExactDecimal {
        let product = left.coefficient.multipliedFullWidth(by: right.coefficient)
        let exact = left.coefficient.multipliedReportingOverflow(by: right.coefficient)
        guard exact.overflow || left.scale + right.scale > maxScale else {
            return ExactDecimal(coefficient: exact.partialValue, scale: left.scale + right.scale)
        }
        let excess = max(0, left.scale + right.scale - maxScale)
        let divisor = power(of: excess)
        let (quotient, remainder) = divisor.dividingFullWidth(product)
        return ExactDecimal(
            coefficient: DecimalRounding.halfEven.round(quotient, remainder: remainder, divisor: divisor),
            scale: left.scale + right.scale - excess)
    }

    /// The quotient with that many decimal places; nil where the divisor is nought.
    package func divided(
        by divisor: ExactDecimal, scale: Int = 12, rounding: DecimalRounding = .halfEven
    ) -> ExactDecimal? {
        guard !divisor.isZero else { return nil }
        let shift = Self.power(of: scale + divisor.scale)
        let bottom = divisor.coefficient * Self.power(of: self.scale)
        let (quotient, remainder) = bottom.dividingFullWidth(coefficient.multipliedFullWidth(by: shift))
        return ExactDecimal(
            coefficient: rounding.round(quotient, remainder: remainder, divisor: bottom), scale: scale)
    }

    /// The number with at most that many decimal places.
    package func rounded(scale target: Int, _ rounding: DecimalRounding = .halfEven) -> ExactDecimal {
        guard scale > target else { return self }
        let divisor = Self.power(of: scale - target)
        let (quotient, remainder) = coefficient.quotientAndRemainder(dividingBy: divisor)
        return ExactDecimal(
            coefficient: rounding.round(quotient, remainder: remainder, divisor: divisor), scale: target)
    }
}

/// Which neighbour a number becomes that lies between two.
package enum DecimalRounding: Sendable {
    /// Towards nought.
    case down
    /// Away from nought.
    case up
    /// The nearer one; of two equally near ones the even one.
    case halfEven

    func round(_ quotient: Int128, remainder: Int128, divisor: Int128) -> Int128 {
        guard remainder != 0 else { return quotient }
        let away: Int128 = (remainder < 0) == (divisor < 0) ? 1 : -1
        switch self {
        case .down: return quotient
        case .up: return quotient + away
        case .halfEven:
            let twice = remainder.magnitude * 2
            if twice == divisor.magnitude { return quotient % 2 == 0 ? quotient : quotient + away }
            return twice > divisor.magnitude ? quotient + away : quotient
        }
    }
}
