import Domain
import Gate
import HTTPServer
import JSON
import Store
import Testing
import Web

/// An idle session ends, whatever an open page does by itself; what a person does keeps it.
@Suite struct IdleTests {
    /// Somebody logged in, last seen so long ago.
    private func browser(_ desk: Desk, idle seconds: Int) async throws -> Browser {
        let browser = Browser(desk)
        _ = try await browser.logIn("alice")
        try await desk.attack(
            "UPDATE sessions SET last_seen_at = clock_timestamp() - interval '\(seconds) seconds'")
        return browser
    }

    private func idleSeconds(_ desk: Desk) async throws -> Int {
        try await desk.count(
            "SELECT extract(epoch FROM clock_timestamp() - last_seen_at)::integer FROM sessions")
    }

    @Test(
        arguments: [
            ["Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty", "Sec-Fetch-Site": "same-origin"],
            ["Sec-Fetch-Mode": "same-origin", "Sec-Fetch-Dest": "empty"],
            ["Countersign-Refresh": "1"],
            ["Accept": "text/event-stream"],
            [
                "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document",
                "Sec-Purpose": "prefetch;prerender",
            ],
        ] as [HTTPHeaders])
    func `what a page asks by itself is answered and is no use`(_ headers: HTTPHeaders) async throws {
        try await Desk.with { desk in
            let browser = try await browser(desk, idle: 700)
            #expect(try await browser.send(.get, "/", headers: headers).status == 200)
            #expect(try await idleSeconds(desk) >= 700)
        }
    }

    @Test(
        arguments: [
            [:], ["Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-User": "?1"],
        ] as [HTTPHeaders])
    func `what a person opens is use, also where no header says so`(_ headers: HTTPHeaders) async throws {
        try await Desk.with { desk in
            let browser = try await browser(desk, idle: 700)
            #expect(try await browser.send(.get, "/", headers: headers).status == 200)
            #expect(try await idleSeconds(desk) < 600)
        }
    }

    @Test func `a stream of events is no use, even from a client that says nothing of itself`() async throws {
        try await Desk.with { desk in
            let browser = try await browser(desk, idle: 700)
            #expect(try await browser.send(.get, "/live?after=0").status == 200)
            #expect(try await browser.send(.get, "/alerts/live?after=0").status == 200)
            #expect(try await idleSeconds(desk) >= 700)
        }
    }

    @Test func `a form is use, whatever its headers say`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            let browser = try await browser(desk, idle: 0)
            let page = try await browser.open("/proposals/\(proposal.id)")
            let form = try #require(page.form(to: "/proposals/\(proposal.id)"))
            try await desk.attack(
                "UPDATE sessions SET last_seen_at = clock_timestamp() - interval '700 seconds'")
            _ = try await browser.submit(
                form, button: ("verdict", "reject"),
                headers: ["Sec-Fetch-Site": "same-origin", "Origin": "null", "Sec-Fetch-Mode": "cors"])
            #expect(try await idleSeconds(desk) < 600)
        }
    }
}
