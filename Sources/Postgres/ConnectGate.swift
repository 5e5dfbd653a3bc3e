import Dispatch
import Synchronization

/// Remembers a failed connect for a moment, so that an outage answers at once instead of piling up.
final class ConnectGate: Sendable {
    private struct Failure {
        let error: PostgresError
        let until: DispatchTime
    }

    private let failure = Mutex<Failure?>(nil)
    private let backoffMilliseconds: Int

    init(backoffMilliseconds: Int) { self.backoffMilliseconds = backoffMilliseconds }

    func check() throws(PostgresError) {
        let remembered = failure.withLock { failure in
            failure.flatMap { DispatchTime.now() < $0.until ? $0.error : nil }
        }
        if let remembered { throw remembered }
    }

    func failed(_ error: PostgresError) {
        let until = DispatchTime.now() + .milliseconds(backoffMilliseconds)
        failure.withLock { $0 = Failure(error: error, until: until) }
    }

    func opened() { failure.withLock { $0 = nil } }
}
