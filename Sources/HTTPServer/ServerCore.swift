import Synchronization

/// What connections share: configuration, handler, counters and the list of connections.
final class ServerCore: Sendable {
    let configuration: HTTPServerConfiguration
    let handler: @Sendable (HTTPRequest) async -> HTTPResponse
    /// Finds the pattern of a request that the handler did not come to answer.
    let routePattern: (@Sendable (HTTPRequest) -> String?)?

    private let connections = Mutex<[ObjectIdentifier: Connection]>([:])
    private let requestsInFlight = Atomic<Int>(0)
    private let requestsTotal = Atomic<Int>(0)
    private let bodyBytes = Atomic<Int>(0)
    private let draining = Atomic<Bool>(false)

    init(
        configuration: HTTPServerConfiguration, routePattern: (@Sendable (HTTPRequest) -> String?)?,
        handler: @escaping @Sendable (HTTPRequest) async -> HTTPResponse
    ) {
        self.configuration = configuration
        self.routePattern = routePattern
        self.handler = handler
    }

    var isDraining: Bool { draining.load(ordering: .acquiring) }
    func beginDraining() { draining.store(true, ordering: .releasing) }

    // MARK: Connections

    func add(_ connection: Connection) {
        let count = connections.withLock { connections in
            connections[ObjectIdentifier(connection)] = connection
            return connections.count
        }
        let room = configuration.connectionLimit / 16
        if room > 0, count > configuration.connectionLimit - room { makeRoom(for: room) }
    }

    /// Cuts those that have said nothing for longest, so that who asks properly finds a place whoever else holds theirs.
    private func makeRoom(for room: Int) {
        // Those that were cut are gone as soon as libmicrohttpd has seen it.
        let left = openConnections.filter { !$0.isCut }
        guard left.count > configuration.connectionLimit - room else { return }
        var idle: [(connection: Connection, since: Int64)] = []
        for connection in left {
            if let since = connection.idleSince { idle.append((connection, since)) }
        }
        idle.sort { $0.since < $1.since }
        for (connection, _) in idle.prefix(room) { connection.cut() }
    }

    func remove(_ connection: Connection) {
        connections.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(connection)) }
    }

    /// Those open at this moment; acting on them happens outside the lock.
    var openConnections: [Connection] { connections.withLock { Array($0.values) } }

    // MARK: Counters

    func exchangeBegan() {
        requestsInFlight.add(1, ordering: .relaxed)
        requestsTotal.add(1, ordering: .relaxed)
    }

    func exchangeEnded() { requestsInFlight.subtract(1, ordering: .releasing) }

    var inFlight: Int { requestsInFlight.load(ordering: .acquiring) }

    /// Takes the bytes into account; false where all bodies together would be too much.
    func reserveBodyBytes(_ count: Int) -> Bool {
        bodyBytes.add(count, ordering: .relaxed).newValue <= configuration.maxBufferedBodyBytes
    }

    func releaseBodyBytes(_ count: Int) {
        if count != 0 { bodyBytes.subtract(count, ordering: .relaxed) }
    }

    var counters: HTTPServerCounters {
        let open = openConnections
        return HTTPServerCounters(
            openConnections: open.count, requestsInFlight: inFlight,
            eventStreams: open.count(where: \.isStreaming),
            requestsTotal: requestsTotal.load(ordering: .relaxed))
    }

    // MARK: Answers

    /// The configured answer for an error, or a plain one where that cannot be sent.
    func errorResponse(_ status: Int, _ requestID: String) -> HTTPResponse {
        var response = configuration.errorBody(status, requestID)
        response.status = status
        return response.isSendable ? response : plainErrorBody(status: status, requestID: requestID)
    }

    /// The response itself, or a 500 where it would break the message.
    func sendable(_ response: HTTPResponse, _ requestID: String) -> HTTPResponse {
        if response.isSendable { return response }
        var replacement = errorResponse(500, requestID)
        replacement.routePattern = response.routePattern
        return replacement
    }

    func log(_ request: HTTPRequest, _ response: HTTPResponse, startedMicroseconds: Int64, responseBytes: Int)
    {
        guard let accessLog = configuration.accessLog else { return }
        accessLog(
            HTTPAccess(
                requestID: request.id, method: request.method, routePattern: response.routePattern,
                status: response.status,
                durationMicroseconds: Int(monotonicMicroseconds() - startedMicroseconds),
                requestBytes: request.body.count, responseBytes: responseBytes,
                remoteAddress: response.clientAddress ?? request.remoteAddress))
    }

    /// A request that was refused before any handler saw it.
    func log(_ incoming: IncomingRequest, remoteAddress: String, status: Int, responseBytes: Int) {
        guard let accessLog = configuration.accessLog else { return }
        accessLog(
            HTTPAccess(
                requestID: incoming.id, method: incoming.method, routePattern: nil, status: status,
                durationMicroseconds: Int(monotonicMicroseconds() - incoming.startedMicroseconds),
                requestBytes: incoming.discardedBytes, responseBytes: responseBytes,
                remoteAddress: remoteAddress))
    }
}
