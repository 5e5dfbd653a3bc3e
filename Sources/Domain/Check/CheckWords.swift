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

extension Sequence where Element == Finding.Outcome {
    /// How many checks ended in which way, the worst first: `1 failed, 2 warn, 14 passed, 3 do not apply`.
    package var countWords: String {
        let all = Array(self)
        return [Element.fail, .warn, .pass, .skipped].compactMap { outcome in
            let count = all.count { $0 == outcome }
            return count == 0 ? nil : outcome.words(count)
        }.joined(separator: ", ")
    }
}

extension Finding.Outcome {
    /// So many checks that ended in this way: `1 warns`, `3 do not apply`.
    fileprivate func words(_ count: Int) -> String {
        switch self {
        case .pass: counted(count, "passed", "passed")
        case .warn: counted(count, "warns", "warn")
        case .fail: counted(count, "failed", "failed")
        case .skipped: counted(count, "does not apply", "do not apply")
        }
    }
}

extension Int {
    /// A length of time: `45 seconds`, `1 second`.
    var secondWords: String { counted(self, "second") }
}

extension Timestamp {
    /// The minute in UTC, for texts that are stored: `2026-11-23 14:30 UTC`.
    var minuteWords: String { rfc3339.prefix(16).split(separator: "T").joined(separator: " ") + " UTC" }
}
