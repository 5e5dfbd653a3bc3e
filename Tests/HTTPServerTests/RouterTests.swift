import HTTPServer
import Testing

private func router() -> Router {
    var router = Router()
    router.on(.get, "/") { _ in .text("root") }
    router.on(.get, "/proposals") { _ in .text("list") }
    router.on(.post, "/proposals") { _ in .text("created", status: 201) }
    router.on(.get, "/proposals/{id}") { .text("one \($0.parameters["id"] ?? "?")") }
    router.on(.delete, "/proposals/{id}") { .text("gone \($0.parameters["id"] ?? "?")") }
    router.on(.get, "/proposals/new") { _ in .text("new") }
    router.on(.get, "/proposals/{id}/votes/{number}") {
        .text("\($0.parameters["id"] ?? "?") \($0.parameters["number"] ?? "?")")
    }
    return router
}

private func respond(_ method: HTTPMethod, _ target: String) async throws -> HTTPResponse {
    await router().respond(to: try HTTPRequest(method, target))
}

private func text(_ response: HTTPResponse) -> String { String(decoding: response.bodyBytes, as: UTF8.self) }

@Test(arguments: [
    ("/", "root", "/"), ("/proposals", "list", "/proposals"), ("/proposals?id=1", "list", "/proposals"),
    ("/proposals/7", "one 7", "/proposals/{id}"), ("/proposals/new", "new", "/proposals/new"),
    ("/proposals/new/votes/2", "new 2", "/proposals/{id}/votes/{number}"),
    ("/proposals/a%2Fb", "one a/b", "/proposals/{id}"), ("/proposals/%C3%BC", "one ü", "/proposals/{id}"),
    ("/%70roposals", "list", "/proposals"), ("http://host/proposals/7", "one 7", "/proposals/{id}"),
])
func `finds the route, literals before parameters`(target: String, body: String, pattern: String) async throws
{
    let response = try await respond(.get, target)
    #expect(text(response) == body)
    #expect(response.routePattern == pattern)
    #expect(router().pattern(for: try HTTPRequest(.get, target)) == pattern)
}

@Test(arguments: [
    "/nothing", "/proposals/", "//proposals", "/proposals/1/votes", "/Proposals", "/proposals//votes/1",
])
func `knows what is not there`(target: String) async throws {
    let response = try await respond(.get, target)
    #expect(response.status == 404)
    #expect(response.routePattern == nil)
}

@Test func `names the methods that a path has`() async throws {
    let response = try await respond(.put, "/proposals")
    #expect(response.status == 405)
    #expect(response.headers.first("Allow") == "GET, HEAD, OPTIONS, POST")
    #expect(
        try await respond(.other("BREW"), "/proposals/7").headers.first("Allow")
            == "DELETE, GET, HEAD, OPTIONS")
}

@Test func `looks for a method beyond the literal`() async throws {
    #expect(try await text(respond(.delete, "/proposals/new")) == "gone new")
    #expect(try await respond(.put, "/proposals/new").headers.first("Allow") == "DELETE, GET, HEAD, OPTIONS")
}

@Test func `answers OPTIONS by itself`() async throws {
    let response = try await respond(.options, "/proposals")
    #expect(response.status == 204)
    #expect(response.headers.first("Allow") == "GET, HEAD, OPTIONS, POST")
    #expect(try await respond(.options, "/nothing").status == 404)
    #expect(try await respond(.options, "*").headers.first("Allow") == "DELETE, GET, HEAD, OPTIONS, POST")
}

@Test func `answers HEAD by GET without the body`() async throws {
    let response = try await respond(.head, "/proposals")
    #expect(response.status == 200)
    #expect(response.bodyBytes.isEmpty)
    #expect(response.headers.first("Content-Type") == "text/plain; charset=utf-8")
}

@Test func `answers errors in the body that was asked for`() async throws {
    var router = Router { status, id in .json("{\"status\":\(status),\"id\":\"\(id)\"}", status: 200) }
    router.on(.get, "/only") { _ in .text("x") }
    let missing = await router.respond(to: try HTTPRequest(.get, "/no", id: "r1"))
    #expect(missing.status == 404)
    #expect(text(missing) == "{\"status\":404,\"id\":\"r1\"}")
    #expect(await router.respond(to: try HTTPRequest(.post, "/only")).status == 405)
}

@Test func `lists its routes`() {
    let routes = router().routes.map { "\($0.method) \($0.pattern)" }.sorted()
    #expect(routes.count == 7)
    #expect(routes.contains("DELETE /proposals/{id}"))
}

@Test func `routes the same over a socket`() async throws {
    let router = router()
    try await serve({ _ in }, { await router.respond(to: $0) }) { server in
        let client = try RawClient(server.port)
        #expect(try client.get("/proposals/a%2fb").body == "one a/b")
        let head = try client.get("/proposals/7", method: "HEAD")
        #expect(head.status == 200)
        #expect(head.headers.first("Content-Length") == "5")
        #expect(
            try client.get("/proposals", method: "OPTIONS").headers.first("Allow")?.contains("POST") == true)
        #expect(try client.get("*", method: "OPTIONS").status == 204)
        let refused = try client.get("/proposals", method: "PATCH")
        #expect(refused.status == 405)
        #expect(refused.headers.first("Allow") == "GET, HEAD, OPTIONS, POST")
        #expect(try client.get("/proposals").body == "list")
    }
}
