import HTTPClient
import Support
import Testing

@Suite(.timeLimit(.minutes(10))) struct HTTPClientFailureTests {
    @Test(arguments: [
        "", "127.0.0.1", "/path", "file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "http://",
        "smtp://127.0.0.1", "http://127.0.0.1/\r\nX: 1", "http://127.0.0.1/\u{0}",
        "http://a b/",
        "javascript:alert(1)", "dict://127.0.0.1:11211/stat",
    ])
    func `other URLs are refused before anything is sent`(url: String) async {
        let error = await failure(of: HTTPClientRequest(.get, url))
        #expect(error?.kind == .invalidRequest)
        #expect(error?.sent == .no)
    }

    @Test(arguments: [
        ("X-A", "1\r\nX-B: 2"), ("X-A", "1\n"), ("X-A", "1\u{0}"), ("X-A", "1\r"), ("X-A\r\n", "1"),
        ("X A", "1"),
        ("", "1"), ("X:A", "1"), ("X-A", "\u{7f}"), ("Content-Length", "1"), ("transfer-encoding", "chunked"),
        ("Connection", "close"),
    ])
    func `headers that could become two are refused`(name: String, value: String) async throws {
        let server = try RawServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        let error = await failure(of: HTTPClientRequest(.post, server.url(), headers: [(name, value)]))
        #expect(error?.kind == .invalidRequest)
        #expect(error?.sent == .no)
        #expect(server.seen.all.isEmpty)
    }

    @Test func `a body as long as allowed passes and one byte more does not`() async throws {
        let server = try RawServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789")
        let client = makeClient()
        let exact = try await client.send(HTTPClientRequest(.get, server.url(), maxResponseBytes: 10))
        #expect(exact.body.count == 10)
        let error = await failure(of: HTTPClientRequest(.post, server.url(), maxResponseBytes: 9), client)
        #expect(error?.kind == .tooLarge)
        #expect(error?.sent == .maybe)
        #expect(error?.status == 200)
    }

    @Test func `a HEAD may announce any length`() async throws {
        let server = try RawServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 5000000000\r\n\r\n")
        let response = try await makeClient().send(HTTPClientRequest(.head, server.url()))
        #expect(response.status == 200)
        #expect(response.body.isEmpty)
    }

    @Test func `an endless body is cut off`() async throws {
        let server = try RawServer { connection, _ in
            _ = connection.readRequest()
            connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while connection.write("8\r\n01234567\r\n") {}
        }
        let error = await failure(of: HTTPClientRequest(.get, server.url(), maxResponseBytes: 100_000))
        #expect(error?.kind == .tooLarge)
    }

    @Test func `endless headers are cut off`() async throws {
        let server = try RawServer { connection, _ in
            _ = connection.readRequest()
            connection.write("HTTP/1.1 200 OK\r\n")
            while connection.write("X-More: 0123456789012345678901234567890123456789\r\n") {}
        }
        let error = await failure(of: HTTPClientRequest(.get, server.url()))
        #expect(error?.kind == .tooLarge)
    }

    @Test(arguments: [
        "hello\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n", "SSH-2.0-OpenSSH_9\r\n", "HTTP/9.9 200 OK\r\n\r\n",
    ])
    func `what is not HTTP is malformed`(answer: String) async throws {
        let server = try RawServer { connection, _ in
            _ = connection.readRequest()
            connection.write(answer)
        }
        let error = await failure(of: HTTPClientRequest(.post, server.url()))
        #expect(error?.kind == .malformed)
        #expect(error?.sent == .maybe)
    }

    @Test(arguments: ["", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234"])
    func `a connection that ends early is an interruption`(answer: String) async throws {
        let server = try RawServer { connection, _ in
            _ = connection.readRequest()
            connection.write(answer)
        }
        let error = await failure(of: HTTPClientRequest(.post, server.url()))
        #expect(error?.kind == .interrupted)
        #expect(error?.sent == .maybe)
    }

    @Test func `a server that never answers is left in time`() async throws {
        let server = try RawServer { connection, _ in
            _ = connection.readRequest()
            connection.waitForEnd()
        }
        var error: HTTPClientError?
        // On a busy machine the time may be up before anything is sent.
        for seconds in [0.2, 2, 20] where error?.sent != .maybe {
            error = await failure(of: HTTPClientRequest(.post, server.url(), timeoutSeconds: seconds))
        }
        #expect(error?.kind == .timedOut)
        #expect(error?.sent == .maybe)
    }

    @Test func `nothing was sent where nobody listens`() async throws {
        // A port that was just free and is closed again: bound by a server that is gone.
        let port = try RawServer { _, _ in }.port
        let error = await failure(of: HTTPClientRequest(.post, "http://127.0.0.1:\(port)/"))
        #expect(error?.kind == .connect)
        #expect(error?.sent == .no)
    }

    @Test func `a name without address is not resolved`() async {
        let error = await failure(of: HTTPClientRequest(.post, "http://nobody.invalid/"))
        #expect(error?.kind == .resolve)
        #expect(error?.sent == .no)
    }

    @Test func `errors never show path, query or credentials`() async throws {
        let port = try RawServer { _, _ in }.port
        let hung = try RawServer { connection, _ in _ = connection.readRequest() }
        for origin in ["127.0.0.1:\(port)", "127.0.0.1:\(hung.port)", "nobody.invalid", "10.0.0.1"] {
            let url = "http://us3r:passw0rd@\(origin)/services/T0P/s3cret?key=hidden#part"
            let error = try #require(await failure(of: HTTPClientRequest(.post, url)))
            #expect(error.message.contains("http://\(origin)"))
            for secret in ["us3r", "passw0rd", "services", "s3cret", "hidden", "part"] {
                #expect(!"\(error) \(String(reflecting: error))".contains(secret), "\(error)")
            }
        }
    }

    @Test func `a cancelled task lets go of its request`() async throws {
        let server = try RawServer { connection, server in
            _ = connection.readRequest()
            server.seen.note("asked")
            connection.waitForEnd()
            server.seen.note("left")
        }
        let client = makeClient()
        let request = HTTPClientRequest(.post, server.url(), timeoutSeconds: 60)
        let task = Task { await failure(of: request, client) }
        try await server.seen.wait { !$0.isEmpty }
        task.cancel()
        let error = await task.value
        #expect(error?.kind == .cancelled)
        #expect(error?.sent == .maybe)
        try await server.seen.wait { $0 == ["asked", "left"] }
    }

    @Test func `a task cancelled beforehand sends nothing`() async throws {
        let server = try RawServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        let client = makeClient()
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return await failure(of: HTTPClientRequest(.post, server.url()), client)
        }
        task.cancel()
        let error = await task.value
        #expect(error?.kind == .cancelled)
        #expect(error?.sent == .no)
        #expect(server.seen.all.isEmpty)
    }
}
