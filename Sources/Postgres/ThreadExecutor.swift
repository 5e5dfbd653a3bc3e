import Dispatch
import Glibc
import Synchronization

/// Runs tasks one after the other on a thread of its own, so that blocking there takes no thread from everybody else.
///
/// Task-local values stay with the task. A thread that is awake finds by itself what came meanwhile, and one that sleeps is woken
/// at the cost of one system call; a queue of Dispatch takes several (docs/benchmarks.md). The thread ends with its executor.
final class ThreadExecutor: TaskExecutor {
    private let line = JobLine()

    init() { line.start() }

    deinit { line.end() }

    func enqueue(_ job: consuming ExecutorJob) { line.append((UnownedJob(job), self)) }

    /// Whether this code runs on its thread.
    var isCurrent: Bool { line.isOwnThread }
}

/// The jobs that wait for a thread, and that thread.
private final class JobLine: Sendable {
    /// An executor lives for as long as a job of its own waits.
    typealias Entry = (job: UnownedJob, executor: ThreadExecutor)

    private struct State {
        var waiting: [Entry] = []
        var isAsleep = false
        var isOver = false
    }

    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)
    private let thread = Atomic<UInt>(0)

    var isOwnThread: Bool { thread.load(ordering: .relaxed) == pthread_self() }

    func start() {
        var thread = pthread_t()
        let error = pthread_create(&thread, nil, runLine, Unmanaged.passRetained(self).toOpaque())
        precondition(error == 0, "The system gives no further thread: \(String(cString: strerror(error))).")
        pthread_detach(thread)
    }

    func append(_ entry: Entry) { change { $0.waiting.append(entry) } }

    func end() { change { $0.isOver = true } }

    private func change(_ change: (inout State) -> Void) {
        let mustWake = state.withLock { state in
            change(&state)
            defer { state.isAsleep = false }
            return state.isAsleep
        }
        if mustWake { wake.signal() }
    }

    func run() {
        thread.store(pthread_self(), ordering: .relaxed)
        while true {
            let (entries, isOver) = state.withLock { state in
                let entries = state.waiting
                state.waiting = []
                state.isAsleep = entries.isEmpty && !state.isOver
                return (entries, state.isOver)
            }
            for (job, executor) in entries {
                job.runSynchronously(on: executor.asUnownedTaskExecutor())
            }
            guard entries.isEmpty else { continue }
            if isOver { return }
            wake.wait()
        }
    }
}

private let runLine: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { line in
    guard let line else { return nil }
    Unmanaged<JobLine>.fromOpaque(line).takeRetainedValue().run()
    return nil
}
