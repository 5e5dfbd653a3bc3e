// How findings spell numbers for people.

extension ExactDecimal {
    /// An amount of money, to the cent: `$6,200` or `$1,999.50`.
    package var dollars: String { AmountText.money(self) }

    /// The price of a share, with all its digits: `$118.20`.
    package var priceWords: String { "$" + grouped(minimumPlaces: 2) }

    /// A fraction as percent in a sentence, to a hundredth of one: `6.2%`, where a column would say `6.20%`.
    package var percentWords: String {
        let percent = saturatingProduct(ExactDecimal(100)).rounded(scale: 2)
        return (percent.isNegative ? "−" : "") + percent.magnitude.description + "%"
    }

    /// A number of shares: `1 share`, `1,200 shares`.
    var shareWords: String { grouped() + (self == .one ? " share" : " shares") }
}

extension Int {
    /// A length of time of so many seconds: `45 seconds`, `2 minutes`, `1 hour 5 minutes`.
    var secondWords: String { DurationText.words(seconds: self, units: 2) }
}

extension Timestamp {
    /// The minute in UTC, for texts that are stored: `2026-11-23 14:30 UTC`.
    var minuteWords: String { rfc3339.prefix(16).split(separator: "T").joined(separator: " ") + " UTC" }
}
