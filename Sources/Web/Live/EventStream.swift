import Domain
import HTTPServer
import JSON
import Postgres
import Store

/// The events of one client: every entry of the journal once, also one that is committed after others with later numbers.
struct EventStream: Sendable {
    private static let kinds = ["proposal", "order", "halt", "policy"]
    private static let sliceLimit = 500
    /// So many wait for a client that reads slowly; then reading the journal waits too.
    private static let waitingLimit = 500
    private static let pauseWhenFull = Duration.milliseconds(20)

    let pool: PostgresPool
    let changes: ChangeSignal

    /// Events after that one; from now on where there is none.
    func events(after last: Int?) async throws -> AsyncStream<ServerSentEvent> {
        let start: JournalPlace
        if let last {
            start = JournalPlace(after: last)
        } else {
            start = JournalPlace(
                behind: try await pool.withSession { session in
                    try JournalFeed.newestIDs(limit: JournalPlace.reach, in: session)
                })
        }
        let (stream, continuation) = AsyncStream.makeStream(
            of: ServerSentEvent.self, bufferingPolicy: .bufferingOldest(Self.waitingLimit))
        let signals = changes.signals()
        let task = Task {
            var place = start
            await send(from: &place, to: continuation)
            for await _ in signals { await send(from: &place, to: continuation) }
            continuation.finish()
        }
        continuation.onTermination = { _ in task.cancel() }
        return stream
    }

    private func send(
        from place: inout JournalPlace, to continuation: AsyncStream<ServerSentEvent>.Continuation
    ) async {
        while !Task.isCancelled {
            place.forget()
            let unread = place.unread
            let found = try? await pool.withSession { session in
                try JournalFeed.sights(in: unread, kinds: Self.kinds, limit: Self.sliceLimit, in: session)
            }
            // A database that is away: the next signal tries again from the same place.
            guard let found else { return }
            for sight in found {
                place.note(sight.id)
                guard let entry = sight.entry else { continue }
                guard await deliver(entry.event(resumingAfter: place.settled), to: continuation) else {
                    return
                }
            }
            guard found.count == Self.sliceLimit else { return }
        }
    }

    /// Hands an event over, as soon as there is room for it; false where nobody reads any more.
    private func deliver(
        _ event: ServerSentEvent, to continuation: AsyncStream<ServerSentEvent>.Continuation
    ) async -> Bool {
        while !Task.isCancelled {
            switch continuation.yield(event) {
            case .enqueued: return true
            case .dropped: try? await Task.sleep(for: Self.pauseWhenFull)
            case .terminated: return false
            @unknown default: return false
            }
        }
        return false
    }
}

extension JournalEntryRecord {
    /// The entry as it is told; whoever comes back with that number is told everything else.
    fileprivate func event(resumingAfter settled: Int) -> ServerSentEvent {
        // What is long stays in the journal and at the thing's own address.
        var short = (try? JSONParser.parse(data, maxDepth: 64))?.objectValue ?? [:]
        for key in ["checks", "order", "document", "changes"] { short[key] = nil }
        let told: JSONValue = [
            "id": .integer(id), "at": .string(at.rfc3339), "kind": .string(kind), "actor": .string(actor),
            "subject": .string(subject), "data": .object(short),
        ]
        return ServerSentEvent(data: told.serialized(), event: kind, id: String(settled))
    }
}
