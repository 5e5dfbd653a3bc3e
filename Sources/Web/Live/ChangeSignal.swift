import Synchronization

/// Tells any number of readers that something may have changed, at most once until they look.
final class ChangeSignal: Sendable {
    private struct State {
        var readers: [UInt64: AsyncStream<Void>.Continuation] = [:]
        var next: UInt64 = 0
        var isStopped = false
    }

    private let state = Mutex(State())

    /// Signals, until the reader leaves or the server stops.
    func signals() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let number = state.withLock { state -> UInt64? in
            guard !state.isStopped else { return nil }
            state.next += 1
            state.readers[state.next] = continuation
            return state.next
        }
        guard let number else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { _ = $0.readers.removeValue(forKey: number) }
        }
        return stream
    }

    /// Something may have changed.
    func raise() {
        for reader in state.withLock({ Array($0.readers.values) }) { reader.yield() }
    }

    /// Ends every stream of signals.
    func stop() {
        let readers = state.withLock { state in
            state.isStopped = true
            return Array(state.readers.values)
        }
        for reader in readers { reader.finish() }
    }
}
