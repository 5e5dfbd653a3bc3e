import Domain
import HTTPServer
import JSON
import Support
import Testing

@Suite struct DecisionAPITests {
    @Test func `an approval releases the order`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            let answer = try await desk.decide(proposal, "approve", as: "alice", ["comment": "fine"])
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer.json["state"] == "released")
            #expect(answer.json["order_state"] == "released")
            #expect(answer.json["decisions"]?[0]?["by"] == "alice")
            #expect(answer.json["decisions"]?[0]?["method"] == "token")
            #expect(answer.json["decisions"]?[0]?["comment"] == "fine")
        }
    }

    @Test func `the loser of a race is told who won, when and what`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            _ = try await desk.decide(proposal, "reject", as: "bob")
            let late = try await desk.decide(proposal, "approve", as: "alice")
            #expect(late.status == 409)
            #expect(late.problem == "already-decided")
            #expect(late.json["decided_by"] == "bob")
            #expect(late.json["state"] == "rejected")
            #expect(late.json["decided_at"] != nil)
        }
    }

    @Test func `an approval of another order is refused`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            let other = try await desk.decide(
                proposal, "approve", as: "alice", ["order_hash": .string(String(repeating: "a", count: 64))])
            #expect(other.status == 409)
            #expect(other.problem == "order-changed")
        }
    }

    @Test(
        arguments: [
            (["order_hash": "abc"], "/order_hash"), (["verdict": "maybe"], "/verdict"),
            (["verdict": nil], "/verdict"), (["qty": "41"], "/qty"), (["qty": "ten"], "/qty"),
            (["totp": "123456"], "/totp"), (["approver": "bob"], "/approver"), (["comment": 7], "/comment"),
        ] as [(JSONObject, String)])
    func `a decision with a wrong field is refused`(change: JSONObject, pointer: String) async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            let answer = try await desk.decide(proposal, "approve", as: "alice", change)
            #expect(answer.status == 422, "\(answer.text)")
            #expect(answer.json["errors"]?[0]?["pointer"]?.stringValue == pointer)
            #expect(try await desk.count("SELECT count(*) FROM decisions") == 0)
        }
    }

    /// Two approvals for what is proposed from here on.
    private func wantTwo(_ desk: Desk) async throws {
        try await desk.attack(
            """
            INSERT INTO policies (version, document, applied_by)
            SELECT 2, jsonb_set(document, '{approval}', '{"approvals": 2}'), 'system' FROM policies
            """)
    }

    @Test func `whoever saw the order before it was lowered is told who lowered it, when and to what`()
        async throws
    {
        try await Desk.with { desk in
            try await wantTwo(desk)
            let proposal = try await desk.propose()
            let lowered = try await desk.decide(proposal, "approve", as: "alice", ["qty": "25"])
            #expect(lowered.json["state"] == "pending", "\(lowered.text)")
            let late = try await desk.decide(proposal, "approve", as: "bob")
            #expect(late.status == 409 && late.problem == "order-changed")
            #expect(late.json["changed_by"] == "alice")
            #expect(late.json["changed_at"] == lowered.json["decisions"]?[0]?["at"])
            #expect(late.text.contains("it is for 25 shares now"), "\(late.text)")
        }
    }

    @Test func `one approval of two is not nobody, and is not taken back as if it were the decision`()
        async throws
    {
        try await Desk.with { desk in
            try await wantTwo(desk)
            let proposal = try await desk.propose()
            _ = try await desk.decide(proposal, "approve", as: "alice")
            let revoked = try await desk.post("/proposals/\(proposal.id)/revoke", as: "alice", [:])
            #expect(
                revoked.status == 409 && revoked.text.contains("Nothing is approved yet"), "\(revoked.text)")
            try await desk.attack(
                unguarded(
                    "UPDATE proposal_states SET expires_at = clock_timestamp() - interval '1 second'"))
            let late = try await desk.decide(proposal, "approve", as: "bob")
            #expect(late.status == 409 && late.problem == "expired")
            #expect(late.text.contains("1 of 2 approvals came in time"), "\(late.text)")
        }
    }

    @Test func `a person's limit is about what they approve, not about what was proposed`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose(["qty": "10"])
            try await desk.attack("UPDATE users SET max_notional = 600 WHERE name = 'alice'")
            #expect(try await desk.decide(proposal, "approve", as: "alice").status == 403)
            let over = try await desk.decide(proposal, "approve", as: "alice", ["qty": "6"])
            #expect(over.status == 403 && over.text.contains("about $709.20"), "\(over.text)")
            let lowered = try await desk.decide(proposal, "approve", as: "alice", ["qty": "5"])
            #expect(lowered.status == 200, "\(lowered.text)")
        }
    }

    @Test func `a quantity can be lowered with the approval`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            let answer = try await desk.decide(proposal, "approve", as: "alice", ["qty": "25"])
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer.json["qty"] == "25")
            #expect(answer.json["order_hash"] != proposal["order_hash"])
        }
    }

    @Test func `a decision after the deadline is refused though nobody swept`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            try await desk.attack(
                unguarded(
                    "UPDATE proposal_states SET expires_at = clock_timestamp() - interval '1 second'"))
            let answer = try await desk.decide(proposal, "approve", as: "alice")
            #expect(answer.status == 409)
            #expect(answer.problem == "expired")
            #expect(
                try await desk.get("/proposals/\(proposal.id)", as: "dee-bot").json["state"] == "expired")
        }
    }

    @Test func `an approval is taken back before the claim`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            _ = try await desk.decide(proposal, "approve", as: "alice")
            let answer = try await desk.post(
                "/proposals/\(proposal.id)/revoke", as: "bob", ["reason": "news"])
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer.json["order_state"] == "revoked")
            let again = try await desk.post("/proposals/\(proposal.id)/revoke", as: "bob", [:])
            #expect(again.status == 409)
        }
    }

    @Test func `what is no identity is not found`() async throws {
        try await Desk.with { desk in
            for id in ["7", "not-a-uuid", "00000000-0000-0000-0000-000000000000"] {
                #expect(try await desk.get("/proposals/\(id)", as: "alice").status == 404)
                let nothing: JSONValue = [
                    "id": .string(id), "order_hash": .string(String(repeating: "0", count: 64)),
                ]
                let answer = try await desk.decide(nothing, "approve", as: "alice")
                #expect(answer.status == 404)
            }
        }
    }
}
