import Domain
import HTTPServer
import JSON
import Testing

@Suite struct MemberPageTests {
    @Test func `the inbox shows what waits, and history what was`() async throws {
        try await Desk.with { desk in
            let (open, done) = (try await desk.propose(["qty": "10"]), try await desk.propose(["qty": "11"]))
            _ = try await desk.decide(done, "reject", as: "bob")
            let browser = Browser(desk)
            let inbox = try await browser.logIn("vera")
            #expect(inbox.text.contains("1 proposal waits for a decision"))
            #expect(inbox.html.contains("/proposals/\(open.id)") && !inbox.html.contains(done.id))
            let history = try await browser.open("/history?state=rejected")
            #expect(history.html.contains("/proposals/\(done.id)") && !history.html.contains(open.id))
            let first = try await browser.open("/history?limit=1")
            #expect(first.html.contains(done.id) && first.html.contains("cursor="))
            #expect(try await browser.open("/history?cursor=bad").status == 422)
        }
    }

    @Test func `a viewer looks but has no form to decide or stop with`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            let browser = Browser(desk)
            let page = try await browser.logIn("vera", next: "/proposals/\(proposal.id)")
            #expect(page.text.contains("BUY 40 NVDA"))
            #expect(page.form(to: "/proposals/\(proposal.id)") == nil)
            #expect(try await browser.open("/halts").form(to: "/halts") == nil)
        }
    }

    @Test func `an operator stops a symbol and another lets it go on`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            let olivia = Browser(desk)
            let page = try await olivia.logIn("olivia", next: "/halts")
            let form = try #require(page.form(to: "/halts"))
            let wrong = try await olivia.submit(form, ["scope": "symbol"], button: ("action", "stop"))
            #expect(wrong.status == 422)
            #expect(wrong.html.contains(#"id="target-fault""#) && wrong.html.contains(#"id="reason-fault""#))
            let stopped = try await olivia.submit(
                form, ["scope": "symbol", "target": "nvda", "reason": "news"], button: ("action", "stop"))
            #expect(stopped.text.contains("Symbol NVDA"), "\(stopped.text)")
            #expect(try await desk.state(of: proposal) == "cancelled")
            let clear = try #require(stopped.forms.first { $0.value("halt") != nil })
            let alone = try await olivia.submit(clear, ["reason": "over"], button: ("action", "clear"))
            #expect(alone.status == 403)
            let otto = Browser(desk)
            let his = try await otto.logIn("otto", next: "/halts")
            let form2 = try #require(his.forms.first { $0.value("halt") != nil })
            let cleared = try await otto.submit(form2, ["reason": "over"], button: ("action", "clear"))
            #expect(cleared.text.contains("Nothing is stopped"))
        }
    }

    @Test func `an approver cannot stop trading by a made-up form`() async throws {
        try await Desk.with { desk in
            let browser = Browser(desk)
            _ = try await browser.logIn("alice")
            let answer = try await browser.send(
                .post, "/halts", form: [("action", "stop"), ("scope", "account"), ("reason", "x")])
            #expect(answer.status == 403)
            #expect(try await desk.count("SELECT count(*) FROM halts") == 0)
        }
    }

    @Test func `an order's page tells its course`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            let order = try await desk.decide(proposal, "approve", as: "alice").json["order_id"]?.stringValue
            let id = try #require(order)
            let browser = Browser(desk)
            let list = try await browser.logIn("vera", next: "/orders")
            #expect(list.html.contains("/orders/\(id)"))
            let page = try await browser.open("/orders/\(id)")
            #expect(page.text.contains("waiting for the execution worker"))
            #expect(page.html.contains("/proposals/\(proposal.id)"))
            #expect(try await browser.open("/orders/7").status == 404)
        }
    }
}
