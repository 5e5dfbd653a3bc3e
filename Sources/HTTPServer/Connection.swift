import CMicroHTTPD
import Glibc
import Synchronization

/// The one place that holds libmicrohttpd's pointer to a connection.
///
/// Unchecked: `suspend` is called on libmicrohttpd's thread only, and `resume`, which any thread may call, only while
/// the connection is suspended and so cannot be freed.
struct ConnectionHandle: @unchecked Sendable {
    let raw: OpaquePointer

    func suspend() { MHD_suspend_connection(raw) }
    func resume() { MHD_resume_connection(raw) }
}

/// One client's connection and the exchange (request and answer) that goes on over it.
///
/// Its life: waiting → receiving → working → answered → sending → waiting. libmicrohttpd's thread drives all but one
/// step: the handler's task, or the watch when time is up, takes it from working to answered and resumes it.
final class Connection: Sendable {
    private enum Phase {
        case waiting, receiving, working, answered, sending, closed
    }

    private struct State {
        var phase = Phase.waiting
        var sinceMicroseconds = monotonicMicroseconds()
        /// Counts exchanges, so that a handler that comes too late cannot answer the next request.
        var exchange: UInt64 = 0
        var incoming = IncomingRequest(target: nil, isTargetTooLong: false, startedMicroseconds: 0)
        var isCounted = false
        var isCut = false
        var request: HTTPRequest?
        var task: Task<Void, Never>?
        var answer: PreparedResponse?
        var feed: EventFeed?

        mutating func enter(_ phase: Phase) {
            self.phase = phase
            sinceMicroseconds = monotonicMicroseconds()
        }
    }

    let handle: ConnectionHandle
    let remoteAddress: String
    private let core: ServerCore
    private let socket: Int32
    private let state = Mutex(State())

    init(_ raw: OpaquePointer, core: ServerCore) {
        handle = ConnectionHandle(raw: raw)
        self.core = core
        socket = mhd_client_socket(raw)
        remoteAddress = SocketAddress.text(of: mhd_client_address(raw))
    }
}

// What libmicrohttpd's thread does.
extension Connection {
    /// A request line has come.
    func targetArrived(_ target: UnsafePointer<CChar>?) {
        let limit = core.configuration.maxURIBytes
        let isTooLong = target.map { strnlen($0, limit + 1) > limit } ?? false
        let text = isTooLong ? nil : target.map { String(cString: $0) }
        state.withLock { state in
            state.enter(.receiving)
            state.incoming = IncomingRequest(
                target: text, isTargetTooLong: isTooLong, startedMicroseconds: state.sinceMicroseconds)
        }
    }

    /// What the access handler is called for: headers, pieces of the body, its end, and after a resume.
    func proceed(method: UnsafePointer<CChar>?, data: UnsafePointer<CChar>?, size: UnsafeMutablePointer<Int>)
        -> MHD_Result
    {
        let (phase, isCounted) = state.withLock { ($0.phase, $0.isCounted) }
        switch phase {
        case .receiving where !isCounted:
            return headersArrived(method: method)
        case .receiving where size.pointee > 0:
            defer { size.pointee = 0 }
            return bodyArrived(UnsafeRawBufferPointer(start: data, count: size.pointee))
        case .receiving:
            return requestEnded()
        case .answered:
            return sendAnswer()
        case .waiting, .working, .sending, .closed:
            return .NO
        }
    }

    /// The answer is sent, or the connection is lost.
    func exchangeEnded() {
        let ended = state.withLock { state in
            let ended = state
            state.enter(state.phase == .closed ? .closed : .waiting)
            state.exchange += 1
            state.isCounted = false
            state.request = nil
            state.task = nil
            state.answer = nil
            state.feed = nil
            state.incoming = IncomingRequest(target: nil, isTargetTooLong: false, startedMicroseconds: 0)
            return ended
        }
        core.releaseBodyBytes(ended.incoming.body.count)
        ended.answer?.discard()
        ended.task?.cancel()
        if ended.isCounted { core.exchangeEnded() }
    }

    /// The socket is about to be closed.
    func closed() {
        state.withLock { $0.enter(.closed) }
    }

