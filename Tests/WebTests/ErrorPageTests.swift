import Gate
import HTTPServer
import JSON
import Postgres
import Testing

/// Pages that say what went wrong stand in the frame of whoever asks.
@Suite struct ErrorPageTests {
    private static let paths = ["/nowhere", "/proposals/nothing", "/orders/nothing", "/r/none"]

    @Test(arguments: paths)
    func `somebody logged in keeps the menu, the name and what is stopped`(path: String) async throws {
        try await Desk.with { desk in
            let halt: JSONValue = ["scope": "account", "reason": "looking into it"]
            #expect(try await desk.post("/halts", as: "stopper", halt).status == 201)
            let browser = Browser(desk)
            _ = try await browser.logIn("vera")
            let page = try await browser.open(path)
            #expect(page.status == 404)
            #expect(page.html.contains(#"<nav aria-label="Pages">"#) && page.text.contains("vera (viewer)"))
            #expect(page.text.contains("Trading is stopped. All trading: looking into it."))
            let form = try #require(page.form(to: "/logout"))
            #expect(try await browser.submit(form).address == "/login")
        }
    }

    @Test func `a stranger learns nothing from them`() async throws {
        try await Desk.with { desk in
            let halt: JSONValue = ["scope": "account", "reason": "looking into it"]
            #expect(try await desk.post("/halts", as: "stopper", halt).status == 201)
            for path in ["/nowhere", "/r/none"] {
                let page = try await Browser(desk).open(path)
                #expect(page.status == 404 && !page.html.contains("<nav") && page.forms.isEmpty)
                #expect(!page.text.contains("stopped") && !page.text.contains("account"), "\(page.text)")
            }
        }
    }

    @Test func `they come without the database too`() async throws {
        try await Desk.with { desk in
            let browser = Browser(desk)
            _ = try await browser.logIn("vera")
            await desk.gate.pool.close()
            let missing = try await browser.send(.get, "/nowhere")
            #expect(missing.status == 404 && missing.text.contains("There is no page at this address."))
            let orders = try await browser.send(.get, "/orders")
            #expect(orders.status == 503 && orders.text.contains("The database cannot be reached"))
        }
    }
}
