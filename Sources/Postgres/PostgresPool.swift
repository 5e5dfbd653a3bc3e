import Dispatch
import Synchronization

/// A bounded number of connections, lent in order of asking.
///
/// Connections are made when first needed and replaced by themselves when they break. A body runs on its
/// connection's own thread, so it may block on the database but should do nothing else that takes long.
package final class PostgresPool: Sendable {
    /// How busy a pool is.
    package struct Load: Sendable, Hashable {
        package let size: Int
        package let idle: Int
        package let waiting: Int

        package init(size: Int, idle: Int, waiting: Int) {
            self.size = size
            self.idle = idle
            self.waiting = waiting
        }
    }

    /// Whether what a task does is background work, which is lent other connections than people and bots for as long as there are
    /// some: a connection on which a statement was not asked yet takes several times as long for it, and nobody who waits for an answer
    /// should get such a one because something else has begun.
    @TaskLocal package static var isInBackground = false

    package let configuration: PostgresConfiguration
    package let acquireTimeoutSeconds: Double

    private typealias Waiter = CheckedContinuation<PoolSlot, any Error>
    private struct Guarded {
        var state: PoolState<PoolSlot, Waiter>
        var isSweepScheduled = false
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    private let guarded: Mutex<Guarded>
    private let slots: [PoolSlot]
    private let notifier: PostgresNotifier?
    private let timers = DispatchQueue(label: "postgres-pool-timers")

    /// A pool of so many connections.
    ///
    /// With `notifiesAfterCommit` it has one more, by which listeners are woken behind a transaction instead of in it
    /// (`PostgresSession.notify`): for processes that stay.
    package init(
        configuration: PostgresConfiguration, size: Int = 8, acquireTimeoutSeconds: Double = 5,
        maxWaiting: Int = 10_000, notifiesAfterCommit: Bool = false
    ) {
        precondition(size > 0 && acquireTimeoutSeconds > 0)
        self.configuration = configuration
        self.acquireTimeoutSeconds = acquireTimeoutSeconds
        let gate = ConnectGate(backoffMilliseconds: configuration.connectBackoffMilliseconds)
        let notifier =
            notifiesAfterCommit
            ? PostgresNotifier(slot: PoolSlot(configuration: configuration, connectGate: gate))
            : nil
        self.notifier = notifier
        slots = (1...size).map { _ in
            PoolSlot(configuration: configuration, connectGate: gate, notifier: notifier)
        }
        guarded = Mutex(Guarded(state: PoolState(slots: slots, maxWaiting: maxWaiting)))
    }

    /// Lends a session to the body.
    ///
    /// A task cancelled while it waits gets CancellationError; a body that has begun runs to its end.
    @discardableResult
    package func withSession<R: Sendable>(
        _ body: @escaping @Sendable (PostgresSession) throws -> R
    ) async throws -> R {
        let slot = try await acquire()
        guard !Task.isCancelled else {
            release(slot)
            throw CancellationError()
        }
        defer { release(slot) }
        return try await slot.use(body)
    }

    /// Lends a session in which every statement sees the database as it was when the first was asked, and none changes it.
    ///
    /// For everything that is put together from several statements and shown as one: read one by one, they would show a
    /// state that never was.
    @discardableResult
    package func withSnapshot<R: Sendable>(
        _ body: @escaping @Sendable (PostgresSession) throws -> R
    ) async throws -> R {
        try await transaction(isolation: .repeatableRead, readOnly: true, body)
    }

    /// Lends a session with an open transaction: committed where the body returns, rolled back where it throws.
    ///
    /// With `attempts` above 1 the body is run again after a serialization failure or a deadlock. It may also
    /// run twice where a migration has just changed a prepared statement. So it should do nothing but SQL.
    @discardableResult
    package func transaction<R: Sendable>(
        isolation: PostgresIsolation = .readCommitted, readOnly: Bool = false, attempts: Int = 1,
        _ body: @escaping @Sendable (PostgresSession) throws -> R
    ) async throws -> R {
        try await withSession { session in
            var attempt = 1
            var mayRefresh = true
            while true {
                do {
                    return try session.transaction(isolation: isolation, readOnly: readOnly) {
                        try body(session)
                    }
                } catch let error as PostgresError where error.isStaleStatement && mayRefresh {
                    mayRefresh = false
                    guard session.forgetStatements() else { throw error }
                } catch let error as PostgresError where error.isSerializationFailure && attempt < attempts {
                    attempt += 1
                }
            }
        }
    }

    /// Answers whether the server can be reached and takes statements.
    package func ping() async throws {
        try await withSession { session in _ = try session.query("SELECT 1") }
    }

    package var load: Load {
        guarded.withLock { guarded in
            Load(size: slots.count, idle: guarded.state.idle.count, waiting: guarded.state.line.count)
        }
    }

    /// Lends nothing more, waits for the bodies under way, and closes all connections.
    package func close() async {
        let waiters = guarded.withLock { $0.state.close() }
        for waiter in waiters { waiter.resume(throwing: Self.closedError) }
        await withCheckedContinuation { continuation in
            let isWhole = guarded.withLock { guarded in
                if !guarded.state.isWholeAgain { guarded.closers.append(continuation) }
                return guarded.state.isWholeAgain
            }
            if isWhole { continuation.resume() }
        }
        for slot in slots { await slot.close() }
        await notifier?.close()
    }

    // MARK: lending

    private static let closedError = PostgresError(.closed, "The connection pool is closed.")

    private func exhaustedError(_ reason: String) -> PostgresError {
        PostgresError(.poolExhausted, "All \(slots.count) database connections are in use and \(reason).")
    }

    private func acquire() async throws -> PoolSlot {
        let (acquisition, ticket) = guarded.withLock { guarded in
            (guarded.state.acquire(inBackground: Self.isInBackground), guarded.state.takeTicket())
        }
        switch acquisition {
        case .slot(let slot): return slot
        case .closed: throw Self.closedError
        case .full: throw exhaustedError("too many requests wait already")
        case .wait: return try await wait(ticket: ticket)
        }
    }

    private func wait(ticket: UInt64) async throws -> PoolSlot {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                enqueue(continuation, ticket: ticket)
                // The handler below may have run before there was anyone to take out of the line.
                if Task.isCancelled { giveUp(ticket: ticket) }
            }
        } onCancel: {
            giveUp(ticket: ticket)
        }
    }

    private func enqueue(_ waiter: Waiter, ticket: UInt64) {
        let timeout = UInt64(acquireTimeoutSeconds * 1_000_000_000)
        enum Next {
            case wait, sweep
            case serve(PoolSlot)
            case closed
        }
        let next: Next = guarded.withLock { guarded in
            // Between asking and lining up a slot may have come back, or the pool may have closed.
            switch guarded.state.acquire(inBackground: Self.isInBackground) {
            case .slot(let slot): return .serve(slot)
            case .closed: return .closed
            case .wait, .full:
                let deadline = DispatchTime.now().uptimeNanoseconds + timeout
                guarded.state.enqueue(ticket: ticket, deadline: deadline, waiter)
                defer { guarded.isSweepScheduled = true }
                return guarded.isSweepScheduled ? .wait : .sweep
            }
        }
        switch next {
        case .wait: break
        case .sweep: scheduleSweep(at: DispatchTime.now().uptimeNanoseconds + timeout)
        case .serve(let slot): waiter.resume(returning: slot)
        case .closed: waiter.resume(throwing: Self.closedError)
        }
    }

    private func giveUp(ticket: UInt64) {
        let waiter = guarded.withLock { $0.state.giveUp(ticket: ticket) }
        waiter?.resume(throwing: CancellationError())
    }

    private func release(_ slot: PoolSlot) {
        typealias Woken = (waiter: Waiter?, closers: [CheckedContinuation<Void, Never>])
        let woken: Woken = guarded.withLock { guarded in
            let waiter = guarded.state.release(slot, inBackground: Self.isInBackground)
            guard guarded.state.isClosed, guarded.state.isWholeAgain else { return (waiter, []) }
            defer { guarded.closers = [] }
            return (waiter, guarded.closers)
        }
        woken.waiter?.resume(returning: slot)
        for closer in woken.closers { closer.resume() }
    }

    /// One timer at a time: all waiters have the same patience, so the first in line is the first to lose it.
    private func scheduleSweep(at nanoseconds: UInt64) {
        timers.asyncAfter(deadline: DispatchTime(uptimeNanoseconds: nanoseconds)) { [weak self] in
            self?.sweep()
        }
    }

    private func sweep() {
        let (expired, next) = guarded.withLock { guarded in
            let expired = guarded.state.expire(now: DispatchTime.now().uptimeNanoseconds)
            let next = guarded.state.line.nextDeadline
            guarded.isSweepScheduled = next != nil
            return (expired, next)
        }
        for waiter in expired {
            waiter.resume(throwing: exhaustedError("none became free in \(acquireTimeoutSeconds) s"))
        }
        if let next { scheduleSweep(at: next) }
    }
}
