import Domain
import HTTPServer
import Postgres
import Store

/// What an open page is about.
enum PageSubject: Sendable, Hashable {
    /// The inbox: everything that waits, whether trading is stopped, and how many alerts nobody took note of.
    case inbox
    /// The alerts.
    case alerts
    /// One proposal and its order.
    case proposal(Identifier)

    /// The words with which the kinds of journal entries begin that may concern it.
    fileprivate var kinds: [String] {
        switch self {
        case .inbox: ["proposal", "order", "halt", "policy", "alert"]
        case .alerts: ["alert", "halt"]
        case .proposal: ["proposal", "order", "halt", "policy"]
        }
    }
}

/// Tells an open page that something on it has changed, and nothing of what: the page then asks for itself again.
struct PageStream: Sendable {
    /// Entries get their numbers before they are committed, so one may appear after a later one.
    private static let window = 100

    let pool: PostgresPool
    let changes: ChangeSignal
    let subject: PageSubject

    /// Signals from an entry of the journal on; the number is where the page stood when it was made.
    func events(after start: Int?) -> AsyncStream<ServerSentEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: ServerSentEvent.self, bufferingPolicy: .bufferingNewest(4))
        let signals = changes.signals()
        let task = Task {
            continuation.yield(ServerSentEvent(data: "{}", event: "open", retryMilliseconds: 3000))
            var seen = Seen()
            if let start { await look(since: start, &seen, continuation) }
            for await _ in signals { await look(since: start, &seen, continuation) }
            continuation.finish()
        }
        continuation.onTermination = { _ in task.cancel() }
        return stream
    }

    private struct Seen {
        var newest: Int?
        var told: Set<Int> = []
    }

    private func look(
        since start: Int?, _ seen: inout Seen, _ continuation: AsyncStream<ServerSentEvent>.Continuation
    ) async {
        let (newest, kinds) = (seen.newest, subject.kinds)
        // A database that is away: the next signal looks again from the same place.
        let found = try? await pool.withSnapshot { session -> (entries: [JournalEntryRecord], newest: Int) in
            guard let from = newest ?? start else { return ([], try JournalFeed.newestID(in: session)) }
            let floor = max(start ?? 0, from - Self.window)
            let entries = try JournalFeed.entries(after: floor, kinds: kinds, limit: 500, in: session)
            return (entries, max(from, entries.last?.id ?? 0))
        }
        guard let found else { return }
        let fresh = found.entries.filter { !seen.told.contains($0.id) }
        seen.newest = found.newest
        seen.told = Set(found.entries.map(\.id))
        guard fresh.contains(where: concerns) else { return }
        continuation.yield(ServerSentEvent(data: "{}", event: "changed", id: String(found.newest)))
    }

    private func concerns(_ entry: JournalEntryRecord) -> Bool {
        switch subject {
        case .inbox, .alerts: return true
        case .proposal(let id):
            // Orders name their proposal in what they tell; a halt concerns whatever waits.
            return entry.kind.hasPrefix("halt.") || entry.subject == "proposal:\(id)"
                || entry.data.contains(id.text)
        }
    }
}

/// The events of a stream for as long as its owner may have them.
func guarded(
    _ events: AsyncStream<ServerSentEvent>, for owner: StreamOwner, every seconds: Double = 3,
    whenDone: @escaping @Sendable () -> Void
) -> AsyncStream<ServerSentEvent> {
    let (stream, continuation) = AsyncStream.makeStream(of: ServerSentEvent.self)
    let carrier = Task {
        for await event in events {
            guard await owner.isGood() else { break }
            continuation.yield(event)
        }
        continuation.finish()
    }
    let watch = Task {
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(seconds))
            if Task.isCancelled { return }
            guard await owner.isGood() else { return continuation.finish() }
        }
    }
    continuation.onTermination = { _ in
        carrier.cancel()
        watch.cancel()
        whenDone()
    }
    return stream
}
