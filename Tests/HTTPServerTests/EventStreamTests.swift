import Glibc
import HTTPServer
import Synchronization
import Testing

private let request = "GET /events HTTP/1.1\r\nHost: t\r\n\r\n"

/// A source of events that says when its reader has left.
private final class Source: Sendable {
    let stream: AsyncStream<ServerSentEvent>
    let continuation: AsyncStream<ServerSentEvent>.Continuation
    private let terminated = Atomic<Bool>(false)

    init() {
        (stream, continuation) = AsyncStream.makeStream()
        continuation.onTermination = { [weak self] _ in self?.terminated.store(true, ordering: .relaxed) }
    }

    func awaitTermination() { while !terminated.load(ordering: .relaxed) { usleep(1000) } }
}

@Test func `sends events as they happen, then the end`() async throws {
    let source = Source()
    try await serve({ _ in }, { _ in .events(ServerSentEventStream(source.stream)) }) { server in
        let client = try RawClient(server.port)
        client.send(request)
        let head = try client.readUntil("\r\n\r\n")
        #expect(head.contains("Content-Type: text/event-stream"))
        #expect(try client.readChunk() == ":\n\n")
        source.continuation.yield(ServerSentEvent(data: "one"))
        #expect(try client.readChunk() == "data: one\n\n")
        source.continuation.yield(ServerSentEvent(data: "two", event: "change", id: "7"))
        #expect(try client.readChunk() == "event: change\nid: 7\ndata: two\n\n")
        #expect(server.counters.eventStreams == 1)
        source.continuation.finish()
        #expect(try client.readChunk() == "")
        client.send(request.replacing("GET", with: "HEAD"))
        #expect(try client.readAnswer(isHead: true).status == 200)
    }
}

@Test func `sends a comment when nothing happens`() async throws {
    let source = Source()
    try await serve(
        { _ in },
        { _ in
            .events(ServerSentEventStream(source.stream, heartbeatSeconds: 0.1))
        }
    ) { server in
        let client = try RawClient(server.port)
        client.send(request)
        _ = try client.readUntil("\r\n\r\n")
        for _ in 0..<5 { #expect(try client.readChunk() == ":\n\n") }
    }
}

@Test func `ends the stream when the client leaves`() async throws {
    let source = Source()
    let log = Mutex<[HTTPAccess]>([])
    try await serve(
        { $0.accessLog = { access in log.withLock { $0.append(access) } } },
        { _ in
            .events(ServerSentEventStream(source.stream))
        }
    ) { server in
        do {
            let client = try RawClient(server.port)
            client.send(request)
            _ = try client.readUntil("\r\n\r\n")
            #expect(try client.readChunk() == ":\n\n")
        }
        source.awaitTermination()
        while server.counters.eventStreams > 0 || server.counters.requestsInFlight > 0 { usleep(1000) }
    }
    #expect(log.withLock { $0.map(\.responseBytes) } == [3])
}

@Test func `cuts a client that reads too slowly, and keeps its buffer small`() async throws {
    let source = Source()
    try await serve(
        { _ in },
        { _ in
            .events(ServerSentEventStream(source.stream, maxBufferedBytes: 10_000))
        }
    ) { server in
        let client = try RawClient(server.port, receiveBufferBytes: 4096)
        client.send(request)
        _ = try client.readUntil("\r\n\r\n")
        let event = ServerSentEvent(data: String(repeating: "x", count: 8000))
        var sent = 0
        while sent < 100_000, case .enqueued = source.continuation.yield(event) {
            sent += 1
            if sent.isMultiple(of: 20) { usleep(1000) }
        }
        #expect(sent < 100_000)
        source.awaitTermination()
        while server.counters.openConnections > 0 { usleep(1000) }
    }
}

@Test func `carries many events to many clients whole and in order`() async throws {
    try await serve(
        { _ in },
        { _ in
            .events(
                ServerSentEventStream(
                    AsyncStream { continuation in
                        for number in 0..<2000 { continuation.yield(ServerSentEvent(data: "\(number)")) }
                        continuation.finish()
                    }))
        }
    ) { server in
        let expected = ":\n\n" + (0..<2000).map { "data: \($0)\n\n" }.joined()
        let clients = try (0..<20).map { _ in try RawClient(server.port) }
        for client in clients { client.send(request) }
        for client in clients { #expect(try client.readAnswer().body == expected) }
    }
}

@Test(.timeLimit(.minutes(10))) func `ends its streams when it stops`() async throws {
    let source = Source()
    var configuration = HTTPServerConfiguration()
    configuration.idleTimeoutSeconds = 600
    let server = try HTTPServer(configuration: configuration) { _ in
        .events(ServerSentEventStream(source.stream))
    }
    async let body = blocking {
        let client = try RawClient(server.port)
        client.send(request)
        return try client.readAnswer().body
    }
    try await blocking { while server.counters.eventStreams == 0 { usleep(1000) } }
    await server.stop(graceSeconds: 600)
    #expect(try await body == ":\n\n")
    try await blocking { source.awaitTermination() }
}

@Test func `lets no field be smuggled into an event`() {
    let event = ServerSentEvent(
        data: "a\nb\r\nid: 9\rc", event: "x\ndata: fake", id: "1\r\nretry: 1\0", retryMilliseconds: 500)
    #expect(
        String(decoding: event.serialized, as: UTF8.self)
            == "event: xdata: fake\nid: 1retry: 1\nretry: 500\ndata: a\ndata: b\ndata: id: 9\ndata: c\n\n")
    #expect(String(decoding: ServerSentEvent(data: "").serialized, as: UTF8.self) == "data: \n\n")
}
