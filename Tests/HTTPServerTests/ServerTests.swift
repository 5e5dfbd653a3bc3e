import HTTPServer
import Synchronization
import Testing

@Test func `answers over a socket, with an id and a length`() async throws {
    try await serve({ $0.requestID = { "made-up" } }, echo) { server in
        let answer = try get(server, "/hello?x=1")
        #expect(answer.status == 200)
        #expect(answer.body == "GET /hello ")
        #expect(answer.headers.first("X-Request-Id") == "made-up")
        #expect(answer.headers.first("content-length") == "11")
    }
}

@Test func `keeps the connection for the next request`() async throws {
    try await serve({ _ in }, echo) { server in
        let client = try RawClient(server.port)
        for number in 1...3 {
            #expect(try client.post("/\(number)", "body \(number)").body == "POST /\(number) body \(number)")
        }
        #expect(server.counters.openConnections == 1)
        #expect(server.counters.requestsTotal == 3)
    }
}

@Test func `closes when HTTP 1.0 or the client asks for it`() async throws {
    try await serve({ _ in }, echo) { server in
        let polite = try RawClient(server.port)
        #expect(try polite.get("/", headers: "Connection: close\r\n").status == 200)
        #expect(polite.isClosedByServer())
        let old = try RawClient(server.port)
        old.send("GET /old HTTP/1.0\r\n\r\n")
        #expect(try old.readAnswer().body == "GET /old ")
        #expect(old.isClosedByServer())
    }
}

