import Glibc
import HTTPServer
import Synchronization
import Testing

private func limited(_ configuration: inout HTTPServerConfiguration) {
    configuration.maxBodyBytes = 1000
    configuration.maxHeaderBytes = 2000
    configuration.maxURIBytes = 500
    configuration.maxHeaderCount = 20
}

@Test func `takes a body of just the limit and no more`() async throws {
    try await serve(limited, echo) { server in
        let client = try RawClient(server.port)
        #expect(try client.post("/", String(repeating: "x", count: 1000)).status == 200)
        let refused = try client.post("/", String(repeating: "x", count: 1001))
        #expect(refused.status == 413)
        #expect(refused.headers.first("Connection") == "close")
        #expect(refused.headers.first("X-Request-Id") != nil)
        #expect(client.isClosedByServer())
    }
}

@Test(arguments: [false, true])
func `answers 413 to ten megabytes and goes on`(isChunked: Bool) async throws {
    let called = Atomic<Int>(0)
    try await serve(
        { $0.maxBodyBytes = 1_048_576 },
        { _ in
            called.add(1, ordering: .relaxed)
            return .empty()
        }
    ) { server in
        let client = try RawClient(server.port)
        let body = [UInt8](repeating: 0x41, count: 10_485_760)
        if isChunked {
            client.send("POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n")
            client.send(String(body.count, radix: 16) + "\r\n")
            client.send(body + Array("\r\n0\r\n\r\n".utf8))
        } else {
            client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: \(body.count)\r\n\r\n")
            client.send(body)
        }
        #expect(try client.readAnswer().status == 413)
        #expect(client.isClosedByServer())
        #expect(try get(server, "/").status == 204)
    }
    #expect(called.load(ordering: .relaxed) == 1)
}

@Test func `refuses a body before it is sent where the client waits`() async throws {
    try await serve(limited, echo) { server in
        let client = try RawClient(server.port)
        client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n")
        #expect(try client.readAnswer().status == 413)
        #expect(client.isClosedByServer())
        let huge = try RawClient(server.port)
        huge.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 999999999999\r\n\r\n")
        #expect(try huge.readAnswer().status == 413)
    }
}

@Test func `cuts an endless chunked body`() async throws {
    try await serve(limited, echo) { server in
        let client = try RawClient(server.port)
        client.send("POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n")
        let chunk = Array("100000\r\n".utf8) + [UInt8](repeating: 0x41, count: 0x100000) + Array("\r\n".utf8)
        var sent = 0
        while sent < 200, client.send(chunk) { sent += 1 }
        #expect((64..<200).contains(sent))
        #expect(try get(server, "/").status == 200)
    }
}

@Test func `refuses bodies that would fill the memory together`() async throws {
    try await serve({ $0.maxBufferedBodyBytes = 1500 }, echo) { server in
        let first = try RawClient(server.port)
        first.send(
            "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 1001\r\n\r\n" + String(repeating: "x", count: 1000)
        )
        // A second client cannot know when the first one's bytes were read, so it tries until they count.
        var status = 200
        while status == 200 {
            status = try post(server, "/", String(repeating: "x", count: 600)).status
        }
        #expect(status == 503)
        first.send("x")
        #expect(try first.readAnswer().status == 200)
        #expect(try post(server, "/", String(repeating: "x", count: 1400)).status == 200)
    }
}

@Test(arguments: [
    ("/" + String(repeating: "a", count: 499), "", 200),
    ("/" + String(repeating: "a", count: 500), "", 414),
    ("/" + String(repeating: "a", count: 400_000), "", 414),
    ("/", "A: \(String(repeating: "b", count: 1900))\r\n", 200),
    ("/", "A: \(String(repeating: "b", count: 2000))\r\n", 431),
    ("/", "A: \(String(repeating: "b", count: 400_000))\r\n", 431),
    ("/", String(repeating: "A: b\r\n", count: 19), 200),
    ("/", String(repeating: "A: b\r\n", count: 20), 431),
])
func `limits line and headers`(target: String, headers: String, status: Int) async throws {
    try await serve(limited, echo) { server in
        let answer = try get(server, target, headers: headers)
        #expect(answer.status == status)
        #expect(try get(server, "/").status == 200)
    }
}

