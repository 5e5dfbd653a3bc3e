/// What is known of the present price while people are asked: shown to them, never what lets an order go out.
///
/// A symbol that nobody has proposed lately has no quote when its proposal comes in. That is no warning: the worker
/// is asked for one and brings it within seconds. One that does not come is.
package struct PresentQuote: Sendable, Hashable {
    /// How long the worker is given to bring a quote before people are warned that there is none.
    package static let graceSeconds = 15

    private let symbol: String
    private let side: Side
    private let proposedAt: Timestamp
    private let quote: Quote?
    private let untraded: UntradedReason?
    private let maxAgeSeconds: Int?
    private let now: Timestamp

    /// What is known at `now`, by the database's clock; `maxAgeSeconds` is the policy's limit, nil where it has none.
    package init(
        of terms: OrderTerms, proposedAt: Timestamp, quote: Quote?, untraded: UntradedReason?,
        maxAgeSeconds: Int?, now: Timestamp
    ) {
        symbol = terms.symbol
        side = terms.side
        self.proposedAt = proposedAt
        self.quote = quote
        self.untraded = untraded
        self.maxAgeSeconds = maxAgeSeconds
        self.now = now
    }

    /// Whether the worker has not had the time yet to bring what is missing.
    package var isAwaited: Bool {
        fault != nil && untraded == nil && now.seconds(since: proposedAt) < Self.graceSeconds
    }

    /// The findings of a proposal that waits, with what is known of the symbol by now.
    ///
    /// `isHeld` says that the market is closed, when no newer quote is to be expected.
    package func renewing(_ findings: [Finding]) -> [Finding] {
        let isHeld = findings.contains { $0.code == .tradingHours && $0.outcome == .warn }
        return findings.map { finding in
            guard finding.code == .symbolKnown, finding.outcome != .fail else { return finding }
            return self.finding(isHeld: isHeld)
        }
    }

    private enum Fault { case missing, oneSided, crossed(String), old(AgeInSeconds) }

    private var fault: Fault? {
        guard let quote, quote.symbol == symbol else { return .missing }
        if let words = quote.crossedWords { return .crossed(words) }
        guard quote.price(for: side) != nil else { return .oneSided }
        let age = AgeInSeconds(of: quote, at: now)
        guard let maxAgeSeconds, !age.isWithin(maxAgeSeconds) else { return nil }
        return .old(age)
    }

    private func finding(isHeld: Bool) -> Finding {
        var report = CheckReport(code: .symbolKnown)
        if let untraded {
            report.value = untraded.rawValue
            return report.fail(untraded.sentence(symbol))
        }
        guard let fault else { return report.pass("The broker knows \(symbol) and has a quote of it.") }
        if isAwaited { return report.skipped("\(words(fault)); the worker is asked for one now.") }
        if isHeld, quote != nil {
            return report.skipped("\(words(fault)); the worker brings a new one once the market is open.")
        }
        return report.warn("\(words(fault)). \(consequence(fault))")
    }

    private func words(_ fault: Fault) -> String {
        switch fault {
        case .missing: "No quote of \(symbol) has come from the broker yet"
        case .oneSided: "Nobody is known to \(side == .buy ? "sell" : "buy") \(symbol) at the moment"
        case .crossed(let words): words
        case .old(let age):
            "The newest quote of \(symbol) is \(age.words) "
                + (age.isAhead ? "ahead of the server's clock" : "old")
        }
    }

    private func consequence(_ fault: Fault) -> String {
        switch fault {
        case .missing:
            "The present price is not known, and perhaps the broker does not know the symbol; nothing is sent "
                + "without a fresh quote."
        case .crossed: "Nothing is sent on it; the worker must bring another one when it takes the order."
        case .old(let age) where age.isAhead:
            "How old it is cannot be known, and nothing is sent on it: the clock of the server or of the feed is wrong."
        case .oneSided: "Nothing is sent while there is no price for that side."
        case .old:
            "Nothing is sent on one older than \((maxAgeSeconds ?? 0).secondWords); the worker must bring a newer "
                + "one when it takes the order."
        }
    }
}
