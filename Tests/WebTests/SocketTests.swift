import Domain
import HTTPClient
import HTTPServer
import JSON
import Logging
import Testing
import Web

/// The same application behind the real server.
@Suite struct SocketTests {
    @Test(.timeLimit(.minutes(10))) func `it answers over a socket as it does at the router`() async throws {
        try await Desk.with { desk in
            let application = desk.application
            let server = try HTTPServer(
                configuration: application.serverConfiguration(host: "127.0.0.1", port: 0),
                handler: { await application.respond(to: $0) })
            let client = HTTPClient(
                configuration: HTTPClientConfiguration(
                    userAgent: "tests", egress: try EgressPolicy(parsing: "127.0.0.0/8")))
            func send(
                _ method: HTTPClientRequest.Method, _ path: String, _ body: [UInt8] = [],
                as name: String = "dee-bot"
            ) async throws -> HTTPClientResponse {
                try await client.send(
                    HTTPClientRequest(
                        method, "http://127.0.0.1:\(server.port)\(path)",
                        headers: [("Authorization", "Bearer \(desk.keys[name] ?? "")")], body: body))
            }
            let made = try await send(.post, "/api/v1/proposals", Desk.trade().bytes())
            #expect(made.status == 201)
            let large = try await send(
                .post, "/api/v1/proposals", [UInt8](repeating: 0x20, count: 1_100_000))
            #expect(large.status == 413)
            #expect(try JSONParser.parse(large.body)["type"] == "/problems/too-large")
            let missing = try await send(.get, "/api/v1/nothing")
            #expect(missing.status == 404)
            #expect(try JSONParser.parse(missing.body)["type"] == "/problems/not-found")
            // A request is counted and logged when its answer is out, which the client may see before.
            while !desk.log.lines.contains(where: {
                $0.contains("/api/v1/proposals") && $0.contains("http.request")
            }) { await Task.yield() }
            #expect(!desk.log.lines.contains { $0.contains(desk.keys["dee-bot"] ?? "none") })
            _ = try await send(.get, "/r/secret-token")
            let counted = #"countersign_http_requests_total{method="GET",route="/r/{token}",status="404"} 1"#
            var metrics = ""
            while !metrics.contains(counted) {
                metrics = String(decoding: try await send(.get, "/metrics", as: "reader").body, as: UTF8.self)
            }
            #expect(!desk.log.lines.contains { $0.contains("secret-token") })
            await server.stop(graceSeconds: 1)
        }
    }

    @Test(.timeLimit(.minutes(10)))
    func `routine requests of machines are logged at debug, unless they fail`() async throws {
        try await Desk.with { desk in
            let application = desk.application
            let server = try HTTPServer(
                configuration: application.serverConfiguration(host: "127.0.0.1", port: 0),
                handler: { await application.respond(to: $0) })
            let client = HTTPClient(
                configuration: HTTPClientConfiguration(
                    userAgent: "tests", egress: try EgressPolicy(parsing: "127.0.0.0/8")))
            // Each route, how it is asked, and the level that its line has.
            let asked: [(method: HTTPClientRequest.Method, path: String, level: String)] = [
                (.get, "/healthz", "debug"), (.get, "/readyz", "debug"), (.get, "/metrics", "debug"),
                (.post, "/api/v1/worker/sync", "info"), (.get, "/login", "info"),
            ]
            for each in asked {
                _ = try await client.send(
                    HTTPClientRequest(each.method, "http://127.0.0.1:\(server.port)\(each.path)"))
            }
            func line(_ route: String) throws -> JSONValue? {
                try desk.log.lines.map { try JSONParser.parse(Array($0.utf8)) }.first {
                    $0["event"] == "http.request" && $0["route"]?.stringValue == route
                }
            }
            for each in asked {
                while try line(each.path) == nil { await Task.yield() }
                #expect(try line(each.path)?["level"]?.stringValue == each.level, "\(each.path)")
            }
            await server.stop(graceSeconds: 1)
        }
    }
}
