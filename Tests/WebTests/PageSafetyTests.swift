import Domain
import HTTPServer
import JSON
import Logging
import Testing

@Suite struct PageSafetyTests {
    @Test func `a robot that gets, heads and posts everything leaves the proposal pending`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            let robot = Browser(desk)
            for start in [try await desk.link(to: "alice", for: proposal), "/proposals/\(proposal.id)"] {
                for method in [HTTPMethod.get, .head, .options] { _ = try await robot.send(method, start) }
                let page = try await robot.open(start)
                for form in page.forms {
                    for button in form.buttons + [("", "")] {
                        _ = try await robot.submit(form, button: button, headers: [:])
                        _ = try await robot.submit(form, ["pin": "1234"], button: button)
                    }
                }
                _ = try await robot.send(.post, start, form: [("verdict", "approve")])
            }
            #expect(try await desk.state(of: proposal) == "pending")
            #expect(try await desk.count("SELECT count(*) FROM decisions") == 0)
            #expect(try await desk.count("SELECT count(*) FROM halts") == 0)
        }
    }

    @Test func `a stranger sees nothing of a proposal, existing or not`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            let real = try await Browser(desk).send(.get, "/proposals/\(proposal.id)")
            let missing = try await Browser(desk).send(
                .get, "/proposals/00000000-0000-7000-8000-000000000000")
            #expect(real.status == 303)
            #expect(missing.status == 303)
            #expect(real.header("Location") == "/login?next=/proposals/\(proposal.id)")
            #expect(real.text.isEmpty)
            for path in ["/", "/history", "/orders", "/halts", "/orders/7"] {
                let answer = try await Browser(desk).send(.get, path)
                #expect(answer.status == 303)
                #expect(answer.header("Location")?.hasPrefix("/login") == true)
            }
        }
    }

    @Test func `a link opens its own proposal and nothing else`() async throws {
        try await Desk.with { desk in
            let (one, other) = (try await desk.propose(["qty": "10"]), try await desk.propose(["qty": "11"]))
            let browser = Browser(desk)
            #expect(try await browser.open(try await desk.link(to: "alice", for: one)).status == 200)
            #expect(try await browser.open("/proposals/\(other.id)").address.hasPrefix("/login"))
            // The cookie of one put forward for the other by hand.
            let token = try #require(browser.cookie("__Secure-countersign-link"))
            let forged = try await Browser(desk).send(
                .get, "/proposals/\(other.id)", headers: ["Cookie": "__Secure-countersign-link=\(token)"])
            #expect(forged.status == 303)
        }
    }

    @Test func `forged, old and foreign links all get the same answer`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            let good = try await desk.link(to: "alice", for: proposal)
            let another: Character = good.dropFirst(30).first == "A" ? "B" : "A"
            let old = try await desk.link(to: "alice", for: proposal, secondsLeft: -1)
            let otherPurpose = try await desk.link(to: "alice", for: proposal, purpose: 2)
            for link in [
                "/r/x", "/r/" + String(repeating: "A", count: 98), old, otherPurpose,
                String(good.prefix(30)) + String(another) + good.dropFirst(31),
            ] {
                let answer = try await Browser(desk).send(.get, link)
                #expect(answer.status == 404, "\(link)")
                #expect(answer.text.contains("This link opens nothing"))
                #expect(answer.header("Set-Cookie") == nil)
            }
            try await desk.attack("UPDATE users SET disabled_at = now() WHERE name = 'alice'")
            #expect(try await Browser(desk).send(.get, good).status == 404)
        }
    }

    @Test func `a nonce of another page, purpose or person is refused`() async throws {
        try await Desk.with { desk in
            let (one, other) = (try await desk.propose(["qty": "10"]), try await desk.propose(["qty": "11"]))
            let alice = Browser(desk)
            let page = try await alice.logIn("alice", next: "/proposals/\(one.id)")
            let nonce = try #require(page.form(to: "/proposals/\(one.id)")?.value("nonce"))
            let bob = Browser(desk)
            let bobs = try await bob.logIn("bob", next: "/proposals/\(one.id)")
            let bobsNonce = try #require(bobs.form(to: "/proposals/\(one.id)")?.value("nonce"))
            let logout = try #require(page.form(to: "/logout")?.value("nonce"))
            func send(_ nonce: String, _ to: JSONValue) async throws -> Int {
                try await alice.send(
                    .post, "/proposals/\(to.id)",
                    form: [
                        ("nonce", nonce), ("verdict", "approve"),
                        ("order_hash", to["order_hash"]?.stringValue ?? ""),
                    ]
                ).status
            }
            #expect(try await send(nonce, other) == 403)
            #expect(try await send(bobsNonce, one) == 403)
            #expect(try await send(logout, one) == 403)
            #expect(try await send("", one) == 403)
            #expect(try await send(nonce, one) == 303)
        }
    }

    @Test(
        arguments: [
            (["Origin": "https://evil.example"], 403), (["Sec-Fetch-Site": "cross-site"], 403),
            (["Sec-Fetch-Site": "same-site"], 403), (["Origin": "null"], 403),
            (["Origin": "null", "Sec-Fetch-Site": "same-origin"], 303),
            (["Origin": "https://desk.example.com", "Sec-Fetch-Site": "same-origin"], 303),
            (["Origin": "https://desk.example.com.evil.example"], 403), ([:], 303),
            // A name bent to our address, and what only looks like an address.
            (["Origin": "http://evil.example:8080", "Host": "evil.example:8080"], 421),
            (["Origin": "http://127.0.0.1.evil.example", "Host": "127.0.0.1.evil.example"], 421),
            (["Origin": "http://localhost.evil.example", "Host": "localhost.evil.example"], 421),
            (["Origin": "http://[evil.example]", "Host": "[evil.example]"], 421),
            (["Origin": "http://127.0.0.1:8080", "Host": "evil.example:8080"], 421),
            (["Origin": "http://127.0.0.1:8080", "Host": "127.0.0.1:8081"], 403),
            (["Origin": "http://127.0.0.1:8080", "Host": "127.0.0.1:8080"], 303),
            (["Origin": "http://LOCALHOST:8080", "Host": "localhost:8080"], 303),
            (["Origin": "http://[::1]:8080", "Host": "[::1]:8080"], 303),
            (["Origin": "https://192.0.2.9", "Host": "192.0.2.9"], 303),
        ] as [([String: String], Int)])
    func `a form that another site sent is refused`(headers: [String: String], status: Int) async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            let browser = Browser(desk)
            let page = try await browser.logIn("alice", next: "/proposals/\(proposal.id)")
            let form = try #require(page.form(to: "/proposals/\(proposal.id)"))
            var sent: HTTPHeaders = [:]
            for (name, value) in headers { sent.add(name, value) }
            let answer = try await browser.send(
                .post, form.action, headers: sent, form: form.fields + [("verdict", "reject")])
            #expect(answer.status == status)
            #expect(try await desk.state(of: proposal) == (status == 303 ? "rejected" : "pending"))
        }
    }

    @Test func `what a bot says reaches the page as text`() async throws {
        try await Desk.with { desk in
            let hostile = #"<script>alert(1)</script><img src=x onerror=alert(2)>"' onload='x' {{NONCE}} "#
            let proposal = try await desk.propose([
                "rationale": .string(hostile), "strategy": .string("<b>bold"),
                "external_ref": .string("\"><svg/onload=alert(3)>"),
            ])
            let page = try await Browser(desk).logIn("alice", next: "/proposals/\(proposal.id)")
            #expect(!page.html.contains("<script>alert"))
            #expect(!page.html.contains("<img"))
            #expect(!page.html.contains("<svg"))
            #expect(!page.html.contains("<b>bold"))
            #expect(page.html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
            #expect(page.html.contains("{{NONCE}}"))
        }
    }

    @Test func `every page carries the headers that keep it safe`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            let browser = Browser(desk)
            _ = try await browser.logIn("alice")
            for path in [
                "/login", "/", "/proposals/\(proposal.id)", "/history", "/nothing", "/static/style.css",
            ] {
                let answer = try await browser.send(.get, path)
                let policy = answer.header("Content-Security-Policy") ?? ""
                #expect(policy.hasPrefix("default-src 'none';"))
                #expect(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"))
                #expect(answer.header("X-Content-Type-Options") == "nosniff")
                #expect(answer.header("Referrer-Policy") == "no-referrer")
                #expect(answer.header("X-Frame-Options") == "DENY")
                #expect(answer.header("Strict-Transport-Security") != nil)
                if !path.hasPrefix("/static") { #expect(answer.header("Cache-Control") == "no-store") }
                #expect(!answer.text.contains(" style=") && !answer.text.contains(" onclick="))
            }
        }
    }

    @Test func `the style sheet is kept for long under its own version only`() async throws {
        try await Desk.with { desk in
            let page = try await Browser(desk).open("/login")
            let start = try #require(page.html.firstRange(of: "/static/style.css?v="))
            let address = String(page.html[start.lowerBound...].prefix { $0 != "\"" })
            let exact = try await Browser(desk).send(.get, address)
            #expect(exact.header("Cache-Control") == "public, max-age=31536000, immutable")
            #expect(exact.header("Content-Type") == "text/css; charset=utf-8")
            let old = try await Browser(desk).send(.get, "/static/style.css?v=old")
            #expect(old.header("Cache-Control") == "no-cache")
            #expect(try await Browser(desk).send(.get, "/static/..%2Fpackage.swift").status == 404)
        }
    }

    @Test func `a token reaches neither the log nor the address`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            let link = try await desk.link(to: "alice", for: proposal)
            let answer = try await Browser(desk).send(.get, link)
            #expect(answer.response.routePattern == "/r/{token}")
            #expect(answer.header("Location") == "/proposals/\(proposal.id)")
            #expect(!desk.log.lines.contains { $0.contains(link.dropFirst(3)) })
        }
    }
}
