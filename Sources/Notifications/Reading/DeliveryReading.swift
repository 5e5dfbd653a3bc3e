package import Domain
import JSON
package import Postgres
package import Store

/// Why something could not be done with a message or a channel, for people.
package struct DeliveryRefusal: Error, Sendable, Hashable {
    /// What kind of refusal it is.
    package enum Code: String, Sendable, Hashable {
        case notFound = "not-found"
        case conflict
    }

    package let code: Code
    package let detail: String
}

/// Shows the outbox to people.
package struct DeliveryReading: Sendable {
    private let pool: PostgresPool
    private let writer: MessageWriter

    /// Reading from a pool; texts link to one public address.
    package init(pool: PostgresPool, links: MessageLinks) {
        self.pool = pool
        writer = MessageWriter(links: links)
    }

    /// Messages from the newest to the oldest, and the place to go on from; nil at the end.
    package func list(
        _ filter: DeliveryFilter = DeliveryFilter(), before sequence: Int? = nil, limit: Int = 50
    ) async throws -> (items: [DeliveryRecord], next: Int?) {
        let found = try await pool.withSession { session in
            try DeliveryQueries.list(filter, before: sequence, limit: limit + 1, in: session)
        }
        let items = Array(found.prefix(limit))
        return (items, found.count > limit ? items.last?.sequence : nil)
    }

    /// How many messages wait, and how many were given up.
    package func counts() async throws -> (queued: Int, dead: Int) {
        try await pool.withSession { session in try DeliveryQueries.counts(in: session) }
    }

    /// A message with its text as it was or would be sent; nil where there is none.
    ///
    /// Its link is always nobody's: a personal link is for its person's eyes only.
    package func preview(_ id: Identifier) async throws -> (record: DeliveryRecord, text: String)? {
        let writer = writer
        return try await pool.withSnapshot { session in
            guard let record = try DeliveryQueries.find(id, in: session) else { return nil }
            return (record, try DeliveryPreview.text(of: record, writer: writer, in: session))
        }
    }

    /// The texts of several messages, in their order: for the page that shows what would have been sent.
    package func previews(_ records: [DeliveryRecord]) async throws -> [String] {
        let writer = writer
        return try await pool.withSnapshot { session in
            try records.map { try DeliveryPreview.text(of: $0, writer: writer, in: session) }
        }
    }
}

/// Messages as plain text, for reading where no channel is set up.
package enum DeliveryPreview {
    /// The text of a message as it stood when it was sent, or else queued.
    package static func text(
        of record: DeliveryRecord, writer: MessageWriter, in session: PostgresSession
    ) throws -> String {
        if record.destination == DeliveryRecord.workerDestination { return try release(record, in: session) }
        let moment = record.finishedAt ?? record.createdAt
        let subject = try Subject.load(of: record, at: moment, in: session)
        return writer.message(on: subject, for: nil).plainText
    }

    private static func release(_ record: DeliveryRecord, in session: PostgresSession) throws -> String {
        guard let id = record.orderID, let order = try ReleasedOrder.find(id, in: session),
            let document = WorkerWebhook.document(order)
        else { return "The order is not there.\n" }
        return document.serialized() + "\n"
    }
}
