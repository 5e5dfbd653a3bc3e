import Dispatch
import FoundationEssentials
import Glibc
import Synchronization

/// A PostgreSQL of our own: made and started where needed, reachable through a unix socket only.
///
/// Whoever may enter its directories (0700) may connect: the owner and root. Nothing listens on the network.
/// The server is left running when this program ends. Any number of processes may start it at once.
package struct PrivateCluster: Sendable {
    package enum Status: Sendable, Hashable {
        /// Never made.
        case absent
        case stopped
        case running(processID: Int, connectionString: String)
    }

    /// The directory asked for, as an absolute path.
    package let directory: String
    package let databaseName: String
    var programDirectories = ServerPrograms.usualDirectories
    var switches = ClusterOwner.Switch.allCases
    var timeoutSeconds = 120

    package init(directory: String, databaseName: String) {
        self.directory = ClusterPlace.absolute(directory)
        self.databaseName = databaseName
    }

    /// Makes the cluster where there is none, starts it where it does not run, and returns how to connect.
    package func start() async throws(ClusterError) -> String {
        try await blocking { () throws(ClusterError) in try startNow() }
    }

    /// Stops the server, if it runs; open transactions are rolled back.
    package func stop() async throws(ClusterError) {
        try await blocking { () throws(ClusterError) in try stopNow() }
    }

    package func status() async throws(ClusterError) -> Status {
        try await blocking { () throws(ClusterError) in try statusNow() }
    }

    /// The server's log, for telling people where to look.
    package var logPath: String { (ClusterPlace.existing(directory) ?? plainPlace).log }

    private var plainPlace: ClusterPlace { ClusterPlace(directory: directory, root: directory) }

    /// Runs what blocks elsewhere; where the task is cancelled nobody waits for it, and it comes to its end by itself.
    private func blocking<R: Sendable>(
        _ work: @escaping @Sendable () throws(ClusterError) -> R
    ) async throws(ClusterError) -> R {
        // A queue of its own: the threads of global queues also run tasks.
        let queue = DispatchQueue(label: "postgres-cluster")
        let answer = OneAnswer<Result<R, ClusterError>>()
        let result = await withTaskCancellationHandler {
            await answer.wait {
                queue.async {
                    do throws(ClusterError) {
                        answer.give(.success(try work()))
                    } catch {
                        answer.give(.failure(error))
                    }
                }
            }
        } onCancel: {
            answer.give(.failure(ClusterError(.abandoned, "Nobody waits for the database any more.")))
        }
        return try result.get()
    }

    // MARK: blocking

    private func startNow() throws(ClusterError) -> String {
        do {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true)
        } catch {
            throw ClusterError(
                .badDirectory, "The directory \(directory) cannot be made: check who owns the one above.")
        }
        let lock = try ClusterLock(path: ClusterPlace.lockPath(directory), timeoutSeconds: timeoutSeconds)
        let server = try server(ClusterPlace.existing(directory))
        try server.makeIfNeeded()
        try server.run(timeoutSeconds: timeoutSeconds)
        try server.makeDatabase(databaseName)
        _ = consume lock
        return server.connectionString(databaseName)
    }

    private func stopNow() throws(ClusterError) {
        guard let place = ClusterPlace.existing(directory) else { return }
        let lock = try ClusterLock(path: ClusterPlace.lockPath(directory), timeoutSeconds: timeoutSeconds)
        try server(place).stop()
        _ = consume lock
    }

    private func statusNow() throws(ClusterError) -> Status {
        guard let place = ClusterPlace.existing(directory) else { return .absent }
        let server = try server(place)
        guard server.isReady, let processID = server.recordedProcessID else { return .stopped }
        return .running(processID: processID, connectionString: server.connectionString(databaseName))
    }

    private func server(_ existing: ClusterPlace?) throws(ClusterError) -> PrivateServer {
        var facts = stat()
        let dataOwner = existing.flatMap { stat($0.data, &facts) == 0 ? facts.st_uid : nil }
        let version = existing.flatMap {
            try? String(contentsOfFile: "\($0.data)/PG_VERSION", encoding: .utf8)
        }
        let dataMajor = version.flatMap { Int($0.prefix { $0.isNumber }) }
        let programs = try ServerPrograms.find(in: programDirectories, dataMajor: dataMajor)
        let owner = try ClusterOwner(dataOwner: dataOwner, switches: switches)
        let place: ClusterPlace
        if let existing { place = existing } else { place = try ClusterPlace.make(directory, owner: owner) }
        return PrivateServer(place: place, programs: programs, owner: owner)
    }
}

/// What one task waits for and others may give; the first counts.
private final class OneAnswer<Value: Sendable>: Sendable {
    private enum State {
        case nothing
        case awaited(CheckedContinuation<Value, Never>)
        case given(Value)
    }

    private let state = Mutex(State.nothing)

    /// The answer; `begin` is called once somebody waits, unless it was given before.
    func wait(_ begin: () -> Void) async -> Value {
        await withCheckedContinuation { continuation in
            let early = state.withLock { state -> Value? in
                if case .given(let value) = state { return value }
                state = .awaited(continuation)
                return nil
            }
            if let early { continuation.resume(returning: early) } else { begin() }
        }
    }

    func give(_ value: Value) {
        let waiting = state.withLock { state -> CheckedContinuation<Value, Never>? in
            switch state {
            case .given: return nil
            case .nothing, .awaited:
                defer { state = .given(value) }
                if case .awaited(let continuation) = state { return continuation }
                return nil
            }
        }
        waiting?.resume(returning: value)
    }
}
