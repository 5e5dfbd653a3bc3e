import Domain
import HTTPServer
import JSON
import Testing

/// What a page says of alerts that nobody took note of: in the menu, on the inbox, on the list.
@Suite struct AlertPageTests {
    private static let pages = [
        "/", "/history", "/orders", "/positions", "/risk", "/reports", "/alerts", "/halts", "/deliveries",
        "/settings", "/reviews",
    ]

    private func raise(_ number: Int, priority: String = "high", _ desk: Desk) async throws -> String {
        let answer = try await desk.post(
            "/alerts", as: "siren",
            ["type": "feed_late", "title": .string("Feed \(number)"), "priority": .string(priority)])
        #expect(answer.status == 201)
        return try #require(answer.json["id"]?.stringValue)
    }

    private func menuCount(_ page: Page) -> String? {
        page.html.firstMatch(of: #/<span class="count [a-z]+">([0-9+]+)</span>/#).map { String($0.output.1) }
    }

    @Test func `every page with a menu counts what nobody took note of, whoever looks`() async throws {
        try await Desk.with { desk in
            let browser = Browser(desk)
            #expect(menuCount(try await browser.logIn("vera")) == nil)
            let first = try await raise(1, desk)
            _ = try await raise(2, desk)
            let proposal = try await desk.propose()
            for path in Self.pages + ["/proposals/\(proposal.id)", "/alerts/\(first)"] {
                let page = try await browser.open(path)
                #expect(menuCount(page) == "2", "\(path)")
                #expect(page.html.contains(#"class="count warn""#), "\(path)")
            }
            let inbox = try await browser.open("/")
            #expect(inbox.text.contains("2 alerts wait for somebody to take note."))
            let done = try await desk.post("/alerts/\(first)/ack", as: "alice", [:])
            #expect(done.status == 200)
            #expect(menuCount(try await browser.open("/orders")) == "1")
            #expect(try await browser.open("/").text.contains("1 alert waits for somebody to take note."))
        }
    }

    @Test func `what is critical is said so, and a stranger is told nothing`() async throws {
        try await Desk.with { desk in
            _ = try await raise(1, priority: "critical", desk)
            let browser = Browser(desk)
            #expect(menuCount(try await browser.open("/login")) == nil)
            let inbox = try await browser.logIn("alice")
            #expect(inbox.html.contains(#"class="count bad""#))
            #expect(inbox.text.contains("critical ones among them"))
        }
    }

    @Test func `more than anybody reads is not counted out`() async throws {
        try await Desk.with { desk in
            try await desk.attack(
                """
                INSERT INTO alerts (type, priority, title, detail, evidence, source, dedup_key, message_kind, state)
                SELECT 'fyi', 'info', 'x', '', '{}', 'key:siren', n::text, 'alert-raised', 'raised'
                FROM generate_series(1, 150) AS n
                """)
            let browser = Browser(desk)
            let inbox = try await browser.logIn("alice")
            #expect(menuCount(inbox) == "99+" && inbox.text.contains("99+ alerts wait"))
        }
    }

    @Test func `the list follows what happens, from where it stood`() async throws {
        try await Desk.with { desk in
            let browser = Browser(desk)
            _ = try await browser.logIn("vera", next: "/alerts")
            let id = try await raise(1, desk)
            let page = try await browser.open("/alerts")
            let newest = try await desk.count("SELECT max(id) FROM journal")
            #expect(page.html.contains(#"data-live="/alerts/live?after=\#(newest)""#))
            #expect(page.html.contains(#"<div id="alerts" data-part>"#))
            #expect(page.html.contains(#"id="alert-\#(id)""#))
            #expect(try await Browser(desk).send(.get, "/alerts/live").status == 401)
        }
    }
}
