import Domain
import Gate
import HTTPServer
import JSON
import Logging
import Store
import Testing
import Web

@Suite struct SettingsPageTests {
    private static let adminPages = ["/settings/people", "/settings/keys", "/settings/channels"]

    @Test func `what is not for a role is not shown to it and not done for it`() async throws {
        try await Desk.with { desk in
            for (name, mayRead) in [
                ("vera", false), ("alice", false), ("olivia", false), ("audrey", true), ("adam", true),
            ] {
                let browser = Browser(desk)
                _ = try await browser.logIn(name)
                for path in Self.adminPages {
                    let page = try await browser.open(path)
                    #expect(page.status == (mayRead ? 200 : 403), "\(name) \(path)")
                    let isAdmin = name == "adam"
                    #expect((page.form(to: path) != nil) == isAdmin, "\(name) \(path)")
                }
                #expect(try await browser.open("/settings").status == 200)
                #expect(try await browser.open("/settings/policy").status == 200)
            }
        }
    }

    @Test func `a role that may only look cannot send a form either`() async throws {
        try await Desk.with { desk in
            let auditor = Browser(desk)
            let own = try await auditor.logIn("audrey", next: "/settings")
            let nonce = try #require(own.form(to: "/settings")?.value("nonce"))
            for path in Self.adminPages + ["/settings/policy"] {
                let answer = try await auditor.send(
                    .post, path, form: [("nonce", nonce), ("action", "add"), ("pin", Desk.pin)])
                #expect(answer.status == 403)
            }
            #expect(try await desk.count("SELECT count(*) FROM users") == Desk.roles.count)
        }
    }

    @Test func `every form wants the PIN, and a wrong one changes nothing`() async throws {
        try await Desk.with { desk in
            let browser = Browser(desk)
            let page = try await browser.logIn("adam", next: "/settings/people")
            let form = try #require(page.form(to: "/settings/people"))
            let values = ["name": "newcomer", "role": "admin", "new_pin": "739104"]
            let without = try await browser.submit(form, values, button: ("action", "add"))
            #expect(without.status == 422 && without.text.contains("every change asks for it"))
            let wrong = try await browser.submit(
                form, values.merging(["pin": "000000"]) { $1 }, button: ("action", "add"))
            #expect(wrong.status == 403)
            #expect(wrong.html.contains("value=\"newcomer\"") && !wrong.html.contains("739104"))
            #expect(try await desk.count("SELECT count(*) FROM users WHERE name = 'newcomer'") == 0)
            let right = try await browser.submit(
                form, values.merging(["pin": Desk.pin]) { $1 }, button: ("action", "add"))
            #expect(right.status == 200 && right.text.contains("Added."))
            #expect(try await desk.count("SELECT count(*) FROM users WHERE name = 'newcomer'") == 1)
            let journaled = "SELECT count(*) FROM journal WHERE kind = 'user.added' AND actor = 'user:adam'"
            #expect(try await desk.count(journaled) == 1)
        }
    }

