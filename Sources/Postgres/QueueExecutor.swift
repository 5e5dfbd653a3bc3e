import Dispatch

/// Runs tasks on one serial queue, so that blocking there takes no thread from everybody else.
///
/// Task-local values stay with the task, which a plain `queue.async` would lose.
final class QueueExecutor: TaskExecutor {
    private static let runningOn = DispatchSpecificKey<ObjectIdentifier>()

    private let queue: DispatchQueue

    init(label: String) {
        queue = DispatchQueue(label: label)
        queue.setSpecific(key: Self.runningOn, value: ObjectIdentifier(self))
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }

    /// The executor whose queue this thread works for at the moment.
    static var current: ObjectIdentifier? { DispatchQueue.getSpecific(key: runningOn) }
}
