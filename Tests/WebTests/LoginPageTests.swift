import Domain
import HTTPServer
import JSON
import Synchronization
import Testing

@Suite struct LoginPageTests {
    @Test func `cookies are for this host alone, unreadable to scripts, and go over TLS`() async throws {
        try await Desk.with { desk in
            let browser = Browser(desk)
            _ = try await browser.logIn("alice")
            let session = try #require(
                browser.setCookies.withLock { $0.first { $0.hasPrefix("__Host-countersign=") } })
            for attribute in ["; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax"] {
                #expect(session.contains(attribute))
            }
        }
    }

    @Test func `over plain HTTP the cookies still work`() async throws {
        try await Desk.with(publicURL: "http://127.0.0.1:8080") { desk in
            let browser = Browser(desk)
            #expect(try await browser.logIn("alice").text.contains("alice (approver)"))
            #expect(browser.cookie("countersign_session") != nil)
            let answer = try await browser.send(.get, "/")
            #expect(answer.header("Strict-Transport-Security") == nil)
        }
    }

    @Test func `a name that nobody has gets the same answer as a wrong PIN`() async throws {
        try await Desk.with { desk in
            let known = try await Browser(desk).logIn("alice", pin: "000000")
            let unknown = try await Browser(desk).logIn("mallory", pin: "000000")
            #expect(known.status == 403)
            #expect(unknown.status == 403)
            #expect(
                known.text.split(separator: " ").filter { $0 != "alice" }
                    == unknown.text.split(separator: " ").filter { $0 != "mallory" })
        }
    }

    @Test(arguments: [
        ("/proposals/7", "/proposals/7"), ("//evil.example", "/"), ("https://evil.example", "/"),
        ("/%5Cevil.example", "/"), ("/login?next=/login", "/"), ("javascript:alert(1)", "/"), ("", "/"),
        ("/%0d%0aSet-Cookie:x=1", "/"),
    ])
    func `after logging in one goes on within this server only`(next: String, expected: String) async throws {
        try await Desk.with { desk in
            let browser = Browser(desk)
            let page = try await browser.open("/login?next=\(next)")
            let form = try #require(page.forms.first)
            let answer = try await browser.send(
                .post, "/login",
                form: form.fields.filter { $0.0 == "nonce" || $0.0 == "next" } + [
                    ("name", "alice"), ("pin", Desk.pin),
                ])
            #expect(answer.status == 303)
            #expect(answer.header("Location") == expected)
        }
    }

    @Test func `a form from another browser logs nobody in`() async throws {
        try await Desk.with { desk in
            let form = try #require(try await Browser(desk).open("/login").forms.first)
            let victim = Browser(desk)
            _ = try await victim.open("/login")
            let page = try await victim.submit(form, ["name": "alice", "pin": Desk.pin])
            #expect(page.status == 403)
            #expect(victim.cookie("__Host-countersign") == nil)
        }
    }

    @Test func `logging in changes the session, logging out ends it`() async throws {
        try await Desk.with { desk in
            let browser = Browser(desk)
            _ = try await browser.logIn("alice")
            let first = try #require(browser.cookie("__Host-countersign"))
            let page = try await browser.open("/")
            let form = try #require(page.form(to: "/logout"))
            _ = try await browser.submit(form)
            #expect(browser.cookie("__Host-countersign") == nil)
            let stolen = try await Browser(desk).send(
                .get, "/", headers: ["Cookie": "__Host-countersign=\(first)"])
            #expect(stolen.status == 303)
            _ = try await browser.logIn("alice")
            #expect(browser.cookie("__Host-countersign") != first)
        }
    }

    @Test func `somebody else's session is told so on a personal link`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            let browser = Browser(desk)
            _ = try await browser.logIn("bob")
            let page = try await browser.open(try await desk.link(to: "alice", for: proposal))
            #expect(page.text.contains("was sent to alice. You are logged in as bob"))
            let form = try #require(page.form(to: "/proposals/\(proposal.id)"))
            _ = try await browser.submit(form, button: ("verdict", "reject"))
            let decided = try await desk.get("/proposals/\(proposal.id)", as: "reader").json["decisions"]
            #expect(decided?[0]?["by"] == "bob")
        }
    }
}
