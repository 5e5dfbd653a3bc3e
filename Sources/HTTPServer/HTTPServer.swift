import CMicroHTTPD
import Dispatch
import Glibc
import Synchronization

/// An HTTP/1.1 server: it listens from `init` on, until `stop`.
///
/// One thread of libmicrohttpd does all input and output; handlers run as tasks. What libmicrohttpd refuses by itself
/// (lines that are not HTTP, headers far over the limit) is answered without an id and is not logged.
package final class HTTPServer: Sendable {
    /// The port that the server listens on.
    package let port: Int
    private let core: ServerCore
    private let daemon: Daemon
    private let watch: Watch

    /// Starts to listen and to answer with `handler`.
    package convenience init(
        configuration: HTTPServerConfiguration,
        handler: @escaping @Sendable (HTTPRequest) async -> HTTPResponse
    ) throws(HTTPServerError) {
        try self.init(ServerCore(configuration: configuration, routePattern: nil, handler: handler))
    }

    /// Starts to listen and to answer by the router's routes.
    package convenience init(configuration: HTTPServerConfiguration, router: Router) throws(HTTPServerError) {
        try self.init(
            ServerCore(configuration: configuration, routePattern: router.pattern(for:)) { request in
                await router.respond(to: request)
            })
    }

    private init(_ core: ServerCore) throws(HTTPServerError) {
        // libmicrohttpd blocks the signal on its own thread; nobody else writes to sockets that may be gone.
        signal(SIGPIPE, SIG_IGN)
        let configuration = core.configuration
        let listening = try ListeningSocket.open(host: configuration.host, port: configuration.port)
        self.core = core
        port = listening.port
        daemon = try Daemon(socket: listening.socket, core: core)
        watch = Watch(core)
    }

    deinit {
        watch.cancel()
        daemon.endInBackground(core)
    }

    /// How busy the server is.
    package var counters: HTTPServerCounters { core.counters }

    /// Accepts no more, lets what is in flight finish for that long, then cuts the rest.
    ///
    /// Meanwhile event streams end, and requests on connections that are still open are answered 503.
    package func stop(graceSeconds: Double) async {
        core.beginDraining()
        daemon.quiesce()
        for connection in core.openConnections { connection.endStream() }
        await drain(seconds: graceSeconds)
        for connection in core.openConnections { connection.giveUpWorking() }
        await drain(seconds: 1)
        watch.cancel()
        await withCheckedContinuation { continuation in
            daemon.stopping.async { [daemon, core] in
                daemon.end(core)
                continuation.resume()
            }
        }
    }

    private func drain(seconds: Double) async {
        let deadline = monotonicMicroseconds() + microseconds(seconds)
        while core.inFlight > 0 && monotonicMicroseconds() < deadline {
            try? await Task.sleep(for: .milliseconds(2))
        }
    }
}

/// The timer that looks after connections that take too long.
///
/// On a queue of its own: handlers that block every thread of tasks must not stop their own deadline.
///
/// Unchecked: the timer is set up in `init`; `cancel` may be called from any thread.
private final class Watch: @unchecked Sendable {
    private let timer: any DispatchSourceTimer

    init(_ core: ServerCore) {
        let limits = core.configuration
        let shortest = min(
            limits.idleTimeoutSeconds, limits.requestTimeoutSeconds, limits.handlerTimeoutSeconds,
            limits.sendTimeoutSeconds)
        let interval = min(max(shortest / 4, 0.02), 0.5)
        timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "http-server-watch"))
        timer.schedule(deadline: .now() + interval, repeating: interval)
        timer.setEventHandler {
            let now = monotonicMicroseconds()
            for connection in core.openConnections { connection.check(now: now) }
        }
        timer.resume()
    }

    func cancel() { timer.cancel() }
}
