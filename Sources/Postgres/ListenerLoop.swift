import Dispatch
import Glibc
import Synchronization

/// The life of a listening connection: connect, watch the socket, lose it, wait, connect.
///
/// One thread spends its days in poll(2). A dispatch source would save it, but is silent about the end of a
/// unix socket.
final class ListenerLoop: Sendable {
    private let configuration: PostgresConfiguration
    private let channels: [String]
    private let heartbeatMilliseconds: Int32
    private let tell: @Sendable (PostgresListenerEvent) -> Void
    private let end: @Sendable () -> Void
    private let isStopped = Atomic(false)
    private let wake = WakePipe()

    init(
        configuration: PostgresConfiguration, channels: [String], heartbeatSeconds: Double,
        tell: @escaping @Sendable (PostgresListenerEvent) -> Void, end: @escaping @Sendable () -> Void
    ) {
        self.configuration = configuration
        self.channels = channels
        heartbeatMilliseconds = Int32(max(1, min(heartbeatSeconds * 1000, 86_400_000)))
        self.tell = tell
        self.end = end
    }

    func start() { DispatchQueue(label: "postgres-listener").async { self.run() } }

    func stop() {
        isStopped.store(true, ordering: .sequentiallyConsistent)
        wake.signal()
    }

    private var mayRun: Bool { !isStopped.load(ordering: .sequentiallyConsistent) }

    private func run() {
        var event = PostgresListenerEvent.listening
        var failures = 0
        while mayRun {
            if let session = try? connect() {
                failures = 0
                tell(event)
                event = .reconnected
                listen(on: session)
            }
            if mayRun { wake.wait(milliseconds: Int32(min(5000, 100 << min(failures, 6)))) }
            failures += 1
        }
        end()
    }

    private func connect() throws(PostgresError) -> PostgresSession {
        let session = try PostgresSession(configuration)
        for channel in channels { try session.script("LISTEN \(SQLText.identifier(channel))") }
        return session
    }

    /// Passes on notifications until the connection ends or we are stopped.
    private func listen(on session: PostgresSession) {
        while mayRun {
            while let notification = session.connection.nextNotification() {
                tell(.notification(notification))
            }
            if wake.wait(milliseconds: heartbeatMilliseconds, for: session.connection.socket) {
                guard session.connection.consumeInput() else { return }
            } else if mayRun {
                // A peer that vanished without a word is noticed by asking it something.
                guard (try? session.query("SELECT 1")) != nil else { return }
            }
        }
    }
}

/// Lets another thread end a wait.
private final class WakePipe: Sendable {
    private let ends: (read: Int32, write: Int32)

    init() {
        var descriptors: [Int32] = [-1, -1]
        // Without a pipe stopping only takes until the next heartbeat.
        if pipe(&descriptors) == 0 {
            for descriptor in descriptors { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        }
        ends = (descriptors[0], descriptors[1])
    }

    deinit {
        close(ends.read)
        close(ends.write)
    }

    func signal() {
        var byte: UInt8 = 0
        _ = write(ends.write, &byte, 1)
    }

    /// Waits for the socket; false where time ran out or someone signalled.
    @discardableResult
    func wait(milliseconds: Int32, for socket: Int32 = -1) -> Bool {
        var descriptors = [ends.read, socket].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        guard poll(&descriptors, 2, milliseconds) > 0 else { return false }
        return descriptors[1].revents != 0
    }
}
