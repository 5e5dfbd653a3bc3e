import Dispatch
import Glibc

/// Where the signals' handler writes; set before the handler is, and never again.
private nonisolated(unsafe) var mailbox: Int32 = -1

/// All that a handler may do: it may interrupt anything on any thread.
private let noteSignal: @convention(c) (Int32) -> Void = { _ in
    let before = errno
    var note: UInt8 = 1
    _ = write(mailbox, &note, 1)
    errno = before
}

/// Waits for SIGTERM or SIGINT; a second one stops at once.
///
/// Make one as the first thing, before there is anything to stop: a signal that comes from then on is remembered until
/// somebody waits. Dispatch's own source of signals is not enough: a thread that takes the signal before Dispatch has
/// blocked it there keeps it to itself.
struct StopSignal {
    private let signals: AsyncStream<Void>
    private let source: any DispatchSourceRead

    init() throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw CommandFailure("The program cannot be told to stop: \(String(cString: strerror(errno))).")
        }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        let (reading, writing) = (ends[0], ends[1])
        let (signals, continuation) = AsyncStream.makeStream(of: Void.self)
        self.signals = signals
        source = DispatchSource.makeReadSource(
            fileDescriptor: reading, queue: DispatchQueue(label: "signals"))
        var isAsked = false
        source.setEventHandler {
            var notes: (UInt8, UInt8) = (0, 0)
            let count = read(reading, &notes, 2)
            if count > 1 || (count == 1 && isAsked) { _exit(130) }
            isAsked = isAsked || count == 1
            continuation.yield()
        }
        source.resume()
        mailbox = writing
        var action = sigaction()
        action.__sigaction_handler.sa_handler = noteSignal
        action.sa_flags = SA_RESTART
        for number in [SIGTERM, SIGINT] { sigaction(number, &action, nil) }
    }

    /// Returns when the process is asked to stop.
    func wait() async {
        var iterator = signals.makeAsyncIterator()
        _ = await iterator.next()
    }
}
