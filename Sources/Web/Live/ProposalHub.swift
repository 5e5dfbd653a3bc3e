import Domain
import Postgres
import Store

/// Lets requests wait until a proposal is decided.
///
/// However many wait, one query answers them all. A notification only wakes; looking again every two seconds
/// guarantees.
actor ProposalHub {
    private typealias Waiters = [UInt64: CheckedContinuation<Void, Never>]

    private let pool: PostgresPool
    private var waiting: [Identifier: Waiters] = [:]
    private var nextTicket: UInt64 = 0
    private var isLooking = false
    private var mustLookAgain = false
    private var isStopped = false

    init(pool: PostgresPool) { self.pool = pool }

    /// How many requests wait.
    var waiterCount: Int { waiting.values.reduce(0) { $0 + $1.count } }

    /// Returns when the proposal is not pending any more, after so many seconds, or when the server stops.
    func waitUntilDecided(_ id: Identifier, seconds: Double) async {
        guard seconds > 0, !isStopped else { return }
        nextTicket += 1
        let ticket = nextTicket
        let timeout = Task { [weak self] in
            try? await Task.sleep(for: .seconds(seconds))
            await self?.release(id, ticket)
        }
        defer { timeout.cancel() }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard !Task.isCancelled, !isStopped else { return continuation.resume() }
                waiting[id, default: [:]][ticket] = continuation
                look()
            }
        } onCancel: {
            Task { await self.release(id, ticket) }
        }
    }

    /// Something may have changed.
    func look() {
        guard !waiting.isEmpty, !isStopped else { return }
        guard !isLooking else {
            mustLookAgain = true
            return
        }
        isLooking = true
        Task { await lookUntilQuiet() }
    }

    /// Answers everybody at once, now and from now on.
    func stop() {
        isStopped = true
        for id in Array(waiting.keys) { release(id) }
    }

    private func lookUntilQuiet() async {
        repeat {
            mustLookAgain = false
            let ids = Array(waiting.keys)
            // A database that is away is asked again at the next beat; waiters time out by themselves.
            let decided = try? await pool.withSession { session in
                try ProposalWatch.decided(among: ids, in: session)
            }
            for id in decided ?? [] { release(id) }
            // Many notifications in a row cost one look, not one each.
            if mustLookAgain { try? await Task.sleep(for: .milliseconds(20)) }
        } while mustLookAgain && !waiting.isEmpty
        isLooking = false
    }

    private func release(_ id: Identifier) {
        for continuation in (waiting.removeValue(forKey: id) ?? [:]).values { continuation.resume() }
    }

    private func release(_ id: Identifier, _ ticket: UInt64) {
        guard let continuation = waiting[id]?.removeValue(forKey: ticket) else { return }
        if waiting[id]?.isEmpty ?? false { waiting.removeValue(forKey: id) }
        continuation.resume()
    }
}
