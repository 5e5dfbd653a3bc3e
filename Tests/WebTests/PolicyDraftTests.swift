import Domain
import Gate
import HTTPServer
import JSON
import Store
import Testing
import Web

@Suite struct PolicyDraftTests {
    private static let tighter: JSONValue = [
        "preset": "guarded-5k", "limits": ["max_position_usd": "1234"],
    ]

    private func put(_ desk: Desk, as name: String, _ document: JSONValue = tighter) async throws -> Answer {
        try await desk.send(.put, "/api/v1/policy", as: name, body: document.bytes())
    }

    /// A second admin with a token of theirs.
    private func second(_ desk: Desk) async throws -> String {
        _ = try await desk.identity.addUser(NewUser(name: "ada", role: .admin), pin: Desk.pin, by: "cli:root")
        return try await desk.identity.createToken(named: "laptop", forUserNamed: "ada", by: "cli:root")
            .secret.text
    }

    @Test func `alone an admin applies limits at once`() async throws {
        try await Desk.with { (desk: Desk) async throws in
            let answer = try await put(desk, as: "adam")
            #expect(answer.status == 200 && answer.json["version"] == 2)
            #expect(try await desk.count("SELECT count(*) FROM policy_drafts") == 0)
        }
    }

    @Test func `beside another the limits wait for that other`() async throws {
        try await Desk.with { (desk: Desk) async throws in
            let ada = try await second(desk)
            let drafted = try await put(desk, as: "adam")
            #expect(drafted.status == 202)
            let id = drafted.json.id
            #expect(try await desk.get("/policy", as: "reader").json["version"] == 1)
            let own = try await desk.post("/policy/drafts/\(id)/accept", as: "adam", [:])
            #expect(own.status == 403 && own.problem == "second-person-required")
            for name in ["alice", "olivia", "audrey", "reader", "dee-bot"] {
                #expect(try await desk.post("/policy/drafts/\(id)/accept", as: name, [:]).status == 403)
                #expect(try await desk.post("/policy/drafts/\(id)/reject", as: name, [:]).status == 403)
            }
            let accepted = try await desk.post("/policy/drafts/\(id)/accept", as: ada, [:])
            #expect(accepted.status == 200 && accepted.json["version"] == 2)
            #expect(accepted.json["applied_by"] == "user:ada")
            #expect(try await desk.post("/policy/drafts/\(id)/accept", as: ada, [:]).status == 409)
            let versions = try await desk.get("/policy/versions", as: "reader").json
            #expect(versions["drafts"]?[0]?["state"] == "accepted")
            let kinds =
                "SELECT count(*) FROM journal WHERE kind IN ('policy.drafted', 'policy.draft_accepted')"
            #expect(try await desk.count(kinds) == 2)
        }
    }

    @Test func `a draft that was overtaken cannot be accepted`() async throws {
        try await Desk.with { (desk: Desk) async throws in
            let ada = try await second(desk)
            let id = try await put(desk, as: "adam").json.id
            let policies = Policies(desk.gate)
            _ = try await policies.apply(
                ["preset": "guarded-5k", "limits": ["max_position_usd": "1500"]], by: "cli:root")
            #expect(try await desk.post("/policy/drafts/\(id)/accept", as: ada, [:]).status == 409)
            #expect(try await desk.get("/policy", as: "reader").json["version"] == 2)
        }
    }

