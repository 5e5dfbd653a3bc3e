import Domain
import HTTPServer
import JSON
import Postgres
import Store

/// The events of one client.
///
/// Entries get their numbers before they are committed, so one may appear after a later one. The last few
/// hundred numbers are therefore looked at again each time; what was sent already is not sent twice.
struct EventStream: Sendable {
    private static let kinds = ["proposal", "order", "halt", "policy"]
    private static let window = 300
    private static let sliceLimit = 500

    let pool: PostgresPool
    let changes: ChangeSignal

    /// Events after that one; from now on where there is none.
    func events(after last: Int?) async throws -> AsyncStream<ServerSentEvent> {
        let start: Int
        if let last {
            start = last
        } else {
            start = try await pool.withSession { session in try JournalFeed.newestID(in: session) }
        }
        let (stream, continuation) = AsyncStream.makeStream(of: ServerSentEvent.self)
        let signals = changes.signals()
        let task = Task {
            var place = Place(start: start)
            await send(from: &place, to: continuation)
            for await _ in signals { await send(from: &place, to: continuation) }
            continuation.finish()
        }
        continuation.onTermination = { _ in task.cancel() }
        return stream
    }

    /// How far a client has been told.
    private struct Place {
        let start: Int
        var newest: Int
        var sent: Set<Int> = []

        init(start: Int) {
            self.start = start
            newest = start
        }

        /// From where to look again.
        var floor: Int { max(start, newest - EventStream.window) }

        mutating func note(_ id: Int) {
            newest = max(newest, id)
            sent.insert(id)
            if sent.count > 2 * EventStream.window { sent = sent.filter { $0 > floor } }
        }
    }

    private func send(
        from place: inout Place, to continuation: AsyncStream<ServerSentEvent>.Continuation
    ) async {
        while !Task.isCancelled {
            let floor = place.floor
            let found = try? await pool.withSession { session in
                try JournalFeed.entries(
                    after: floor, kinds: Self.kinds, limit: Self.sliceLimit, in: session)
            }
            // A database that is away: the next signal tries again from the same place.
            guard let entries = found else { return }
            for entry in entries where !place.sent.contains(entry.id) {
                place.note(entry.id)
                continuation.yield(entry.event)
            }
            guard entries.count == Self.sliceLimit else { return }
        }
    }
}

extension JournalEntryRecord {
    fileprivate var event: ServerSentEvent {
        // What is long stays in the journal and at the thing's own address.
        var short = (try? JSONParser.parse(data, maxDepth: 64))?.objectValue ?? [:]
        for key in ["checks", "order", "document", "changes"] { short[key] = nil }
        let told: JSONValue = [
            "id": .integer(id), "at": .string(at.rfc3339), "kind": .string(kind), "actor": .string(actor),
            "subject": .string(subject), "data": .object(short),
        ]
        return ServerSentEvent(data: told.serialized(), event: kind, id: String(id))
    }
}
