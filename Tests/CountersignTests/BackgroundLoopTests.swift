import Logging
import Synchronization
import Testing

@testable import Countersign

struct BackgroundLoopTests {
    private struct Fault: Error {}

    /// Counts rounds, and lets a test wait until there were so many.
    private final class Rounds: Sendable {
        private let state = Mutex<(count: Int, waiters: [(Int, CheckedContinuation<Void, Never>)])>((0, []))

        func add() -> Int {
            let (count, ready) = state.withLock { state in
                state.count += 1
                let ready = state.waiters.filter { $0.0 <= state.count }.map(\.1)
                state.waiters.removeAll { $0.0 <= state.count }
                return (state.count, ready)
            }
            for waiter in ready { waiter.resume() }
            return count
        }

        func reach(_ count: Int) async {
            await withCheckedContinuation { continuation in
                let isThere = state.withLock { state in
                    if state.count < count { state.waiters.append((count, continuation)) }
                    return state.count >= count
                }
                if isThere { continuation.resume() }
            }
        }
    }

    @Test(.timeLimit(.minutes(10))) func `a failed round is told and tried again`() async {
        let rounds = Rounds()
        let log = RecordedLog()
        let loop = BackgroundLoop("trial", logger: Logger(sink: log.sink, now: { "" })) {
            if rounds.add() < 3 { throw Fault() }
            return 0
        }
        let task = Task { await loop.run() }
        await rounds.reach(4)
        task.cancel()
        await task.value
        #expect(log.lines.filter { $0.contains("loop.failed") && $0.contains("trial") }.count == 2)
        #expect(log.lines.filter { $0.contains("loop.recovered") }.count == 1)
    }

    @Test(.timeLimit(.minutes(10))) func `a signal ends the rest, also one that came before it`() async {
        let rounds = Rounds()
        let loop = BackgroundLoop("trial", logger: .silent) {
            _ = rounds.add()
            return 3600
        }
        loop.signal.wake()
        let task = Task { await loop.run() }
        await rounds.reach(2)
        loop.signal.wake()
        await rounds.reach(3)
        task.cancel()
        await task.value
    }

    @Test(.timeLimit(.minutes(10))) func `an end does not wait for the rest`() async {
        let rounds = Rounds()
        let loop = BackgroundLoop("trial", logger: .silent) {
            _ = rounds.add()
            return 3600
        }
        let task = Task { await loop.run() }
        await rounds.reach(1)
        task.cancel()
        await task.value
    }
}
