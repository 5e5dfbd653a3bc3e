import Domain
import HTTPServer
import JSON
import Testing

@Suite struct RightsAPITests {
    @Test func `nobody gets in without a key that is known`() async throws {
        try await Desk.with { desk in
            for name in [nil, "csk_wrong", "csk_\(String(repeating: "A", count: 43))"] {
                let answer = try await desk.get("/proposals", as: name)
                #expect(answer.status == 401)
                #expect(answer.problem == "unauthenticated")
                #expect(answer.header("WWW-Authenticate")?.hasPrefix("Bearer") == true)
            }
            let basic = try await desk.send(
                .get, "/api/v1/proposals", headers: ["Authorization": "Basic YTpi"])
            #expect(basic.status == 401)
        }
    }

    @Test(arguments: [
        ("siren", "GET", "/proposals"), ("dee-bot", "GET", "/orders"), ("alice", "POST", "/worker/sync"),
        ("dee-bot", "POST", "/worker/sync"), ("dee-bot", "GET", "/trading/status"),
        ("reader", "POST", "/proposals"),
        ("reader", "POST", "/emergency-stop"),
        ("dee-bot", "POST", "/emergency-stop"), ("alice", "POST", "/emergency-stop"),
        ("alice", "POST", "/halts"), ("reader", "POST", "/emergency-resume"), ("alice", "GET", "/audit"),
        ("reader", "GET", "/audit"), ("vera", "POST", "/proposals"), ("alice", "PUT", "/policy"),
        ("stopper", "PUT", "/policy"),
        ("dee-bot", "GET", "/events"), ("w1", "POST", "/proposals"), ("w1", "POST", "/emergency-stop"),
    ])
    func `a caller may do what the scope or role says and no more`(
        name: String, method: String, path: String
    ) async throws {
        try await Desk.with { desk in
            let answer = try await desk.send(
                HTTPMethod(method), "/api/v1" + path, as: name, body: Array("{}".utf8))
            #expect(answer.status == 403, "\(answer.text)")
            #expect(answer.problem == "not-allowed")
        }
    }

    @Test func `a key, a viewer and an auditor cannot decide`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            for name in ["dee-bot", "stopper", "vera", "audrey"] {
                let answer = try await desk.decide(proposal, "approve", as: name)
                #expect(answer.status == 403)
                #expect(answer.problem == "not-allowed")
            }
            #expect(try await desk.count("SELECT count(*) FROM decisions") == 0)
        }
    }

    @Test func `nobody decides on their own proposal`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose(as: "alice")
            let answer = try await desk.decide(proposal, "approve", as: "alice")
            #expect(answer.status == 403)
            #expect(answer.problem == "self-approval")
        }
    }

    @Test func `an address or method that is not there is told as a problem`() async throws {
        try await Desk.with { desk in
            let nowhere = try await desk.get("/nothing", as: "reader")
            #expect(nowhere.status == 404)
            #expect(nowhere.problem == "not-found")
            let method = try await desk.send(.delete, "/api/v1/proposals", as: "reader")
            #expect(method.status == 405)
            #expect(method.problem == "method-not-allowed")
            #expect(method.header("Allow") == "GET, HEAD, OPTIONS, POST")
            let command = try await desk.post("/commands/7/reports", as: "w1", [:])
            #expect(command.status == 404)
        }
    }
}
