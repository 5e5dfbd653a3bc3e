import Glibc

/// One run: an event loop over all connections.
struct LoadRun {
    private struct Client {
        let descriptor: Int32
        var answer = HTTPMessageBuffer()
        var sentAt: UInt64 = 0
        var isBusy = false
    }

    private(set) var report = LoadReport()
    private let options: LoadOptions
    private let requests: RequestFile
    private var watched: [pollfd] = []
    private let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
    private var clients: [Int32: Client] = [:]
    private var visitors: [Int32: HTTPMessageBuffer] = [:]
    private var listener: Int32 = -1
    private var next = 0
    private var busy = 0
    private var startedAt: UInt64 = 0
    /// When the answer that released an order came, and when its request was sent.
    private var released: [String: (sentAt: UInt64, answeredAt: UInt64)] = [:]
    /// When a webhook came before the answer.
    private var early: [String: UInt64] = [:]

    /// Reads the requests and opens the connections.
    init(_ options: LoadOptions) throws {
        self.options = options
        requests = try RequestFile(path: options.requests)
        for _ in 0..<options.connections {
            let descriptor = try Sockets.connect(port: options.port)
            clients[descriptor] = Client(descriptor: descriptor)
            watch(descriptor)
        }
        if let door = options.door {
            listener = try Sockets.listen(port: door)
            watch(listener)
        }
    }

    /// Sends everything, or as much as the time allows, and waits for the last answers and webhooks.
    mutating func run() throws {
        startedAt = nanoseconds()
        let end = startedAt + UInt64(options.seconds * 1e9)
        var lastAnswer = startedAt
        var lastNews = startedAt
        while true {
            let now = nanoseconds()
            if now < end { try sendNext(now) }
            let hasMore = now < end && next < requests.count
            guard hasMore || busy > 0 || (!released.isEmpty && now < lastNews + 5_000_000_000) else { break }
            if try poll(milliseconds: options.rate == nil || !hasMore ? 100 : 1) { lastNews = nanoseconds() }
            if busy > 0 || hasMore { lastAnswer = nanoseconds() }
        }
        report.nanoseconds = max(1, lastAnswer - startedAt)
    }

    private mutating func sendNext(_ now: UInt64) throws {
        var allowed = Int.max
        if let rate = options.rate { allowed = Int(Double(now - startedAt) / 1e9 * rate) + 1 - next }
        guard busy < options.connections, allowed > 0 else { return }
        for client in clients.values where !client.isBusy {
            guard next < requests.count, allowed > 0 else { return }
            allowed -= 1
            try send(to: client.descriptor)
        }
    }

    private mutating func send(to descriptor: Int32) throws {
        let request = requests[next]
        next += 1
        clients[descriptor]?.sentAt = nanoseconds()
        clients[descriptor]?.isBusy = true
        busy += 1
        let sent = request.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, 0) }
        guard sent == request.count else { throw LoadFailure.system("send") }
    }

    /// Waits for news; true where there were any.
    private mutating func poll(milliseconds: Int32) throws -> Bool {
        guard Glibc.poll(&watched, nfds_t(watched.count), milliseconds) > 0 else { return false }
        for index in watched.indices where watched[index].revents != 0 {
            let descriptor = watched[index].fd
            if descriptor == listener {
                while let visitor = Sockets.accept(listener) {
                    visitors[visitor] = HTTPMessageBuffer()
                    watch(visitor)
                }
            } else if clients[descriptor] != nil {
                try answered(descriptor)
            } else {
                visited(descriptor)
            }
        }
        watched.removeAll { $0.fd < 0 }
        return true
    }

    private mutating func answered(_ descriptor: Int32) throws {
        guard clients[descriptor]?.answer.read(from: descriptor, into: scratch) == true else {
            throw LoadFailure("the server closed a connection")
        }
        guard clients[descriptor]?.answer.isWhole() == true, let client = clients[descriptor] else { return }
        let now = nanoseconds()
        report.latencies.append(now - client.sentAt)
        report.statuses[client.answer.status, default: 0] += 1
        report.answerBytes += client.answer.length
        if listener >= 0, let id = client.answer.member("order_id") {
            if let arrival = early.removeValue(forKey: id) {
                arrived(arrival, sentAt: client.sentAt, answeredAt: now)
            } else {
                released[id] = (client.sentAt, now)
            }
        }
        clients[descriptor]?.answer.drop()
        clients[descriptor]?.isBusy = false
        busy -= 1
        if options.rate == nil, next < requests.count, Double(now - startedAt) < options.seconds * 1e9 {
            try send(to: descriptor)
        }
    }

    private mutating func visited(_ descriptor: Int32) {
        guard visitors[descriptor]?.read(from: descriptor, into: scratch) == true else {
            visitors[descriptor] = nil
            forget(descriptor)
            return
        }
        while visitors[descriptor]?.isWhole() == true {
            let now = nanoseconds()
            if let id = visitors[descriptor]?.field("webhook-id") {
                if let order = released.removeValue(forKey: id) {
                    arrived(now, sentAt: order.sentAt, answeredAt: order.answeredAt)
                } else {
                    early[id] = now
                }
            }
            visitors[descriptor]?.drop()
            let answer: StaticString = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
            _ = Glibc.send(descriptor, answer.utf8Start, answer.utf8CodeUnitCount, 0)
        }
    }

    private mutating func arrived(_ at: UInt64, sentAt: UInt64, answeredAt: UInt64) {
        report.arrivals.append(at > answeredAt ? at - answeredAt : 0)
        report.journeys.append(at - sentAt)
    }

    private mutating func watch(_ descriptor: Int32) {
        watched.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
    }

    private mutating func forget(_ descriptor: Int32) {
        guard let index = watched.firstIndex(where: { $0.fd == descriptor }) else { return }
        watched[index].fd = -1
        close(descriptor)
    }
}
