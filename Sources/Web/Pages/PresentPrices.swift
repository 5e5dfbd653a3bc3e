import Domain
import JSON
import Postgres
import Store

/// What is known of the present prices of several proposals that wait.
struct PresentPrices: Sendable {
    private let quotes: [String: Quote]
    private let untraded: [String: UntradedReason]
    private let maxAgeSeconds: Int?

    /// What is asked of the database, together with other statements.
    struct Questions {
        fileprivate let quotes: PostgresAnswer<[String: Quote]>
        fileprivate let untraded: PostgresAnswer<[String: UntradedReason]>
        fileprivate let policy: PostgresAnswer<(version: Int, document: JSONValue)?>

        init(_ symbols: Set<String>, in batch: inout PostgresBatch) {
            quotes = batch.add(CheckingStore.quotes(symbols))
            untraded = batch.add(UntradedSymbolStore.find(symbols))
            policy = batch.add(CheckingStore.newestPolicy)
        }
    }

    init(_ questions: Questions, _ answers: PostgresAnswers) throws {
        quotes = try questions.quotes(answers)
        untraded = try questions.untraded(answers)
        maxAgeSeconds = try questions.policy(answers).flatMap {
            try? PolicyDocument.parse($0.document).limits.maxQuoteAgeSeconds
        }
    }

    /// How many checks of one warn, with what is known of its price by now.
    func warnings(of proposal: WaitingProposal, now: Timestamp) -> Int {
        let symbol = proposal.terms.symbol
        return PresentQuote(
            of: proposal.terms, proposedAt: proposal.createdAt, quote: quotes[symbol],
            untraded: untraded[symbol], maxAgeSeconds: maxAgeSeconds, now: now
        ).renewing(proposal.outlines).having(.warn).count
    }
}