    private func headersArrived(method: UnsafePointer<CChar>?) -> MHD_Result {
        var headers = HTTPHeaders()
        headers.reserve(16)
        withUnsafeMutablePointer(to: &headers) {
            _ = MHD_get_connection_values_n(handle.raw, .HEADER_KIND, collectHeader, $0)
        }
        let sentID = headers.first("X-Request-Id")
        let id =
            if let sentID, isAcceptableRequestID(sentID) { sentID } else { core.configuration.requestID() }
        let name = method.map { String(cString: $0) } ?? ""
        let isDraining = core.isDraining
        core.exchangeBegan()
        let admission = state.withLock { state in
            state.isCounted = true
            state.incoming.method = HTTPMethod(name)
            state.incoming.headers = headers
            state.incoming.id = id
            if isDraining { state.incoming.refuse(503) }
            return state.incoming.admit(core.configuration)
        }
        switch admission {
        case .readBody: return .YES
        case .refuseNow: return requestEnded()
        }
    }

    private func bodyArrived(_ bytes: UnsafeRawBufferPointer) -> MHD_Result {
        let hasRoom = core.reserveBodyBytes(bytes.count)
        let (isTaken, freed) = state.withLock { state in
            let before = state.incoming.body.count
            if !hasRoom { state.incoming.refuse(503) }
            let isTaken = state.incoming.take(bytes, core.configuration)
            return (isTaken, before + bytes.count - state.incoming.body.count)
        }
        core.releaseBodyBytes(freed)
        return isTaken ? .YES : .NO
    }

    private func requestEnded() -> MHD_Result {
        let incoming = state.withLock { state in
            let incoming = state.incoming
            state.incoming.body = []
            state.incoming.headers = HTTPHeaders()
            return incoming
        }
        core.releaseBodyBytes(incoming.body.count)
        if let refusal = incoming.refusal { return refuse(refusal, incoming) }
        if core.isDraining { return refuse(503, incoming) }
        guard let text = incoming.target, let target = try? RequestTarget(text) else {
            return refuse(400, incoming)
        }
        work(
            on: HTTPRequest(
                method: incoming.method, target: target, headers: incoming.headers, body: incoming.body,
                id: incoming.id, remoteAddress: remoteAddress))
        return .YES
    }

    private func work(on request: HTTPRequest) {
        handle.suspend()
        let exchange = state.withLock { state in
            state.enter(.working)
            state.request = request
            return state.exchange
        }
        let task = Task { [self] in
            let response = await core.handler(request)
            answer(response, to: request, exchange)
        }
        state.withLock { state in
            if state.phase == .working && state.exchange == exchange { state.task = task }
        }
    }

    private func refuse(_ status: Int, _ incoming: IncomingRequest) -> MHD_Result {
        let response = core.errorResponse(status, incoming.id)
        let prepared = PreparedResponse(
            response, requestID: incoming.id, isHead: incoming.method == .head, closes: true, connection: self
        )
        guard let prepared else { return .NO }
        state.withLock { $0.enter(.sending) }
        core.log(
            incoming, remoteAddress: remoteAddress, status: prepared.status, responseBytes: prepared.bodyBytes
        )
        return prepared.queue(on: handle.raw)
    }

    private func sendAnswer() -> MHD_Result {
        let answer = state.withLock { state in
            let answer = state.answer
            state.answer = nil
            state.feed = answer?.feed
            state.enter(.sending)
            return answer
        }
        if core.isDraining { answer?.feed?.end() }
        return answer?.queue(on: handle.raw) ?? .NO
    }
}

// What other threads do.
extension Connection {
    /// Gives the answer to an exchange unless it already has one.
    private func answer(_ response: HTTPResponse, to request: HTTPRequest, _ exchange: UInt64) {
        let response = core.sendable(response, request.id)
        let prepared = PreparedResponse(
            response, requestID: request.id, isHead: request.method == .head, closes: core.isDraining,
            connection: self)
        let started: Int64? = state.withLock { state in
            guard state.phase == .working && state.exchange == exchange else { return nil }
            state.answer = prepared
            state.task = nil
            state.request = nil
            state.enter(.answered)
            return state.incoming.startedMicroseconds
        }
        guard let started else {
            prepared?.discard()
            return
        }
        let access: @Sendable (Int) -> Void = { [core] bytes in
            core.log(
                request, response, startedMicroseconds: started, responseBytes: bytes)
        }
        if let feed = prepared?.feed {
            feed.start(whenDone: access)
            handle.resume()
        } else {
            handle.resume()
            access(prepared?.bodyBytes ?? 0)
        }
    }

    /// Ends the connection from our side, as soon as libmicrohttpd sees it.
    func cut() {
        state.withLock { state in
            state.isCut = true
            if state.phase != .closed { _ = shutdown(socket, Int32(SHUT_RDWR)) }
        }
    }