@Test(arguments: [
    "/%", "/%4", "/%zz", "/%00", "/a%C3", "/%FF", "/\u{FC}", "/..", "/a/../b", "/%2e%2E/etc", "/.", "/?a=%",
    "/?%ff=1",
    "relative", "ftp://host/", "*", "/" + String(repeating: "a/", count: 64),
    "/?" + String(repeating: "a&", count: 201),
])
func `answers 400 to a target that is none`(target: String) async throws {
    try await serve({ _ in }, { _ in .text("served") }) { server in
        let answer = try get(server, target)
        #expect(answer.status == (target == "*" ? 200 : 400))
    }
}

@Test(arguments: [
    "GET\r\n\r\n", "\u{0}\u{1}\u{2}\r\n\r\n", "GET / HTTP/9.9\r\nHost: t\r\n\r\n",
    "GET  /  HTTP/1.1\r\nHost: t\r\n\r\n",
    "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: t\r\nno colon\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: x\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: -1\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: +1\r\n\r\nx",
    "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
    "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n\r\n",
])
func `does not serve what is not HTTP`(text: String) async throws {
    let called = Atomic<Int>(0)
    try await serve(
        { $0.requestTimeoutSeconds = 30 },
        { request in
            if request.path != "/fine" { called.add(1, ordering: .relaxed) }
            return .empty()
        }
    ) { server in
        let client = try RawClient(server.port)
        client.send(text)
        client.finishSending()
        if let answer = try client.readAnswerUnlessClosed() {
            #expect([400, 501, 505].contains(answer.status))
        }
        #expect(try get(server, "/fine").status == 204)
    }
    #expect(called.load(ordering: .relaxed) == 0)
}

@Test func `cuts a client that is slow with its headers, however it trickles`() async throws {
    try await serve({ $0.requestTimeoutSeconds = 0.2 }, echo) { server in
        let client = try RawClient(server.port)
        client.send("GET / HTTP/1.1\r\n")
        var sent = 0
        while sent < 2000, client.send("A: b\r\n") {
            sent += 1
            usleep(10_000)
        }
        #expect(sent < 2000)
        #expect(client.isClosedByServer())
    }
}

@Test func `cuts a client that is slow with its body`() async throws {
    try await serve({ $0.requestTimeoutSeconds = 0.2 }, echo) { server in
        let client = try RawClient(server.port)
        client.send("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 100\r\n\r\nonly this")
        #expect(client.isClosedByServer())
    }
}

@Test func `closes connections that say nothing`() async throws {
    try await serve({ $0.idleTimeoutSeconds = 1 }, echo) { server in
        let silent = try RawClient(server.port)
        var idle = try RawClient(server.port)
        // On a busy machine the server may take even this one for silent.
        while try idle.getUnlessClosed("/")?.status != 200 { idle = try RawClient(server.port) }
        #expect(silent.isClosedByServer())
        #expect(idle.isClosedByServer())
        while server.counters.openConnections > 0 { usleep(1000) }
    }
}

@Test func `cuts a client that does not read its answer`() async throws {
    let body = [UInt8](repeating: 0x41, count: 33_554_432)
    try await serve({ $0.sendTimeoutSeconds = 0.2 }, { _ in HTTPResponse(status: 200, body: body) }) {
        server in
        let client = try RawClient(server.port, receiveBufferBytes: 4096)
        client.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n")
        while server.counters.requestsTotal == 0 || server.counters.openConnections > 0 { usleep(1000) }
        #expect(throws: RawClient.Failure.self) { try client.readAnswer() }
    }
}

