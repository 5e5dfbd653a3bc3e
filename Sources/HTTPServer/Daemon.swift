import CMicroHTTPD
import Dispatch
import Glibc
import Synchronization

/// Owns libmicrohttpd's daemon, and is where its callbacks come in.
final class Daemon: Sendable {
    /// Unchecked: quiescing and stopping are each done once, in turn, by whoever takes the pointer out.
    private struct Handle: @unchecked Sendable {
        let raw: OpaquePointer
        var isQuiet = false
    }

    private let handle: Mutex<Handle?>
    /// Where stopping may block: a global queue's few threads are also those that run tasks.
    let stopping = DispatchQueue(label: "http-server-stop")

    init(socket: Int32, core: ServerCore) throws(HTTPServerError) {
        let limits = core.configuration
        var settings = mhd_settings()
        settings.listening_socket = socket
        settings.connection_limit = UInt32(limits.connectionLimit)
        settings.connection_limit_per_address = UInt32(limits.connectionLimitPerAddress)
        // Holds one request's headers and one answer's; cleared for every request, so no larger than needed.
        settings.connection_memory_bytes = limits.maxHeaderBytes + limits.maxURIBytes + 8192
        settings.stall_timeout_seconds = UInt32(max(1, limits.idleTimeoutSeconds.rounded(.up)))
        // Held until the daemon ends: the callbacks borrow it.
        settings.context = Unmanaged.passRetained(core).toOpaque()
        settings.target_arrived = targetArrived
        settings.access = access
        settings.completed = completed
        settings.connection_changed = connectionChanged
        guard let raw = mhd_start(&settings) else {
            let code = errno
            Unmanaged.passUnretained(core).release()
            close(socket)
            throw HTTPServerError(
                code: .system, message: "The HTTP server did not start: \(String(cString: strerror(code))).")
        }
        handle = Mutex(Handle(raw: raw))
    }

    /// Stops accepting connections.
    func quiesce() {
        let socket = handle.withLock { handle -> Int32 in
            guard let raw = handle?.raw, handle?.isQuiet == false else { return -1 }
            handle?.isQuiet = true
            return MHD_quiesce_daemon(raw)
        }
        if socket >= 0 { close(socket) }
    }

    /// Closes every connection and joins the thread, which blocks.
    func end(_ core: ServerCore) {
        let taken = handle.withLock { handle -> Handle? in
            let taken = handle
            handle = nil
            return taken
        }
        guard let taken else { return }
        resumeAll(core)
        MHD_stop_daemon(taken.raw)
        Unmanaged.passUnretained(core).release()
    }

    /// No connection may be suspended when the daemon stops; draining, none becomes so again for long.
    private func resumeAll(_ core: ServerCore) {
        while true {
            let suspended = core.openConnections.filter(\.isSuspended)
            if suspended.isEmpty { return }
            for connection in suspended {
                connection.endStream()
                connection.giveUpWorking()
            }
            usleep(1000)
        }
    }

    /// For a server that is let go of without having been stopped.
    func endInBackground(_ core: ServerCore) {
        guard handle.withLock({ $0 != nil }) else { return }
        stopping.async { [self] in
            core.beginDraining()
            quiesce()
            end(core)
        }
    }
}

private func borrowed<Object: AnyObject>(_ context: UnsafeMutableRawPointer?, as _: Object.Type) -> Object? {
    context.map { Unmanaged<Object>.fromOpaque($0).takeUnretainedValue() }
}

private let connectionChanged: MHD_NotifyConnectionCallback = { context, raw, socketContext, change in
    guard let core = borrowed(context, as: ServerCore.self), let raw, let socketContext else { return }
    switch change {
    case .CONNECTION_NOTIFY_STARTED:
        let connection = Connection(raw, core: core)
        socketContext.pointee = Unmanaged.passRetained(connection).toOpaque()
        core.add(connection)
    case .CONNECTION_NOTIFY_CLOSED:
        guard let pointer = socketContext.pointee else { return }
        socketContext.pointee = nil
        let connection = Unmanaged<Connection>.fromOpaque(pointer).takeRetainedValue()
        connection.closed()
        core.remove(connection)
    }
}

private let targetArrived: mhd_target_callback = { _, target, raw in
    let pointer = mhd_socket_context(raw)
    borrowed(pointer, as: Connection.self)?.targetArrived(target)
    return pointer
}

private let access: MHD_AccessHandlerCallback = { _, _, _, method, _, data, size, exchange in
    guard let connection = borrowed(exchange?.pointee, as: Connection.self), let size else { return .NO }
    return connection.proceed(method: method, data: data, size: size)
}

private let completed: MHD_RequestCompletedCallback = { _, _, exchange, _ in
    borrowed(exchange?.pointee, as: Connection.self)?.exchangeEnded()
}
