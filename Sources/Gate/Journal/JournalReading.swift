package import Domain
import Postgres
package import Store

/// One page of the journal.
package struct JournalPage: Sendable, Hashable {
    /// The entries, newest first.
    package let items: [JournalRecord]
    /// What to pass as `before` for the next page; nil on the last one.
    package let nextBefore: Int?
}

/// Reads the journal for those who may.
package struct JournalReading: Sendable {
    private let context: GateContext

    /// The use case.
    package init(_ context: GateContext) { self.context = context }

    /// Entries older than `before`, newest first; of one subject (`proposal:<id>`) where one is given.
    package func page(before: Int? = nil, subject: String? = nil, limit: Int = 50) async throws -> JournalPage
    {
        precondition(limit > 0)
        let found = try await context.pool.withSession { session in
            try JournalQueries.page(before: before, subject: subject, limit: limit + 1, in: session)
        }
        let items = Array(found.prefix(limit))
        return JournalPage(items: items, nextBefore: found.count > limit ? items.last?.entry.id : nil)
    }

    /// The newest signed checkpoint, to be kept elsewhere; nil before anything was sealed.
    package func newestCheckpoint() async throws -> JournalCheckpoint? {
        try await context.pool.withSession { session in
            try SealingStore.newestCheckpoint(in: session)?.checkpoint
        }
    }
}
