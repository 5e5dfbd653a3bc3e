import Domain
import Postgres
import Store

/// Ends what nobody answered in time.
package struct Expiry: Sendable {
    private let context: GateContext

    /// The use case.
    package init(_ context: GateContext) { self.context = context }

    /// Expires what is due, the oldest first, in slices; tells how many.
    package func sweep(sliceLimit: Int = 500) async throws -> Int {
        var total = 0
        while true {
            let count = try await context.pool.transaction { session in
                try Self.expireSlice(limit: sliceLimit, in: session)
            }
            total += count
            if count < sliceLimit { return total }
        }
    }

    /// How long until the next deadline, in seconds by the database's clock; nil where nothing waits.
    package func secondsToNextDeadline() async throws -> Double? {
        try await context.pool.withSession { session in
            guard let deadline = try ProposalQueries.nextDeadline(in: session) else { return nil }
            let now = try DatabaseClock.now(in: session)
            return max(0, Double(deadline.microseconds - now.microseconds) / 1_000_000)
        }
    }

    private static func expireSlice(limit: Int, in session: PostgresSession) throws -> Int {
        let ids = try ProposalTransitions.expireDue(limit: limit, in: session)
        let records = try ProposalQueries.find(ids, in: session)
        try JournalStore.append(records.map { $0.entry("expired", by: "system") }, in: session)
        try DeliveryQueue.enqueue(records.map { $0.outcome(.expired) }, in: session)
        if !ids.isEmpty { try ProposalNotice.send(in: session) }
        return ids.count
    }

    /// Expires one proposal whose row is locked and whose deadline has passed.
    static func expire(_ record: ProposalRecord, in session: PostgresSession) throws {
        try ProposalTransitions.end(
            record.id, as: .expired, by: "system", reason: "nobody answered in time", in: session)
        try JournalStore.append([record.entry("expired", by: "system")], in: session)
        try DeliveryQueue.enqueue([record.outcome(.expired)], in: session)
    }
}
