import HTTPClient
import Support
import Testing

@Suite(.timeLimit(.minutes(10))) struct ConnectionReuseTests {
    private let ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

    /// Answers the first request of a connection and hangs up on the second, as servers do that tidy up.
    private func makeForgetfulServer() throws -> RawServer {
        try RawServer { connection, server in
            var count = 0
            while let request = connection.readRequest() {
                server.seen.note("\(request.prefix { $0 != " " }) on \(connection.number)")
                count += 1
                if count > 1 { return }
                connection.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            }
        }
    }

    @Test func `GETs share a connection`() async throws {
        let server = try RawServer { [ok] connection, server in
            while connection.readRequest() != nil {
                server.seen.note("\(connection.number)")
                connection.write(ok)
            }
        }
        let client = makeClient()
        for _ in 0..<3 { _ = try await client.send(HTTPClientRequest(.get, server.url())) }
        #expect(server.seen.all == ["1", "1", "1"])
    }

    @Test func `a POST arrives once although the kept connection is dead`() async throws {
        let server = try makeForgetfulServer()
        let client = makeClient()
        _ = try await client.send(HTTPClientRequest(.get, server.url()))
        _ = try await client.send(HTTPClientRequest(.post, server.url(), body: [1, 2, 3]))
        #expect(server.seen.all == ["GET on 1", "POST on 2"])
    }

    @Test func `a POST that loses its connection is not sent again`() async throws {
        let server = try RawServer { connection, server in
            while let request = connection.readRequest() {
                server.seen.note(String(request.prefix { $0 != " " }))
                if request.hasPrefix("POST") { return }
                connection.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            }
        }
        let client = makeClient()
        _ = try await client.send(HTTPClientRequest(.get, server.url()))
        let error = await failure(of: HTTPClientRequest(.post, server.url(), body: [1, 2, 3]), client)
        #expect(error?.kind == .interrupted)
        #expect(error?.sent == .maybe)
        #expect(server.seen.all == ["GET", "POST"])
    }

    /// The reason for `once`: this is what libcurl does by itself, to a POST as well.
    @Test(arguments: [HTTPClientRequest.Method.get, .post])
    func `a request that may be repeated survives a dead connection`(
        method: HTTPClientRequest.Method
    ) async throws {
        let server = try makeForgetfulServer()
        let client = makeClient()
        _ = try await client.send(HTTPClientRequest(.get, server.url()))
        let response = try await client.send(HTTPClientRequest(method, server.url(), once: false))
        #expect(response.status == 200)
        #expect(server.seen.all == ["GET on 1", "\(method.rawValue) on 1", "\(method.rawValue) on 2"])
    }

    @Test func `a client that is let go closes its connections`() async throws {
        let server = try RawServer { [ok] connection, server in
            _ = connection.readRequest()
            connection.write(ok)
            connection.waitForEnd()
            server.seen.note("closed")
        }
        _ = try await makeClient().send(HTTPClientRequest(.get, server.url()))
        try await server.seen.wait { $0 == ["closed"] }
    }

    @Test func `a kept connection does not carry a request its policy forbids`() async throws {
        let server = try RawServer.answering(ok)
        let client = makeClient()
        _ = try await client.send(HTTPClientRequest(.get, server.url()))
        let error = await failure(of: HTTPClientRequest(.get, server.url(), egress: .publicOnly), client)
        #expect(error?.kind == .blocked(address: "127.0.0.1"))
        #expect(error?.sent == .no)
        #expect(server.seen.all.count == 1)
    }
}
