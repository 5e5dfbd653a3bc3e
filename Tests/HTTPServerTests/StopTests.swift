import Glibc
import HTTPServer
import Synchronization
import Testing

/// A gate that handlers wait at until it is opened.
private final class Gate: Sendable {
    private let isOpen = Atomic<Bool>(false)
    private let waiting = Atomic<Int>(0)

    func open() { isOpen.store(true, ordering: .releasing) }
    var count: Int { waiting.load(ordering: .acquiring) }

    func pass() async {
        waiting.add(1, ordering: .acquiringAndReleasing)
        while !isOpen.load(ordering: .acquiring) {
            do { try await Task.sleep(for: .milliseconds(2)) } catch { return }
        }
    }
}

private func gated(_ gate: Gate) throws -> HTTPServer {
    try HTTPServer(configuration: HTTPServerConfiguration()) { request in
        if request.path.hasPrefix("/wait") { await gate.pass() }
        return .text(request.path)
    }
}

@Test(.timeLimit(.minutes(10))) func `finishes what is in flight before it stops`() async throws {
    let gate = Gate()
    let server = try gated(gate)
    let clients = try await blocking {
        let clients = try (0..<3).map { _ in Box(try RawClient(server.port)) }
        for (number, client) in clients.enumerated() {
            client.value.send("GET /wait\(number) HTTP/1.1\r\nHost: t\r\n\r\n")
        }
        while gate.count < 3 { usleep(1000) }
        return clients
    }
    async let stopped: Void = server.stop(graceSeconds: 600)
    try await blocking {
        // Refused from now on, or at the latest when the listening socket is closed.
        while (try? RawClient(server.port)) != nil { usleep(1000) }
        gate.open()
        for (number, client) in clients.enumerated() {
            let answer = try client.value.readAnswer()
            #expect(answer.body == "/wait\(number)")
            #expect(answer.headers.first("Connection") == "close")
            #expect(client.value.isClosedByServer())
        }
    }
    await stopped
    #expect(server.counters.openConnections == 0)
    #expect(server.counters.requestsInFlight == 0)
}

@Test(.timeLimit(.minutes(10))) func `answers 503 on connections that are still open`() async throws {
    let gate = Gate()
    let server = try gated(gate)
    let (busy, idle) = try await blocking {
        let busy = try RawClient(server.port)
        let idle = try RawClient(server.port)
        #expect(try idle.get("/").status == 200)
        busy.send("GET /wait HTTP/1.1\r\nHost: t\r\n\r\n")
        while gate.count < 1 { usleep(1000) }
        return (Box(busy), Box(idle))
    }
    async let stopped: Void = server.stop(graceSeconds: 600)
    try await blocking {
        while (try? RawClient(server.port)) != nil { usleep(1000) }
        let refused = try idle.value.get("/")
        #expect(refused.status == 503)
        #expect(refused.headers.first("Connection") == "close")
        gate.open()
        #expect(try busy.value.readAnswer().status == 200)
    }
    await stopped
}

@Test func `answers 503 to what is not done in time`() async throws {
    let gate = Gate()
    let server = try gated(gate)
    let client = try await blocking {
        let client = try RawClient(server.port)
        client.send("GET /wait HTTP/1.1\r\nHost: t\r\n\r\n")
        while gate.count < 1 { usleep(1000) }
        return Box(client)
    }
    await server.stop(graceSeconds: 0.05)
    try await blocking {
        let answer = try client.value.readAnswer()
        #expect(answer.status == 503)
        #expect(client.value.isClosedByServer())
    }
}

@Test func `stops with half a request outstanding`() async throws {
    let server = try HTTPServer(configuration: HTTPServerConfiguration(), handler: echo)
    let client = try await blocking {
        let client = try RawClient(server.port)
        client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\nhalf")
        while server.counters.requestsInFlight == 0 { usleep(1000) }
        return Box(client)
    }
    await server.stop(graceSeconds: 0.05)
    let isClosed = try await blocking { client.value.isClosedByServer() }
    #expect(isClosed)
    #expect(server.counters.openConnections == 0)
}

@Test func `stops twice, and at once from two places`() async throws {
    let server = try HTTPServer(configuration: HTTPServerConfiguration(), handler: echo)
    async let one: Void = server.stop(graceSeconds: 1)
    async let other: Void = server.stop(graceSeconds: 1)
    _ = await (one, other)
    await server.stop(graceSeconds: 1)
    #expect(throws: RawClient.Failure.self) { try RawClient(server.port) }
}

@Test func `closes when it is let go of, even with a handler at work`() async throws {
    let gate = Gate()
    var server: HTTPServer? = try gated(gate)
    let port = try #require(server?.port)
    let client = try await blocking {
        let client = try RawClient(port)
        client.send("GET /wait HTTP/1.1\r\nHost: t\r\n\r\n")
        while gate.count < 1 { usleep(1000) }
        return Box(client)
    }
    server = nil
    try await blocking {
        while (try? RawClient(port)) != nil { usleep(1000) }
        if let answer = try client.value.readAnswerUnlessClosed() {
            #expect(answer.status == 503)
            #expect(client.value.isClosedByServer())
        }
    }
    gate.open()
}

/// Carries a client from one blocking piece of a test to the next; never used by two at once.
private final class Box: @unchecked Sendable {
    let value: RawClient

    init(_ value: RawClient) { self.value = value }
}