    /// Whether it was ended from our side.
    var isCut: Bool { state.withLock { $0.isCut } }

    /// Since when it has been waiting for its client to ask, or to finish asking; nil where it does something.
    var idleSince: Int64? {
        state.withLock { state in
            switch state.phase {
            case .waiting, .receiving: state.sinceMicroseconds
            case .working, .answered, .sending, .closed: nil
            }
        }
    }

    /// Ends the event stream that is being sent, if one is.
    func endStream() { state.withLock { $0.feed }?.end() }

    /// Whether an event stream is being sent.
    var isStreaming: Bool { state.withLock { $0.feed != nil } }

    /// Whether libmicrohttpd waits for us to resume the connection.
    var isSuspended: Bool {
        let (phase, feed) = state.withLock { ($0.phase, $0.feed) }
        return phase == .working || feed?.isParked == true
    }

    /// Answers 503 in place of the handler, if one is at work.
    func giveUpWorking() {
        let working = state.withLock { state -> (HTTPRequest, UInt64, Task<Void, Never>?)? in
            guard state.phase == .working, let request = state.request else { return nil }
            return (request, state.exchange, state.task)
        }
        guard let (request, exchange, task) = working else { return }
        var response = core.errorResponse(503, request.id)
        response.routePattern = core.routePattern?(request)
        answer(response, to: request, exchange)
        task?.cancel()
    }

    private enum Verdict {
        case fine, tooSlow, handlerTooSlow, clientLeft(Task<Void, Never>?), stream(EventFeed)
    }

    /// Looks whether anything has taken too long.
    func check(now: Int64) {
        let limits = core.configuration
        let verdict: Verdict = state.withLock { state in
            let elapsed = now - state.sinceMicroseconds
            switch state.phase {
            case .waiting:
                return elapsed > microseconds(limits.idleTimeoutSeconds) || hasSaidAll() ? .tooSlow : .fine
            case .receiving:
                return elapsed > microseconds(limits.requestTimeoutSeconds) || hasSaidAll() ? .tooSlow : .fine
            case .working where elapsed > microseconds(limits.handlerTimeoutSeconds): return .handlerTooSlow
            case .working: return hasHungUp(POLLHUP | POLLERR) ? .clientLeft(state.task) : .fine
            case .sending:
                if let feed = state.feed { return .stream(feed) }
                return elapsed > microseconds(limits.sendTimeoutSeconds) ? .tooSlow : .fine
            case .answered, .closed: return .fine
            }
        }
        switch verdict {
        case .fine: break
        case .tooSlow: cut()
        case .handlerTooSlow: giveUpWorking()
        case .clientLeft(let task): task?.cancel()
        case .stream(let feed): check(feed, now: now)
        }
    }

    private func check(_ feed: EventFeed, now: Int64) {
        // A parked connection is not watched by libmicrohttpd.
        if feed.isParked && isStillOpen({ hasHungUp(peerFinished | POLLHUP | POLLERR) }) {
            feed.end()
        } else {
            feed.beat(now: now)
        }
    }

    private func isStillOpen(_ condition: () -> Bool) -> Bool {
        state.withLock { $0.phase != .closed && condition() }
    }

    /// Whether nothing more can come: libmicrohttpd sometimes misses an end that came together with the rest.
    private func hasSaidAll() -> Bool {
        var byte: UInt8 = 0
        return recv(socket, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) == 0
    }

    /// Whether the socket shows one of these; only while it cannot be closed, that is under the lock and not closed.
    private func hasHungUp(_ events: Int32) -> Bool {
        var entry = pollfd(fd: socket, events: Int16(events & peerFinished), revents: 0)
        return poll(&entry, 1, 0) > 0 && Int32(entry.revents) & events != 0
    }
}

/// POLLRDHUP, which Glibc shows only to GNU programs: the peer will send no more.
private let peerFinished: Int32 = 0x2000

private let collectHeader: MHD_KeyValueIteratorN = { context, _, name, nameLength, value, valueLength in
    guard let context, let name else { return .YES }
    let headers = context.assumingMemoryBound(to: HTTPHeaders.self)
    headers.pointee.add(text(name, nameLength), value.map { text($0, valueLength) } ?? "")
    return .YES
}

private func text(_ start: UnsafePointer<CChar>, _ length: Int) -> String {
    String(decoding: UnsafeRawBufferPointer(start: start, count: length), as: UTF8.self)
}
