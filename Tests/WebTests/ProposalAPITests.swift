import Domain
import HTTPServer
import JSON
import Testing
import Web

@Suite struct ProposalAPITests {
    @Test func `a bot proposes, and reads its proposal back`() async throws {
        try await Desk.with { desk in
            let made = try await desk.post("/proposals", as: "dee-bot", Desk.trade())
            #expect(made.status == 201, "\(made.text)")
            #expect(made.json["state"] == "pending")
            #expect(made.json["limit_price"] == "118.2")
            #expect(made.header("Location") == "/api/v1/proposals/\(made.json.id)")
            #expect(made.header("Cache-Control") == "no-store")
            let read = try await desk.get("/proposals/\(made.json.id)", as: "dee-bot")
            #expect(read.status == 200)
            #expect(read.json == made.json)
        }
    }

    @Test func `the same key and body is the same proposal, another body is refused`() async throws {
        try await Desk.with { desk in
            let key: HTTPHeaders = ["Idempotency-Key": "signal-17"]
            let first = try await desk.post("/proposals", as: "dee-bot", Desk.trade(), headers: key)
            let again = try await desk.post(
                "/proposals", as: "dee-bot",
                .object(JSONObject(Desk.trade().objectValue?.members.reversed() ?? [])), headers: key)
            #expect(first.status == 201)
            #expect(first.header("Idempotency-Replayed") == nil)
            #expect(again.status == 200)
            #expect(again.header("Idempotency-Replayed") == "true")
            #expect(again.json.id == first.json.id)
            let other = try await desk.post(
                "/proposals", as: "dee-bot", Desk.trade(["qty": "39"]), headers: key)
            #expect(other.status == 422)
            #expect(other.problem == "idempotency-mismatch")
            #expect(try await desk.count("SELECT count(*) FROM proposals") == 1)
        }
    }

    @Test(arguments: ["", "two\u{7F}", "é", String(repeating: "k", count: 256)])
    func `an idempotency key that cannot be kept is refused`(key: String) async throws {
        try await Desk.with { desk in
            let answer = try await desk.post(
                "/proposals", as: "dee-bot", Desk.trade(), headers: ["Idempotency-Key": key])
            #expect(answer.status == 400)
            #expect(answer.problem == "malformed")
        }
    }

    @Test func `every wrong field is named`() async throws {
        try await Desk.with { desk in
            let answer = try await desk.post(
                "/proposals", as: "dee-bot", Desk.trade(["qty": "-1", "side": "hold", "stoploss": 1]))
            #expect(answer.status == 422)
            #expect(answer.problem == "validation")
            #expect(answer.header("Content-Type") == "application/problem+json")
            let pointers = Set(
                (answer.json["errors"]?.arrayValue ?? []).compactMap { $0["pointer"]?.stringValue })
            #expect(pointers == ["/qty", "/side", "/stoploss"])
            #expect(try await desk.count("SELECT count(*) FROM proposals") == 0)
        }
    }