    @Test func `the last admin stays one, and nobody raises themselves beside another`() async throws {
        try await Desk.with { desk in
            let id = try #require(desk.people["adam"]?.id)
            let browser = Browser(desk)
            _ = try await browser.logIn("adam")
            func send(_ values: [String: String], _ action: String) async throws -> Page {
                let form = try #require(
                    try await browser.open("/settings/people/\(id)").form(to: "/settings/people/\(id)"))
                return try await browser.submit(
                    form, values.merging(["pin": Desk.pin]) { $1 }, button: ("action", action))
            }
            #expect(try await send(["role": "viewer"], "change").status == 409)
            #expect(try await send([:], "access-disable").status == 409)
            #expect(
                try await desk.count(
                    "SELECT count(*) FROM users WHERE role = 'admin' AND disabled_at IS NULL") == 1)
            await #expect(throws: (any Error).self) {
                try await desk.attack("UPDATE users SET role = 'viewer' WHERE name = 'adam'")
            }
            // Alone he may raise his limits; beside another admin he may only lower them.
            #expect(try await send(["role": "admin", "max_notional": "1000"], "change").status == 200)
            #expect(try await send(["role": "admin", "max_notional": "2000"], "change").status == 200)
            _ = try await desk.identity.addUser(
                NewUser(name: "ada", role: .admin), pin: Desk.pin, by: "cli:root")
            #expect(try await send(["role": "admin", "max_notional": "3000"], "change").status == 403)
            #expect(try await send(["role": "admin", "max_notional": ""], "change").status == 403)
            #expect(try await send(["role": "admin", "max_notional": "500"], "change").status == 200)
            #expect(
                try await desk.count("SELECT max_notional::integer FROM users WHERE name = 'adam'") == 500)
        }
    }

    @Test func `a key is shown once and opens what it says`() async throws {
        try await Desk.with { desk in
            let browser = Browser(desk)
            let page = try await browser.logIn("adam", next: "/settings/keys")
            let form = try #require(page.form(to: "/settings/keys"))
            let made = try await browser.submit(
                form, ["name": "scout", "scope": "read", "pin": Desk.pin], button: ("action", "create"))
            let start = try #require(made.html.firstRange(of: "csk_"))
            let key = String(made.html[start.lowerBound...].prefix { $0 != "<" && $0 != "…" })
            #expect(made.answer.header("Cache-Control") == "no-store")
            #expect(try await desk.get("/orders", as: key).status == 200)
            #expect(!(try await browser.open("/settings/keys").html.contains(key)))
            #expect(!desk.log.lines.contains { $0.contains(key) })
        }
    }

    @Test func `a new PIN of one's own ends every session`() async throws {
        try await Desk.with { desk in
            let (one, two) = (Browser(desk), Browser(desk))
            _ = try await two.logIn("alice")
            let page = try await one.logIn("alice", next: "/settings")
            let form = try #require(page.form(to: "/settings"))
            let unequal = try await one.submit(
                form, ["new_pin": "739104", "again": "739105", "pin": Desk.pin], button: ("action", "pin"))
            #expect(unequal.status == 422 && unequal.text.contains("is not the same"))
            _ = try await one.submit(
                form, ["new_pin": "739104", "again": "739104", "pin": Desk.pin], button: ("action", "pin"))
            for browser in [one, two] {
                #expect(
                    try await browser.send(.get, "/settings").header("Location")?.hasPrefix("/login") == true)
            }
            #expect(try await Browser(desk).logIn("alice", pin: "739104").text.contains("alice (approver)"))
        }
    }

    @Test func `one's own session is marked, and a wrong PIN speaks of no name`() async throws {
        try await Desk.with { desk in
            _ = try await Browser(desk).logIn("bob")
            let browser = Browser(desk)
            let page = try await browser.logIn("bob", next: "/settings")
            #expect(page.html.matches(of: /, this one</).count == 2, "in the list and in the choice")
            let form = try #require(page.forms.first { $0.buttons.contains { $0.1 == "session-all" } })
            let wrong = try await browser.submit(form, ["pin": "000000"], button: ("action", "session-all"))
            #expect(wrong.status == 403 && wrong.text.contains("The PIN is wrong."))
            #expect(!wrong.text.contains("The name or the PIN"))
        }
    }

    @Test func `nobody revokes somebody else's token or ends their session from their own page`() async throws
    {
        try await Desk.with { desk in
            let bob = Browser(desk)
            _ = try await bob.logIn("bob")
            let alice = Browser(desk)
            let page = try await alice.logIn("alice", next: "/settings")
            let form = try #require(page.form(to: "/settings"))
            let tokens = try await desk.identity.keys()
            let token = try #require(tokens.first { key in key.userName == "bob" })
            let bobID = try #require(desk.people["bob"]?.id)
            let session = try #require(try await desk.identity.sessions(of: bobID).first)
            #expect(
                try await alice.submit(
                    form, ["key": token.id.text, "pin": Desk.pin], button: ("action", "revoke")
                ).status == 404)
            #expect(
                try await alice.submit(
                    form, ["session": session.name, "pin": Desk.pin], button: ("action", "session-one")
                ).status == 404)
            #expect(try await bob.send(.get, "/settings").status == 200)
            #expect(try await desk.get("/orders", as: "bob").status == 200)
        }
    }
}
