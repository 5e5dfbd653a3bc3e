import Synchronization

/// Counts from any thread.
final class Counter: Sendable {
    private let count = Atomic(0)
    func add() { count.add(1, ordering: .sequentiallyConsistent) }
    var value: Int { count.load(ordering: .sequentiallyConsistent) }
}

/// Remembers what happened, in order, from any thread.
final class Record<Value: Sendable>: Sendable {
    private let entries = Mutex<[Value]>([])
    func add(_ value: Value) { entries.withLock { $0.append(value) } }
    var all: [Value] { entries.withLock { $0 } }
}
