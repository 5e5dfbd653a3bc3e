// How findings spell numbers for people.

extension ExactDecimal {
    /// An amount of money, to the cent: `$6,200` or `$1,999.50`.
    package var dollars: String {
        let cents = rounded(scale: 2)
        let text = cents.magnitude.grouped(minimumPlaces: cents.isWhole ? 0 : 2)
        return (cents.isNegative ? "-$" : "$") + text
    }

    /// The price of a share, with all its digits: `$118.20`.
    package var priceWords: String { "$" + grouped(minimumPlaces: 2) }

    /// A fraction as percent, to a hundredth of one: `6.2%`.
    var percentWords: String {
        saturatingProduct(ExactDecimal(100)).rounded(scale: 2).description + "%"
    }

    /// A number of shares: `1 share`, `1,200 shares`.
    var shareWords: String { grouped() + (self == .one ? " share" : " shares") }
}

extension Int {
    /// A length of time: `45 seconds`, `1 second`.
    var secondWords: String { self == 1 ? "1 second" : "\(self) seconds" }
}

extension Timestamp {
    /// The minute in UTC, for texts that are stored: `2026-11-23 14:30 UTC`.
    var minuteWords: String { rfc3339.prefix(16).split(separator: "T").joined(separator: " ") + " UTC" }
}
