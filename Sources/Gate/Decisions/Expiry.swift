import Domain
import Postgres
import Store

/// Ends what nobody answered in time.
package struct Expiry: Sendable {
    private let context: GateContext

    /// The use case.
    package init(_ context: GateContext) { self.context = context }

    /// Expires what is due, the oldest first, in slices; tells how many.
    ///
    /// Where a small first one is not enough, two are worked on at a time, from the two ends.
    package func sweep(sliceLimit: Int = 1000) async throws -> Int {
        let firstLimit = min(sliceLimit, 100)
        let first = try await slice(from: .oldest, firstLimit)
        guard first == firstLimit else { return first }
        async let others = slices(from: .newest, sliceLimit)
        return first + (try await slices(from: .oldest, sliceLimit)) + (try await others)
    }

    private func slices(from end: ProposalExpiry.End, _ limit: Int) async throws -> Int {
        var total = 0
        while true {
            let count = try await slice(from: end, limit)
            total += count
            if count < limit { return total }
        }
    }

    private func slice(from end: ProposalExpiry.End, _ limit: Int) async throws -> Int {
        try await context.pool.transaction { session in
            try ProposalExpiry.expireDue(from: end, limit: limit, as: .nobodyAnswered, in: session)
        }
    }

    /// How long until the next deadline, in seconds by the database's clock; nil where nothing waits.
    package func secondsToNextDeadline() async throws -> Double? {
        try await context.pool.withSession { session in
            try ProposalQueries.secondsToNextDeadline(in: session).map { max(0, $0) }
        }
    }

    /// Expires one proposal whose row is locked and whose deadline has passed.
    static func expire(_ record: ProposalRecord, in session: PostgresSession) throws {
        let words = ProposalExpiry.Words.nobodyAnswered
        try ProposalTransitions.end(
            record.id, as: .expired, by: words.actor, reason: words.reason, in: session)
        try JournalStore.append([record.entry("expired", by: words.actor)], in: session)
        try DeliveryQueue.enqueue([record.outcome(.expired)], in: session)
    }
}