@Test func `answers pipelined requests in their order`() async throws {
    try await serve({ _ in }, echo) { server in
        let client = try RawClient(server.port)
        client.send((1...5).map { "GET /\($0) HTTP/1.1\r\nHost: t\r\n\r\n" }.joined())
        for number in 1...5 { #expect(try client.readAnswer().body == "GET /\(number) ") }
    }
}

@Test func `reads a chunked body`() async throws {
    try await serve({ _ in }, echo) { server in
        let client = try RawClient(server.port)
        client.send("POST /c HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n")
        client.send("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n")
        #expect(try client.readAnswer().body == "POST /c hello world")
        #expect(try client.get("/next").body == "GET /next ")
    }
}

@Test func `reads a body that comes byte by byte`() async throws {
    try await serve({ _ in }, echo) { server in
        let client = try RawClient(server.port)
        for byte in "POST /b HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\nabc".utf8 { client.send([byte]) }
        #expect(try client.readAnswer().body == "POST /b abc")
    }
}

@Test func `asks for a body that waits to be asked for`() async throws {
    try await serve({ _ in }, echo) { server in
        let client = try RawClient(server.port)
        client.send("POST /e HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        #expect(try client.readAnswer().status == 100)
        client.send("ok")
        #expect(try client.readAnswer().body == "POST /e ok")
    }
}

@Test func `answers a client that has finished sending`() async throws {
    try await serve(
        { _ in },
        { request in
            try? await Task.sleep(for: .milliseconds(20))
            return await echo(request)
        }
    ) { server in
        let client = try RawClient(server.port)
        client.send("GET /half HTTP/1.1\r\nHost: t\r\n\r\n")
        client.finishSending()
        #expect(try client.readAnswer().body == "GET /half ")
        #expect(client.isClosedByServer())
    }
}

@Test func `sends no body for HEAD, but its length`() async throws {
    try await serve({ _ in }, echo) { server in
        let client = try RawClient(server.port)
        let answer = try client.get("/h", method: "HEAD")
        #expect(answer.headers.first("Content-Length") == "8")
        #expect(try client.get("/after").body == "GET /after ")
    }
}

@Test func `takes over a decent request id and no other`() async throws {
    try await serve({ $0.requestID = { "ours" } }, echo) { server in
        let client = try RawClient(server.port)
        let long = String(repeating: "a", count: 64)
        for good in ["a", "A.b_c-9", long] {
            let answer = try client.get("/", headers: "X-Request-Id: \(good)\r\n")
            #expect(answer.headers.all("X-Request-Id") == [good])
        }
        for bad in ["", "a b", "a\"b", "ü", long + "a"] {
            let answer = try client.get("/", headers: "X-Request-Id: \(bad)\r\n")
            #expect(answer.headers.all("X-Request-Id") == ["ours"])
        }
    }
}

@Test func `makes ids that differ`() {
    let ids = Set((0..<1000).map { _ in randomRequestID() })
    #expect(ids.count == 1000)
    #expect(ids.allSatisfy { $0.utf8.count == 15 })
}

@Test(arguments: ["a\r\nSet-Cookie: x=y", "a\nb", "a\0b", "a\rb", "a\u{7F}"])
func `refuses to send a header that would break the message`(value: String) async throws {
    try await serve({ _ in }, { _ in .redirect(to: value) }) { server in
        let client = try RawClient(server.port)
        let answer = try client.get("/")
        #expect(answer.status == 500)
        #expect(answer.headers.first("Location") == nil)
        #expect(answer.headers.first("Set-Cookie") == nil)
        #expect(try client.get("/").status == 500)
    }
}

@Test func `refuses header names and statuses that are none`() async throws {
    try await serve(
        { _ in },
        { request in
            request.path == "/status"
                ? HTTPResponse(status: 99) : HTTPResponse(status: 200, headers: ["Bad Name": "x"])
        }
    ) { server in
        let client = try RawClient(server.port)
        #expect(try client.get("/status").status == 500)
        #expect(try client.get("/name").status == 500)
    }
}

@Test func `keeps lengths and ids to itself`() async throws {
    let response = HTTPResponse(
        status: 200,
        headers: ["Content-Length": "1", "Transfer-Encoding": "chunked", "X-Request-Id": "fake"],
        body: Array("four".utf8))
    try await serve({ $0.requestID = { "true" } }, { _ in response }) { server in
        let answer = try get(server, "/")
        #expect(answer.body == "four")
        #expect(answer.headers.all("Content-Length") == ["4"])
        #expect(answer.headers.all("X-Request-Id") == ["true"])
    }
}

@Test func `overlaps 200 slow requests`() async throws {
    let waiting = Atomic<Int>(0)
    try await serve(
        { _ in },
        { _ in
            waiting.add(1, ordering: .relaxed)
            // Each waits for all: only a server that runs them at once ever answers.
            while waiting.load(ordering: .relaxed) < 200 { try? await Task.sleep(for: .milliseconds(2)) }
            return .text("all")
        }
    ) { server in
        let clients = try (0..<200).map { _ in try RawClient(server.port) }
        for client in clients { client.send("GET / HTTP/1.1\r\nHost: t\r\n\r\n") }
        for client in clients { #expect(try client.readAnswer().body == "all") }
    }
}

@Test func `tells the access log the pattern and never the path`() async throws {
    let log = Mutex<[HTTPAccess]>([])
    var router = Router()
    router.on(.post, "/r/{token}") { _ in .text("done") }
    var configuration = HTTPServerConfiguration()
    configuration.accessLog = { access in log.withLock { $0.append(access) } }
    let server = try HTTPServer(configuration: configuration, router: router)
    let id = try await blocking {
        let client = try RawClient(server.port)
        let id = try client.post("/r/secret", "four").headers.first("X-Request-Id")
        _ = try client.get("/secret")
        return id
    }
    await server.stop(graceSeconds: 1)
    let entries = log.withLock { $0 }
    try #require(entries.count == 2)
    #expect(entries[0].routePattern == "/r/{token}")
    #expect(entries[0].requestID == id)
    #expect(entries[0].status == 200)
    #expect(entries[0].requestBytes == 4)
    #expect(entries[0].responseBytes == 4)
    #expect(entries[0].durationMicroseconds > 0)
    #expect(entries[0].remoteAddress == "127.0.0.1")
    #expect(entries[1].routePattern == nil)
    #expect(entries[1].status == 404)
    #expect(!entries.contains { "\($0)".contains("secret") })
}

@Test func `says why it cannot listen`() async throws {
    let server = try HTTPServer(configuration: HTTPServerConfiguration(), handler: echo)
    var taken = HTTPServerConfiguration()
    taken.port = server.port
    let error = #expect(throws: HTTPServerError.self) { try HTTPServer(configuration: taken, handler: echo) }
    #expect(error?.code == .addressInUse)
    #expect(error?.message.contains("another program") == true)
    for host in ["256.1.1.1", "192.0.2.1"] {
        let elsewhere = HTTPServerConfiguration(host: host)
        let error = #expect(throws: HTTPServerError.self) {
            try HTTPServer(configuration: elsewhere, handler: echo)
        }
        #expect(error?.code == .invalidAddress)
    }
    await server.stop(graceSeconds: 0)
}

@Test func `listens on IPv6 too`() async throws {
    let server = try HTTPServer(
        configuration: HTTPServerConfiguration(host: "::"),
        handler: { request in
            .text(request.remoteAddress)
        })
    let answer = try await blocking { try get(server, "/") }
    #expect(answer.body == "127.0.0.1")
    await server.stop(graceSeconds: 1)
}
