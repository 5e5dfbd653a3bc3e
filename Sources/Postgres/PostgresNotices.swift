// Notifications only wake. One that is part of a transaction makes its COMMIT wait for every other such COMMIT, one disk
// write after the other (PostgreSQL orders notifications by a lock that is held until the transaction is durable), so a
// pool that serves many people sends them behind the commit, together.

import Synchronization

extension PostgresSession {
    /// Wakes whoever listens to that name once the open transaction is committed, or now where there is none.
    ///
    /// In a pool that notifies after commits, a process that dies in between wakes nobody: listeners look for themselves
    /// every now and then all the same.
    package func notify(_ name: String) throws(PostgresError) {
        try requireLent()
        guard isInTransaction else {
            _ = try runSimple(Self.notification(name))
            return
        }
        if !notices.contains(name) { notices.append(name) }
    }

    static func notification(_ name: String) -> String { "NOTIFY \(SQLText.identifier(name))" }
}

/// Sends notifications on a connection of its own, each name once however often it was asked for meanwhile.
final class PostgresNotifier: Sendable {
    private struct State {
        var waiting: [String] = []
        var isSending = false
        var isClosed = false
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    /// Between two sendings, so that many changes in a row wake their listeners a few times, not each time.
    private static let pause = Duration.milliseconds(10)
    private static let pauseAfterFailure = Duration.milliseconds(500)

    private let slot: PoolSlot
    private let state = Mutex(State())

    init(slot: PoolSlot) { self.slot = slot }

    /// Sends them soon; tries again for as long as the database cannot be reached.
    func notify(_ names: [String]) {
        let mustStart = state.withLock { state in
            guard !state.isClosed else { return false }
            for name in names where !state.waiting.contains(name) { state.waiting.append(name) }
            defer { state.isSending = true }
            return !state.isSending
        }
        if mustStart { Task { await send() } }
    }

    /// Sends what waits, once, and closes the connection.
    func close() async {
        await withCheckedContinuation { continuation in
            let isQuiet = state.withLock { state in
                state.isClosed = true
                if state.isSending { state.closers.append(continuation) }
                return !state.isSending
            }
            if isQuiet { continuation.resume() }
        }
        await slot.close()
    }

    private func send() async {
        while let names = next() {
            do {
                try await slot.use { session in
                    _ = try session.runSimple(
                        (["SET synchronous_commit = off"] + names.map(PostgresSession.notification))
                            .joined(separator: "; "))
                }
                try? await Task.sleep(for: Self.pause)
            } catch {
                state.withLock { state in
                    guard !state.isClosed else { return }
                    for name in names where !state.waiting.contains(name) { state.waiting.append(name) }
                }
                try? await Task.sleep(for: Self.pauseAfterFailure)
            }
        }
    }

    /// What is to be sent now; nil where nothing is, and then nobody sends any more.
    private func next() -> [String]? {
        let (names, closers) = state.withLock { state -> ([String]?, [CheckedContinuation<Void, Never>]) in
            defer { state.waiting = [] }
            guard state.waiting.isEmpty else { return (state.waiting, []) }
            state.isSending = false
            defer { state.closers = [] }
            return (nil, state.closers)
        }
        for closer in closers { closer.resume() }
        return names
    }
}
