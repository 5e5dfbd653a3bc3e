import Domain
import HTTPClient
import HTTPServer
import Logging
import Testing
import Web

@Suite struct TransportTests {
    @Test(arguments: [
        ("desk.example.com", 200), ("DESK.EXAMPLE.COM:443", 200), ("desk.example.com.", 200),
        ("127.0.0.1:8080", 200), ("localhost", 200), ("[::1]:8080", 200), ("evil.example", 421),
        ("desk.example.com.evil.example", 421), ("desk.example.com:evil", 421), ("192.0.2.9:8080", 200),
        ("", 421),
        ("127.0.0.1.evil.example", 421), ("[::1", 421), ("desk.example.com, evil.example", 421),
        ("[2001:db8::7]:8080", 200), ("desk.internal", 421), ("192.0.2.9.", 421), ("[evil.example]", 421),
    ])
    func `a request that means another host is refused before anything looks at it`(
        host: String, status: Int
    ) async throws {
        try await Desk.with { (desk: Desk) async throws in
            var dependencies = desk.dependencies
            dependencies.listenHost = "0.0.0.0"
            let application = try WebApplication(dependencies)
            for path in ["/login", "/api/v1/proposals", "/metrics", "/static/style.css", "/nothing"] {
                let request = try HTTPRequest(.get, path, headers: ["Host": host])
                let answer = await application.respond(to: request)
                #expect((answer.status == 421) == (status == 421), "\(path)")
                #expect(answer.headers.first("Content-Security-Policy") != nil)
            }
            let health = await application.respond(
                to: try HTTPRequest(.get, "/healthz", headers: ["Host": host]))
            #expect(health.status == 200)
        }
    }

    @Test func `a program that shows its key may know the server by another name, a browser may not`()
        async throws
    {
        try await Desk.with { (desk: Desk) async throws in
            func status(_ path: String, _ headers: HTTPHeaders) async throws -> Int {
                var headers = headers
                headers.set("Host", "countersign:8080")
                return await desk.application.respond(to: try HTTPRequest(.get, path, headers: headers))
                    .status
            }
            let key = "Bearer \(desk.keys["reader"] ?? "")"
            #expect(try await status("/api/v1/orders", ["Authorization": key]) == 200)
            #expect(try await status("/api/v1/orders", ["Authorization": "Bearer csk_wrong"]) == 401)
            #expect(try await status("/api/v1/orders", [:]) == 421)
            #expect(try await status("/metrics", ["Authorization": key]) == 421)
            #expect(try await status("/login", ["Authorization": key]) == 421)
            #expect(try await status("/api/v1/orders", ["Authorization": key, "Cookie": "a=b"]) == 421)
            #expect(
                try await status("/api/v1/orders", ["Authorization": key, "Sec-Fetch-Site": "same-origin"])
                    == 421)
        }
    }

    @Test func `where the server listens on a name, that name is its own`() async throws {
        try await Desk.with { (desk: Desk) async throws in
            var dependencies = desk.dependencies
            dependencies.listenHost = "Desk.Internal"
            let application = try WebApplication(dependencies)
            let request = try HTTPRequest(.get, "/login", headers: ["Host": "desk.internal:8080"])
            #expect(await application.respond(to: request).status == 200)
        }
    }

    @Test func `two hosts in one request are none`() async throws {
        try await Desk.with { (desk: Desk) async throws in
            var headers: HTTPHeaders = ["Host": "desk.example.com"]
            headers.add("Host", "evil.example")
            #expect(try await desk.send(.get, "/login", headers: headers).status == 421)
        }
    }

    @Test(arguments: [
        ("10.0.0.1", ["198.51.100.7"], "198.51.100.7"), ("203.0.113.9", ["198.51.100.7"], "203.0.113.9"),
        ("10.0.0.1", ["1.2.3.4, 198.51.100.7, 10.0.0.2"], "198.51.100.7"),
        ("10.0.0.1", ["1.2.3.4", "198.51.100.7"], "198.51.100.7"), ("10.0.0.1", ["garbage"], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.7, garbage, 10.0.0.3"], "10.0.0.3"), ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["[2001:db8::1]:4711"], "2001:db8::1"),
        ("10.0.0.1", ["198.51.100.7:80"], "198.51.100.7"),
        ("::ffff:10.0.0.1", ["198.51.100.7"], "198.51.100.7"),
    ])
    func `a proxy is believed only where it is trusted`(
        socket: String, forwarded: [String], expected: String
    ) async throws {
        try await Desk.with { (desk: Desk) async throws in
            var dependencies = desk.dependencies
            dependencies.trustedProxies = try CIDR.list("10.0.0.0/24")
            let application = try WebApplication(dependencies)
            var headers: HTTPHeaders = [:]
            for line in forwarded { headers.add("X-Forwarded-For", line) }
            let request = try HTTPRequest(.get, "/healthz", headers: headers, remoteAddress: socket)
            #expect(await application.respond(to: request).clientAddress == expected)
        }
    }

    @Test func `nobody is believed where no proxy is named`() async throws {
        try await Desk.with { (desk: Desk) async throws in
            let request = try HTTPRequest(
                .get, "/healthz", headers: ["X-Forwarded-For": "198.51.100.7"], remoteAddress: "127.0.0.1")
            #expect(await desk.application.respond(to: request).clientAddress == "127.0.0.1")
        }
    }

    @Test func `metrics are for this machine and for keys that read`() async throws {
        try await Desk.with { (desk: Desk) async throws in
            func status(_ address: String, _ headers: HTTPHeaders = [:]) async throws -> Int {
                await desk.application.respond(
                    to: try HTTPRequest(.get, "/metrics", headers: headers, remoteAddress: address)
                ).status
            }
            func key(_ name: String) -> HTTPHeaders { ["Authorization": "Bearer \(desk.keys[name] ?? "")"] }
            #expect(try await status("127.0.0.1") == 200)
            #expect(try await status("::1") == 200)
            #expect(try await status("192.0.2.7") == 401)
            #expect(try await status("10.1.2.3") == 401)
            // A proxy on this machine that nobody named.
            #expect(try await status("127.0.0.1", ["X-Forwarded-For": "192.0.2.7"]) == 401)
            #expect(try await status("192.0.2.7", key("reader")) == 200)
            #expect(try await status("192.0.2.7", key("dee-bot")) == 403)
            #expect(try await status("127.0.0.1", ["Authorization": "Bearer csk_wrong"]) == 401)
        }
    }

    @Test func `the database is asked for metrics once a second at most`() async throws {
        try await Desk.with { (desk: Desk) async throws in
            var dependencies = desk.dependencies
            dependencies.now = { Timestamp(seconds: 1_800_000_000) }
            let application = try WebApplication(dependencies)
            func text() async throws -> String {
                String(
                    decoding: await application.respond(to: try HTTPRequest(.get, "/metrics")).bodyBytes,
                    as: UTF8.self)
            }
            #expect(try await text().contains("countersign_proposals_pending 0\n"))
            _ = try await desk.propose()
            #expect(try await text().contains("countersign_proposals_pending 0\n"))
            dependencies.now = { Timestamp(seconds: 1_800_000_001) }
            let later = try WebApplication(dependencies)
            let answer = await later.respond(to: try HTTPRequest(.get, "/metrics"))
            #expect(
                String(decoding: answer.bodyBytes, as: UTF8.self).contains(
                    "countersign_proposals_pending 1\n"))
        }
    }
}
