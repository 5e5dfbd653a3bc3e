import HTTPServer
import Synchronization

/// Counts the event streams that are open, so that nobody takes them all.
final class StreamCensus: Sendable {
    private struct State {
        var total = 0
        var byCaller: [String: Int] = [:]
    }

    /// Enough for a person's windows and a program's retries.
    static let limitPerCaller = 12
    /// A third of the server's connections stays free for requests.
    static let limit = 680

    private let state = Mutex(State())

    /// How many streams are open.
    var total: Int { state.withLock { $0.total } }

    /// Counts a stream in; false where the caller, or all together, have as many as they may.
    func enter(_ caller: String) -> Bool {
        state.withLock { state in
            let own = state.byCaller[caller, default: 0]
            guard own < Self.limitPerCaller, state.total < Self.limit else { return false }
            state.byCaller[caller] = own + 1
            state.total += 1
            return true
        }
    }

    /// Counts a stream out.
    func leave(_ caller: String) {
        state.withLock { state in
            guard let own = state.byCaller[caller] else { return }
            state.byCaller[caller] = own > 1 ? own - 1 : nil
            state.total -= 1
        }
    }
}

/// Whose stream it is, and whether they may still have it.
struct StreamOwner: Sendable {
    /// By what the streams of one caller are counted.
    let name: String
    /// Whether session, key or link is still good; asked every few seconds, and before anything is told.
    let isGood: @Sendable () async -> Bool
}

extension WebContext {
    /// Refuses a stream to whoever has too many.
    func enterStream(_ owner: StreamOwner) throws {
        guard streams.enter(owner.name) else { throw Self.tooManyStreams }
    }

    static let tooManyStreams = Problem(
        slug: "too-many-streams", title: "Too many event streams", status: 429,
        detail:
            "At most \(StreamCensus.limitPerCaller) may be open at once for each caller. Close one first.",
        headers: ["Retry-After": "30"])
}
