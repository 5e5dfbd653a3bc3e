import Domain
import Gate
import Postgres
import Store

/// What is known of the present prices of several proposals that wait.
struct PresentPrices: Sendable {
    private let quotes: [String: Quote]
    private let untraded: [String: UntradedReason]
    private let maxAgeSeconds: Int?

    static func load(for records: [ProposalRecord], in session: PostgresSession) throws -> PresentPrices {
        let symbols = Set(records.map(\.terms.symbol))
        guard !symbols.isEmpty else { return PresentPrices(quotes: [:], untraded: [:], maxAgeSeconds: nil) }
        return PresentPrices(
            quotes: try CheckingStore.quotes(symbols, in: session),
            untraded: try UntradedSymbolStore.find(symbols, in: session),
            maxAgeSeconds: try CheckingStore.newestPolicy(in: session).flatMap {
                try? PolicyDocument.parse($0.document).limits.maxQuoteAgeSeconds
            })
    }

    /// What the checks found of one, with what is known of its price by now.
    func findings(of view: ProposalView, now: Timestamp) -> [Finding] {
        let record = view.record
        guard record.state == .pending else { return view.findings }
        return PresentQuote(
            of: record.terms, proposedAt: record.createdAt, quote: quotes[record.terms.symbol],
            untraded: untraded[record.terms.symbol], maxAgeSeconds: maxAgeSeconds, now: now
        ).renewing(view.findings)
    }
}