    @Test(arguments: [
        (#"{"symbol":"#, 400), ("", 400), ("[1,2", 400), (#"{"a":1,"a":2}"#, 400), ("NaN", 400),
        (#"{"qty":1e400}"#, 422), ("[]", 422), ("null", 422), ("\u{0}", 400),
        (String(repeating: "[", count: 5000), 400),
    ])
    func `what is no proposal gets the right 4xx`(body: String, status: Int) async throws {
        try await Desk.with { desk in
            let answer = try await desk.send(
                .post, "/api/v1/proposals", as: "dee-bot", body: Array(body.utf8))
            #expect(answer.status == status, "\(answer.text)")
            #expect(answer.json["status"] == .integer(status))
            #expect(try await desk.count("SELECT count(*) FROM proposals") == 0)
        }
    }

    @Test func `a request that is known by two names is refused, and a strategy of blanks is none`()
        async throws
    {
        try await Desk.with { desk in
            var headers: HTTPHeaders = ["Idempotency-Key": "signal-17"]
            headers.add("Idempotency-Key", "signal-18")
            let two = try await desk.post("/proposals", as: "dee-bot", Desk.trade(), headers: headers)
            #expect(two.status == 400 && two.text.contains("it must be one"), "\(two.text)")
            let blank = try await desk.post("/proposals", as: "dee-bot", Desk.trade(["strategy": "  "]))
            #expect(blank.status == 422 && blank.json["errors"]?[0]?["pointer"] == "/strategy")
            #expect(try await desk.count("SELECT count(*) FROM proposals") == 0)
        }
    }

    @Test func `what an order does not have is null`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            for name in ["stop_price", "take_profit"] { #expect(proposal[name] == .null, "\(name)") }
        }
    }

    @Test func `bytes that are not UTF-8 are refused`() async throws {
        try await Desk.with { desk in
            let body = Array(#"{"symbol":""#.utf8) + [0xFF, 0xFE] + Array(#""}"#.utf8)
            let answer = try await desk.send(.post, "/api/v1/proposals", as: "dee-bot", body: body)
            #expect(answer.status == 400)
        }
    }

    @Test func `a body of another type is refused, one without a type is taken as JSON`() async throws {
        try await Desk.with { desk in
            let form = try await desk.post(
                "/proposals", as: "dee-bot", Desk.trade(),
                headers: ["Content-Type": "application/x-www-form-urlencoded"])
            #expect(form.status == 415)
            let typed = try await desk.post(
                "/proposals", as: "dee-bot", Desk.trade(),
                headers: ["Content-Type": "application/json; charset=utf-8"])
            #expect(typed.status == 201)
        }
    }

    @Test func `lists go from the newest to the oldest by cursor and filter`() async throws {
        try await Desk.with { desk in
            var ids: [String] = []
            for qty in ["10", "11", "12"] { ids.append(try await desk.propose(["qty": .string(qty)]).id) }
            let first = try await desk.get("/proposals?limit=2", as: "reader")
            #expect(first.json["items"]?.arrayValue?.map(\.id) == [ids[2], ids[1]])
            let cursor = try #require(first.json["next_cursor"]?.stringValue)
            let second = try await desk.get("/proposals?limit=2&cursor=\(cursor)", as: "reader")
            #expect(second.json["items"]?.arrayValue?.map(\.id) == [ids[0]])
            #expect(second.json["next_cursor"] == .null)
            let none = try await desk.get("/proposals?symbol=AAPL&state=pending", as: "reader")
            #expect(none.json["items"] == [])
        }
    }

    @Test(arguments: [
        "limit=0", "limit=501", "limit=x", "cursor=bad", "cursor=czow", "state=open", "sate=pending",
    ])
    func `a parameter that makes no sense is refused`(query: String) async throws {
        try await Desk.with { desk in
            let answer = try await desk.get("/proposals?\(query)", as: "reader")
            #expect(answer.status == 422)
            let pointer = answer.json["errors"]?[0]?["pointer"]?.stringValue
            #expect(pointer == "/" + query.prefix { $0 != "=" })
        }
    }

    @Test func `a bot sees and withdraws its own proposals only`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            #expect(try await desk.get("/proposals/\(proposal.id)", as: "shorgan-bot").status == 404)
            #expect(
                try await desk.post("/proposals/\(proposal.id)/withdraw", as: "shorgan-bot", [:]).status
                    == 404)
            #expect(try await desk.get("/proposals", as: "shorgan-bot").json["items"] == [])
            let mine = try await desk.send(
                .post, "/api/v1/proposals/\(proposal.id)/withdraw", as: "dee-bot")
            #expect(mine.status == 200)
            #expect(mine.json["state"] == "withdrawn")
            let again = try await desk.post("/proposals/\(proposal.id)/withdraw", as: "dee-bot", [:])
            #expect(again.status == 409)
            #expect(again.problem == "already-decided")
        }
    }

    @Test func `a long poll answers when somebody decides`() async throws {
        try await Desk.with { desk in
            desk.application.start()
            let proposal = try await desk.propose()
            async let waited = desk.get("/proposals/\(proposal.id)?wait=60", as: "dee-bot")
            #expect(try await desk.decide(proposal, "reject", as: "alice").status == 200)
            #expect(try await waited.json["state"] == "rejected")
        }
    }

    @Test func `a long poll answers at once when the server stops`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            async let waited = desk.get("/proposals/\(proposal.id)?wait=60", as: "dee-bot")
            await desk.application.stop()
            let answer = try await waited
            #expect(answer.status == 200)
            #expect(answer.json["state"] == "pending")
        }
    }

    @Test func `a wait out of range is refused`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            #expect(try await desk.get("/proposals/\(proposal.id)?wait=61", as: "dee-bot").status == 422)
            #expect(try await desk.get("/proposals/\(proposal.id)?wait=-1", as: "dee-bot").status == 422)
        }
    }
}
