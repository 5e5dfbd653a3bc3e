// Who waits to be let in, and who is on the way: a group takes in whoever arrives while it is being written.

import Synchronization

/// A request and whoever waits for what becomes of it.
typealias AdmissionWaiter = (request: AdmissionRequest, done: CheckedContinuation<Admitted, any Error>)

/// The requests that wait; one group at a time is let in from it.
final class AdmissionLine: Sendable {
    fileprivate struct State {
        var waiting: [AdmissionWaiter] = []
        var isRunning = false
    }

    private let groupLimit: Int
    private let state = Mutex(State())

    /// A line from which groups of at most so many are let in.
    init(groupLimit: Int) { self.groupLimit = groupLimit }

    /// Lines a request up; true where nobody is letting in, so that the caller has to begin.
    func append(_ waiter: AdmissionWaiter) -> Bool {
        state.withLock { state in
            state.waiting.append(waiter)
            defer { state.isRunning = true }
            return !state.isRunning
        }
    }

    /// A group that begins with those who wait; nil where nobody does, and then letting in has ended.
    func board() -> AdmissionBoarding? {
        let first = take(groupLimit) { $0.isRunning = false }
        return first.isEmpty ? nil : AdmissionBoarding(first, from: self, limit: groupLimit)
    }

    /// Takes those who wait longest; where nobody waits, `orElse` is done in the same moment.
    fileprivate func take(_ limit: Int, orElse: (inout State) -> Void = { _ in }) -> [AdmissionWaiter] {
        state.withLock { state in
            let taken = Array(state.waiting.prefix(limit))
            state.waiting.removeFirst(taken.count)
            if taken.isEmpty { orElse(&state) }
            return taken
        }
    }
}

/// Those who are being let in, and whoever joins them on the way.
final class AdmissionBoarding: Sendable {
    private struct State {
        var waiters: [AdmissionWaiter]
        var roomLeft: Int
    }

    private let line: AdmissionLine?
    private let limit: Int
    private let state: Mutex<State>

    fileprivate init(_ first: [AdmissionWaiter], from line: AdmissionLine, limit: Int) {
        self.line = line
        self.limit = limit
        state = Mutex(State(waiters: first, roomLeft: limit - first.count))
    }

    /// One that nobody joins.
    init(of waiter: AdmissionWaiter) {
        line = nil
        limit = 0
        state = Mutex(State(waiters: [waiter], roomLeft: 0))
    }

    /// All who have no answer yet, in the order in which they came.
    var waiters: [AdmissionWaiter] { state.withLock { $0.waiters } }

    /// Takes in whoever waits by now, as far as there is room, and tells who.
    func join() -> [AdmissionRequest] {
        state.withLock { state in
            guard let line, state.roomLeft > 0 else { return [] }
            let joining = line.take(state.roomLeft)
            state.roomLeft -= joining.count
            state.waiters += joining
            return joining.map(\.request)
        }
    }

    /// Makes room again for as many as may go in one group: nobody else wants to do anything.
    func makeRoom() { state.withLock { $0.roomLeft = limit } }

    /// Answers those who came first: what they asked for is committed.
    func answer(_ results: [Result<Admitted, any Error>]) {
        let answered = state.withLock { state in
            defer { state.waiters.removeFirst(results.count) }
            return Array(state.waiters.prefix(results.count))
        }
        for (waiter, result) in zip(answered, results) { waiter.done.resume(with: result) }
    }
}
