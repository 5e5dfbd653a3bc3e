import Domain
import HTTPServer
import JSON
import Testing

@Suite struct HaltAPITests {
    @Test func `an emergency stop cancels what is pending and unclaimed, and says what`() async throws {
        try await Desk.with { desk in
            let pending = try await desk.propose(["qty": "10"])
            let approved = try await desk.propose(["qty": "11"])
            let order = try await desk.decide(approved, "approve", as: "alice").json["order_id"]
            let foreseen = try await desk.post(
                "/emergency-stop", as: "stopper", ["reason": "drill", "dry_run": true])
            #expect(foreseen.json["dry_run"] == true)
            #expect(foreseen.json["cancelled"]?["proposals"] == [.string(pending.id)])
            #expect(try await desk.state(of: pending) == "pending")
            let stopped = try await desk.post(
                "/emergency-stop", as: "stopper", ["reason": "fire", "flatten": true])
            #expect(stopped.status == 200)
            #expect(stopped.json["trading_state"] == "halted")
            #expect(stopped.json["cancelled"]?["proposals"] == [.string(pending.id)])
            #expect(stopped.json["cancelled"]?["orders"] == .array([order].compactMap(\.self)))
            #expect(stopped.json["command"]?["kind"] == "flatten")
            #expect(foreseen.json["at_broker"]?["would_close"] != nil)
            #expect(try await desk.state(of: pending) == "cancelled")
            let status = try await desk.get("/trading/status", as: "reader").json
            #expect(status["trading_state"] == "halted")
            #expect(status["trading_enabled"] == false)
            let blocked = try await desk.propose(["qty": "12"])
            #expect(blocked["state"] == "blocked")
        }
    }

    @Test func `who stopped does not alone let it go on`() async throws {
        try await Desk.with { desk in
            _ = try await desk.post("/emergency-stop", as: "olivia", ["reason": "fire"])
            let alone = try await desk.post("/emergency-resume", as: "olivia", ["reason": "over"])
            #expect(alone.status == 403)
            #expect(alone.problem == "second-person-required")
            let factor = try await desk.post(
                "/emergency-resume", as: "otto", ["reason": "over", "limits_factor": "1.5"])
            #expect(factor.status == 422)
            let resumed = try await desk.post("/emergency-resume", as: "otto", ["reason": "over"])
            #expect(resumed.status == 200)
            #expect(resumed.json["trading_state"] == "active")
            #expect(resumed.json["cleared"]?.arrayValue?.count == 1)
        }
    }

    @Test(
        arguments: [
            (["scope": "symbol", "reason": "x"], "/target"), (["scope": "galaxy", "reason": "x"], "/scope"),
            (["scope": "account", "target": "NVDA", "reason": "x"], "/target"),
            (["scope": "account", "reason": " "], "/reason"), (["reason": "x"], "/scope"),
        ] as [(JSONObject, String)])
    func `a halt that makes no sense stops nothing`(body: JSONObject, pointer: String) async throws {
        try await Desk.with { desk in
            let answer = try await desk.post("/halts", as: "olivia", .object(body))
            #expect(answer.status == 422)
            #expect(answer.json["errors"]?[0]?["pointer"]?.stringValue == pointer)
            #expect(try await desk.count("SELECT count(*) FROM halts") == 0)
        }
    }

    @Test func `one strategy is stopped and cleared once`() async throws {
        try await Desk.with { desk in
            let made = try await desk.post(
                "/halts", as: "olivia", ["scope": "strategy", "target": "catalyst", "reason": "odd fills"])
            #expect(made.status == 201)
            let id = try #require(made.json["halt"]?["id"]?.stringValue)
            #expect(made.json["trading_state"] == "active")
            let cleared = try await desk.post("/halts/\(id)/clear", as: "otto", ["reason": "explained"])
            #expect(cleared.status == 200)
            #expect(cleared.json["cleared_by"] == "user:otto")
            #expect(try await desk.post("/halts/\(id)/clear", as: "otto", ["reason": "x"]).status == 409)
            #expect(try await desk.get("/halts?open=true", as: "reader").json["items"] == [])
            #expect(try await desk.get("/halts", as: "reader").json["items"]?.arrayValue?.count == 1)
        }
    }
}