    @Test func `the database wants the second person too`() async throws {
        try await Desk.with { (desk: Desk) async throws in
            _ = try await second(desk)
            _ = try await put(desk, as: "adam")
            let accept = """
                UPDATE policy_drafts
                SET state = 'accepted', version = 1, decided_at = now(), decided_by = 'x', decided_by_user =
                """
            for attack in [
                "\(accept) proposed_by", "\(accept) (SELECT id FROM users WHERE name = 'alice')",
                "UPDATE policy_drafts SET document = '{}'", "DELETE FROM policy_drafts",
                "TRUNCATE policy_drafts",
            ] {
                await #expect(throws: (any Error).self) { try await desk.attack(attack) }
            }
            try await desk.attack("UPDATE users SET pin_given_at = now() WHERE name = 'ada'")
            let byAda = "\(accept) (SELECT id FROM users WHERE name = 'ada')"
            await #expect(throws: (any Error).self) { try await desk.attack(byAda) }
            try await desk.attack(
                "UPDATE users SET pin_given_at = now() - interval '25 hours' WHERE name = 'ada'")
            try await desk.attack(byAda)
        }
    }

    @Test func `nobody makes their own second person, by adding one or by setting a PIN anew`() async throws {
        try await Desk.with { (desk: Desk) async throws in
            let identity = desk.identity
            _ = try await identity.addUser(
                NewUser(name: "eve", role: .admin), pin: Desk.pin, by: "user:adam")
            let eve = try await identity.createToken(named: "laptop", forUserNamed: "eve", by: "user:eve")
                .secret.text
            // With her there the limits wait, and she does not count as whom they wait for.
            let draft = try await put(desk, as: "adam")
            #expect(draft.status == 202)
            let path = "/policy/drafts/\(draft.json.id)/accept"
            let refused = try await desk.post(path, as: eve, [:])
            #expect(refused.status == 403 && refused.problem == "second-person-required")
            #expect(refused.text.contains("within the last 24 hours"))
            // Nor does a change by her own hand shorten the day: whoever knows the PIN can make it.
            try await identity.setPIN(ofUserNamed: "eve", to: "739104", by: "user:eve")
            #expect(try await desk.post(path, as: eve, [:]).status == 403)
            // Somebody of long standing does count, until adam sets her PIN.
            let ada = try await second(desk)
            try await identity.setPIN(ofUserNamed: "ada", to: "739104", by: "user:adam")
            #expect(try await desk.post(path, as: ada, [:]).status == 403)
            #expect(try await desk.count("SELECT max(version) FROM policies") == 1)
            try await desk.attack(
                "UPDATE users SET pin_given_at = pin_given_at - interval '24 hours' WHERE name = 'ada'")
            #expect(try await desk.post(path, as: ada, [:]).status == 200)
        }
    }

    @Test func `a second person of one's own making does not let trading go on`() async throws {
        try await Desk.with { (desk: Desk) async throws in
            _ = try await desk.identity.addUser(
                NewUser(name: "oscar", role: .operator_), pin: Desk.pin, by: "user:adam")
            let oscar = try await desk.identity.createToken(
                named: "laptop", forUserNamed: "oscar", by: "user:oscar"
            ).secret.text
            #expect(try await desk.post("/emergency-stop", as: "adam", ["reason": "a test"]).status < 300)
            let refused = try await desk.post("/emergency-resume", as: oscar, ["reason": "go on"])
            #expect(refused.status == 403 && refused.problem == "second-person-required")
            #expect(try await desk.post("/emergency-resume", as: "olivia", ["reason": "go on"]).status == 200)
        }
    }

    @Test func `it is accepted on the page as well`() async throws {
        try await Desk.with { (desk: Desk) async throws in
            _ = try await second(desk)
            #expect(try await put(desk, as: "adam").status == 202)
            let ada = Browser(desk)
            let page = try await ada.logIn("ada", next: "/settings/policy")
            #expect(page.text.contains("waits for a second person") && page.text.contains("1234"))
            let form = try #require(page.forms.first { $0.buttons.contains { $0.1 == "draft-accept" } })
            let id = try #require(page.html.firstMatch(of: /option value="([0-9a-f-]{36})"/)?.output.1)
            let done = try await ada.submit(
                form, ["draft": String(id), "pin": Desk.pin], button: ("action", "draft-accept"))
            #expect(done.text.contains("These limits count now."))
            #expect(try await desk.get("/policy", as: "reader").json["version"] == 2)
        }
    }
}