@Test func `answers 503 for a handler that takes too long, and cancels it`() async throws {
    let wasCancelled = Atomic<Bool>(false)
    let log = Mutex<[HTTPAccess]>([])
    var router = Router()
    router.on(.get, "/slow/{id}") { _ in
        do { try await Task.sleep(for: .seconds(60)) } catch { wasCancelled.store(true, ordering: .relaxed) }
        return .text("late")
    }
    router.on(.get, "/quick") { _ in .text("quick") }
    var configuration = HTTPServerConfiguration()
    configuration.handlerTimeoutSeconds = 1
    configuration.errorBody = { status, id in .json("{\"id\":\"\(id)\"}", status: status) }
    configuration.accessLog = { access in log.withLock { $0.append(access) } }
    let server = try HTTPServer(configuration: configuration, router: router)
    try await blocking {
        let client = try RawClient(server.port)
        let answer = try client.get("/slow/1", headers: "X-Request-Id: r1\r\n")
        #expect(answer.status == 503)
        #expect(answer.body == "{\"id\":\"r1\"}")
        // The late answer must not be taken for the next request's.
        #expect(try client.get("/quick").body != "late")
        while !wasCancelled.load(ordering: .relaxed) { usleep(1000) }
        #expect(try client.get("/quick").body != "late")
    }
    await server.stop(graceSeconds: 1)
    let entries = log.withLock { $0.filter { $0.status == 503 } }
    #expect(entries.first?.routePattern == "/slow/{id}")
}

@Test func `answers 503 even where handlers block every thread`() async {
    // In a process of its own, whose threads nobody else needs.
    await #expect(processExitsWith: .success) {
        let isAnswered = Atomic<Bool>(false)
        try await serve(
            { $0.handlerTimeoutSeconds = 0.1 },
            { _ in
                while !isAnswered.load(ordering: .relaxed) { usleep(1000) }
                return .text("late")
            }
        ) { server in
            let clients = try (0..<8).map { _ in try RawClient(server.port) }
            for client in clients { client.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n") }
            defer { isAnswered.store(true, ordering: .relaxed) }
            for client in clients { #expect(try client.readAnswer().status == 503) }
        }
    }
}

@Test func `cancels the handler of a client that is gone`() async throws {
    let started = Atomic<Bool>(false)
    let wasCancelled = Atomic<Bool>(false)
    try await serve(
        { $0.idleTimeoutSeconds = 1 },
        { _ in
            started.store(true, ordering: .relaxed)
            do { try await Task.sleep(for: .seconds(60)) } catch {
                wasCancelled.store(true, ordering: .relaxed)
            }
            return .empty()
        }
    ) { server in
        // On a busy machine the server may take a client for idle before it has said anything.
        while !started.load(ordering: .relaxed) {
            let client = try RawClient(server.port)
            guard client.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n") else { continue }
            while !started.load(ordering: .relaxed), server.counters.openConnections > 0 { usleep(1000) }
            client.reset()
        }
        while !wasCancelled.load(ordering: .relaxed) { usleep(1000) }
    }
}

@Test func `limits connections from one address`() async throws {
    try await serve({ $0.connectionLimitPerAddress = 2 }, echo) { server in
        let first = try RawClient(server.port)
        let second = try RawClient(server.port)
        #expect(try first.get("/").status == 200)
        #expect(try second.get("/").status == 200)
        let third = try RawClient(server.port)
        #expect(third.isClosedByServer())
        #expect(try first.get("/").status == 200)
    }
}

@Test func `serves no more connections than it may, and more when others leave`() async throws {
    try await serve({ $0.connectionLimit = 2 }, echo) { server in
        var first: RawClient? = try RawClient(server.port)
        let second = try RawClient(server.port)
        #expect(try first?.get("/").status == 200)
        #expect(try second.get("/").status == 200)
        #expect(server.counters.openConnections == 2)
        let third = try RawClient(server.port)
        third.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n")
        first = nil
        #expect(try third.readAnswer().status == 200)
        #expect(server.counters.openConnections <= 2)
    }
}
