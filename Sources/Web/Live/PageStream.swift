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
    /// What was written so shortly before the stream began may have been committed after the page was made.
    private static let secondsBetween = 5
    private static let sliceLimit = 500

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
            var place: JournalPlace?
            await look(since: start, &place, continuation)
            for await _ in signals { await look(since: start, &place, continuation) }
            continuation.finish()
        }
        continuation.onTermination = { _ in task.cancel() }
        return stream
    }

    private func look(
        since start: Int?, _ place: inout JournalPlace?,
        _ continuation: AsyncStream<ServerSentEvent>.Continuation
    ) async {
        // A database that is away: the next signal looks again from the same place.
        guard var (now, hasChanged) = await begin(place, at: start) else { return }
        now.forget()
        var found: [JournalSight] = []
        repeat {
            // Once is enough: what else there is is only passed over.
            let (unread, kinds) = (now.unread, hasChanged ? [] : subject.kinds)
            guard
                let next = try? await pool.withSession({ session in
                    try JournalFeed.sights(in: unread, kinds: kinds, limit: Self.sliceLimit, in: session)
                })
            else { break }
            found = next
            for sight in found { now.note(sight.id) }
            hasChanged = hasChanged || found.compactMap(\.entry).contains(where: concerns)
        } while found.count == Self.sliceLimit && !Task.isCancelled
        place = now
        guard hasChanged else { return }
        continuation.yield(ServerSentEvent(data: "{}", event: "changed", id: String(now.settled)))
    }

    /// Where to look from, and whether the page may have been out of date when its stream began; nil where the database is
    /// away.
    private func begin(_ place: JournalPlace?, at start: Int?) async -> (JournalPlace, Bool)? {
        if let place { return (place, false) }
        let kinds = subject.kinds
        let found = try? await pool.withSnapshot { session -> (JournalPlace, [JournalEntryRecord]?) in
            let ids = try JournalFeed.newestIDs(limit: 2 * JournalPlace.reach, in: session)
            guard let start, let first = ids.first else { return (JournalPlace(behind: ids), []) }
            let before = ids.filter { $0 <= start }
            // So much came since that the page is out of date, whatever it is about.
            guard start >= first - 1 else { return (JournalPlace(behind: ids), nil) }
            guard let last = before.last else { return (JournalPlace(after: start), []) }
            let early = try JournalFeed.written(
                inLast: Self.secondsBetween, range: first...last, kinds: kinds, in: session)
            return (JournalPlace(behind: before), early)
        }
        guard let (place, early) = found else { return nil }
        return (place, early?.contains(where: concerns) ?? true)
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
