import HTTPClient
import Support
import Testing

@Suite(.timeLimit(.minutes(10))) struct HTTPClientTests {
    private let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Two:  a\t\r\nx-two: b\r\n\r\nok"

    @Test func `a GET brings status, headers and body`() async throws {
        let server = try RawServer.answering(ok)
        let response = try await makeClient().send(
            HTTPClientRequest(.get, server.url("/a?b=c"), headers: [("X-Empty", ""), ("X-One", "1")]))
        #expect(response.status == 200)
        #expect(response.isSuccess)
        #expect(response.text == "ok")
        #expect(response.header("x-TWO") == "a")
        #expect(response.headers.map(\.1) == ["2", "a", "b"])
        #expect(
            server.seen.all == [
                "GET /a?b=c HTTP/1.1\nHost: 127.0.0.1:\(server.port)\nUser-Agent: Tester/1.0\nAccept: */*\n"
                    + "X-Empty:\nX-One: 1\n\n"
            ])
    }

    @Test func `a POST sends its bytes and nothing of libcurl's own`() async throws {
        let server = try RawServer.answering(ok)
        let body = Array("{\"a\":1}\n\u{0}end".utf8)
        _ = try await makeClient().send(
            HTTPClientRequest(
                .post, server.url(), headers: [("Content-Type", "application/json")], body: body))
        let request = try #require(server.seen.all.first)
        #expect(request.hasPrefix("POST / HTTP/1.1\n"))
        #expect(request.contains("Content-Type: application/json\n"))
        #expect(request.contains("Content-Length: \(body.count)\n"))
        #expect(!request.contains("Expect"))
        #expect(request.hasSuffix("\n\n{\"a\":1}\n\u{0}end"))
    }

    @Test func `an empty POST says so and has no invented type`() async throws {
        let server = try RawServer.answering(ok)
        _ = try await makeClient().send(HTTPClientRequest(.post, server.url()))
        let request = try #require(server.seen.all.first)
        #expect(request.contains("Content-Length: 0\n"))
        #expect(!request.contains("Content-Type"))
    }

    @Test(arguments: [HTTPClientRequest.Method.put, .patch, .delete, .post])
    func `a large body arrives whole by every method`(method: HTTPClientRequest.Method) async throws {
        let server = try RawServer.answering(ok)
        let body = [UInt8](repeating: UInt8(ascii: "x"), count: 1_000_000)
        _ = try await makeClient().send(HTTPClientRequest(method, server.url(), body: body))
        let request = try #require(server.seen.all.first)
        #expect(request.hasPrefix("\(method.rawValue) / HTTP/1.1\n"))
        #expect(request.utf8.reversed().prefix { $0 == UInt8(ascii: "x") }.count == body.count)
    }

    @Test func `DELETE and HEAD without body work`() async throws {
        let server = try RawServer.answering("HTTP/1.1 204 No Content\r\n\r\n")
        let client = makeClient()
        #expect(try await client.send(HTTPClientRequest(.delete, server.url())).status == 204)
        #expect(try await client.send(HTTPClientRequest(.head, server.url())).status == 204)
        #expect(server.seen.all.map { String($0.prefix(6)) } == ["DELETE", "HEAD /"])
    }

    @Test(arguments: [301, 302, 307, 400, 404, 429, 500, 503])
    func `redirects and errors are answers, and nobody is followed`(status: Int) async throws {
        let server = try RawServer { connection, server in
            while let request = connection.readRequest() {
                server.seen.note(request)
                connection.write(
                    "HTTP/1.1 \(status) X\r\nLocation: \(server.url("/other"))\r\nContent-Length: 0\r\n\r\n")
            }
        }
        let response = try await makeClient().send(HTTPClientRequest(.get, server.url()))
        #expect(response.status == status)
        #expect(server.seen.all.count == 1)
    }

    @Test func `chunked bodies are joined, interim answers and trailers skipped`() async throws {
        let server = try RawServer.answering(
            "HTTP/1.1 103 Early Hints\r\nX-Hint: 1\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "3\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: 1\r\n\r\n")
        let response = try await makeClient().send(HTTPClientRequest(.get, server.url()))
        #expect(response.text == "abcde")
        #expect(response.headers.map(\.0) == ["Transfer-Encoding"])
    }

    @Test func `a body without length ends with the connection`() async throws {
        let server = try RawServer { connection, _ in
            _ = connection.readRequest()
            connection.write("HTTP/1.0 200 OK\r\n\r\nuntil the end")
        }
        let response = try await makeClient().send(HTTPClientRequest(.post, server.url()))
        #expect(response.text == "until the end")
    }

    @Test func `proxies come from the configuration, never from the environment`() async throws {
        let proxy = try RawServer.answering(ok)
        let client = makeClient(egress: .publicOnly, proxyURL: proxy.url())
        _ = try await client.send(HTTPClientRequest(.get, "http://service.invalid/path"))
        #expect(proxy.seen.all.first?.hasPrefix("GET http://service.invalid/path HTTP/1.1\n") == true)
    }

    @Test func `more requests than the limit wait their turn and all come back`() async throws {
        let server = try RawServer { connection, server in
            while let request = connection.readRequest() {
                server.seen.note("in")
                server.seen.note("out")
                connection.write("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1")
                _ = request
            }
        }
        let client = makeClient(concurrencyLimit: 1)
        let statuses = await withTaskGroup(of: Int?.self) { group in
            for index in 0..<40 {
                let method: HTTPClientRequest.Method = index.isMultiple(of: 2) ? .get : .post
                group.addTask { try? await client.send(HTTPClientRequest(method, server.url())).status }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses == Array(repeating: 200, count: 40))
        let entries = server.seen.all
        #expect(entries == Array(repeating: ["in", "out"], count: 40).flatMap { $0 })
    }

    @Test func `many at once share one client`() async throws {
        let server = try RawServer.answering(ok)
        let client = makeClient()
        let statuses = await withTaskGroup(of: Int?.self) { group in
            for _ in 0..<200 {
                group.addTask { try? await client.send(HTTPClientRequest(.get, server.url())).status }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses == Array(repeating: 200, count: 200))
    }
}
