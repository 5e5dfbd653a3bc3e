/// Money and parts of a whole as people read them, on pages, in reports and in messages.
package enum AmountText {
    /// An amount of money to the cent: `$47,280` or `$1,999.50`.
    package static func money(_ amount: ExactDecimal) -> String {
        let cents = amount.rounded(scale: 2)
        let text = cents.magnitude.grouped(minimumPlaces: cents.isWhole ? 0 : 2)
        return (cents.isNegative ? "−$" : "$") + text
    }

    /// A fraction in percent: `4.25%`.
    package static func percent(_ fraction: ExactDecimal) -> String {
        let percent = fraction.saturatingProduct(ExactDecimal(100)).rounded(scale: 2)
        return (percent.isNegative ? "−" : "") + percent.magnitude.text(minimumPlaces: 2) + "%"
    }
}
