import Domain
import Gate
import HTTPServer
import JSON
import Postgres
import Testing
import Web

@Suite struct OperationTests {
    @Test func `the document names exactly the routes that there are`() async throws {
        try await Desk.with { desk in
            let document = try await desk.send(.get, "/openapi.json").json
            var documented: Set<String> = []
            for path in document["paths"]?.objectValue?.members ?? [] {
                for method in path.value.objectValue?.keys ?? [] {
                    documented.insert("\(method.uppercased()) \(path.key)")
                }
            }
            let operations = ["/healthz", "/readyz", "/metrics", "/openapi.json"]
            let routes = desk.application.router.routes.filter {
                $0.pattern.hasPrefix("/api/") || operations.contains($0.pattern)
            }
            #expect(documented == Set(routes.map { "\($0.method) \($0.pattern)" }))
        }
    }

    @Test func `every reference in the document leads somewhere`() async throws {
        try await Desk.with { desk in
            let document = try await desk.send(.get, "/openapi.json").json
            var references: [String] = []
            func collect(_ value: JSONValue) {
                for element in value.arrayValue ?? [] { collect(element) }
                for (key, value) in value.objectValue?.members ?? [] {
                    if key == "$ref", let target = value.stringValue { references.append(target) }
                    collect(value)
                }
            }
            collect(document)
            #expect(references.count > 100)
            for reference in Set(references) {
                let steps = reference.split(separator: "/").dropFirst()
                let target = steps.reduce(Optional(document)) { $0?[String($1)] }
                #expect(target != nil, "\(reference)")
            }
        }
    }

    @Test func `a proposal has the members that the document says it has`() async throws {
        try await Desk.with { desk in
            let schema = try await desk.send(.get, "/openapi.json").json["components"]?["schemas"]?[
                "Proposal"]
            let proposal = try await desk.propose()
            let required = Set((schema?["required"]?.arrayValue ?? []).compactMap(\.stringValue))
            let known = Set(schema?["properties"]?.objectValue?.keys ?? [])
            let present = Set(proposal.objectValue?.keys ?? [])
            #expect(required.subtracting(present) == [])
            #expect(present.subtracting(known) == [])
        }
    }

    @Test func `it is up, ready, and tells numbers`() async throws {
        try await Desk.with { desk in
            _ = try await desk.propose()
            #expect(try await desk.send(.get, "/healthz").json["status"] == "ok")
            let ready = try await desk.send(.get, "/readyz")
            #expect(ready.status == 200)
            #expect(ready.json["checks"]?["database"] == "ok")
            let metrics = try await desk.send(.get, "/metrics").text
            #expect(metrics.contains("countersign_proposals_pending 1\n"))
            #expect(metrics.contains("countersign_database_up 1\n"))
        }
    }

    @Test func `with the database gone requests fail fast and say when to try again`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            let browser = Browser(desk)
            _ = try await browser.logIn("alice")
            await desk.gate.pool.close()
            let answer = try await desk.post("/proposals", as: "dee-bot", Desk.trade())
            #expect(answer.status == 503)
            #expect(answer.problem == "unavailable")
            #expect(answer.header("Retry-After") == "2")
            #expect(try await desk.send(.get, "/healthz").status == 200)
            #expect(try await desk.send(.get, "/readyz").status == 503)
            let metrics = try await desk.send(.get, "/metrics")
            #expect(metrics.status == 200 && metrics.text.contains("countersign_database_up 0\n"))
            let page = try await browser.send(.get, "/proposals/\(proposal.id)")
            #expect(page.status == 503)
            #expect(!page.text.contains("approve") && page.text.contains("Not available at the moment"))
        }
    }
}
