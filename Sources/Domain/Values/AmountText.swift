/// Money and parts of a whole as people read them, on pages, in reports and in messages.
package enum AmountText {
    /// An amount of money to the cent: `$47,280` or `$1,999.50`.
    package static func money(_ amount: ExactDecimal) -> String { AmountForm([amount]).money(amount) }

    /// A profit or loss with its sign: `+$120` or `−$50.25`.
    package static func gain(_ amount: ExactDecimal) -> String { AmountForm([amount]).gain(amount) }

    /// A fraction in percent: `4.25%`.
    package static func percent(_ fraction: ExactDecimal) -> String {
        let percent = fraction.saturatingProduct(ExactDecimal(100)).rounded(scale: 2)
        return (percent.isNegative ? "−" : "") + percent.magnitude.text(minimumPlaces: 2) + "%"
    }
}

/// How amounts that stand below or beside one another are written: all with cents where any of them has some, so that
/// their digits can be compared.
package struct AmountForm: Sendable, Hashable {
    private let hasCents: Bool

    /// The form for these amounts; those that are not known have no say.
    package init(_ amounts: [ExactDecimal?]) {
        hasCents = amounts.contains { $0.map { !$0.rounded(scale: 2).isWhole } ?? false }
    }

    /// An amount of money to the cent: `$47,280`, or `$47,280.00` beside one that has cents.
    package func money(_ amount: ExactDecimal) -> String {
        let cents = amount.rounded(scale: 2)
        return (cents.isNegative ? "−$" : "$") + cents.magnitude.grouped(minimumPlaces: hasCents ? 2 : 0)
    }

    /// The same of a profit or loss, with its sign: `+$120`.
    package func gain(_ amount: ExactDecimal) -> String {
        (amount.rounded(scale: 2).isPositive ? "+" : "") + money(amount)
    }
}
