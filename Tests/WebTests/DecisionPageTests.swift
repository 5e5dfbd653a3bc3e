import Domain
import HTTPServer
import JSON
import Support
import Testing

@Suite struct DecisionPageTests {
    @Test func `somebody logged in sees everything and approves`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            let browser = Browser(desk)
            let page = try await browser.logIn("alice", next: "/proposals/\(proposal.id)")
            #expect(page.status == 200)
            #expect(page.text.contains("BUY 40 NVDA LIMIT 118.20 DAY, about $4,728"))
            #expect(page.text.contains("PAPER"))
            #expect(page.text.contains("$95,272"), "cash after")
            #expect(page.text.contains(String(proposal["check_code"]?.stringValue ?? "none")))
            let form = try #require(page.form(to: "/proposals/\(proposal.id)"))
            #expect(form.value("pin") == nil)
            #expect(form.buttons.map(\.1) == ["approve", "reject", "reject_pause"])
            let receipt = try await browser.submit(
                form, ["comment": "fine"], button: ("verdict", "approve"))
            #expect(receipt.status == 200, "\(receipt.text)")
            #expect(receipt.text.contains("Approved by alice. The order was released."))
            #expect(receipt.text.contains("fine"))
            #expect(try await desk.state(of: proposal) == "released")
            #expect(try await desk.count("SELECT count(*) FROM decisions WHERE method = 'session'") == 1)
        }
    }

    @Test func `the holder of a link decides with the PIN and is logged in afterwards`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            let browser = Browser(desk)
            let page = try await browser.open(try await desk.link(to: "alice", for: proposal))
            #expect(page.address == "/proposals/\(proposal.id)")
            #expect(page.text.contains("PIN of alice"))
            let form = try #require(page.form(to: "/proposals/\(proposal.id)"))
            #expect(Set(form.fields.map(\.0)) == ["nonce", "order_hash", "comment", "qty", "pin"])
            let receipt = try await browser.submit(
                form, ["pin": Desk.pin], button: ("verdict", "approve"))
            #expect(receipt.text.contains("Approved by alice."))
            #expect(try await desk.count("SELECT count(*) FROM decisions WHERE method = 'pin'") == 1)
            #expect(try await browser.open("/").text.contains("alice (approver)"))
        }
    }

    @Test func `a PIN that comes with a session has to be right too`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            let browser = Browser(desk)
            let page = try await browser.logIn("alice", next: "/proposals/\(proposal.id)")
            let form = try #require(page.form(to: "/proposals/\(proposal.id)"))
            let refused = try await browser.submit(
                form, ["pin": "000000"], button: ("verdict", "approve"))
            #expect(refused.status == 403 && refused.text.contains("4 tries are left"), "\(refused.text)")
            #expect(try await desk.state(of: proposal) == "pending")
            let again = try #require(refused.form(to: "/proposals/\(proposal.id)"))
            _ = try await browser.submit(again, ["pin": Desk.pin], button: ("verdict", "approve"))
            #expect(try await desk.state(of: proposal) == "released")
        }
    }

    @Test func `a link shows what the message said and no more`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            _ = try await desk.attack("UPDATE account_state SET account = account")
            let page = try await Browser(desk).open(try await desk.link(to: "alice", for: proposal))
            for shown in ["NVDA", "dee-bot", "catalyst", "Supplier beat expectations", "New York", "UTC"] {
                #expect(page.text.contains(shown))
            }
            for hidden in ["Equity", "$100,000", "Votes", "Exposure", "SIM1", "Log out"] {
                #expect(!page.text.contains(hidden), "\(hidden)")
            }
        }
    }

    @Test func `a wrong PIN says so, counts, and locks after five`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            let browser = Browser(desk)
            var page = try await browser.open(try await desk.link(to: "alice", for: proposal))
            for left in [
                "4 tries are left", "3 tries are left", "2 tries are left", "One more try", "locked now",
            ] {
                let form = try #require(page.form(to: "/proposals/\(proposal.id)"))
                page = try await browser.submit(
                    form, ["pin": "000000", "comment": "typed with care"], button: ("verdict", "approve"))
                #expect(page.status == 403)
                #expect(page.text.contains(left), "\(page.text)")
                #expect(page.html.contains("typed with care"))
            }
            let form = try #require(page.form(to: "/proposals/\(proposal.id)"))
            page = try await browser.submit(form, ["pin": Desk.pin], button: ("verdict", "approve"))
            #expect(page.status == 429)
            let time = /locked until [A-Z][a-z]{2} [0-9-]{10} [0-9:]{5} New York/
            #expect(page.text.contains(time), "\(page.text)")
            #expect(try await desk.state(of: proposal) == "pending")
        }
    }

    @Test(arguments: ["approve", "reject", "reject_pause"])
    func `without a PIN nothing is decided`(verdict: String) async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            let browser = Browser(desk)
            let page = try await browser.open(try await desk.link(to: "alice", for: proposal))
            let form = try #require(page.form(to: "/proposals/\(proposal.id)"))
            let answer = try await browser.submit(form, button: ("verdict", verdict))
            #expect(answer.status == 422)
            #expect(answer.text.contains("Type your PIN to decide."))
            #expect(try await desk.state(of: proposal) == "pending")
            #expect(try await desk.count("SELECT count(*) FROM halts") == 0)
        }
    }

    @Test func `the loser of a race is told who won, and what`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            let browser = Browser(desk)
            let page = try await browser.open(try await desk.link(to: "alice", for: proposal))
            _ = try await desk.decide(proposal, "reject", as: "bob")
            let form = try #require(page.form(to: "/proposals/\(proposal.id)"))
            let late = try await browser.submit(form, ["pin": Desk.pin], button: ("verdict", "approve"))
            #expect(late.status == 409)
            #expect(late.text.contains("your decision did not count Rejected by bob. Nothing was sent."))
            #expect(late.text.contains("Rejected by bob. Nothing was sent."))
            #expect(late.form(to: "/proposals/\(proposal.id)") == nil)
        }
    }

    @Test func `a changed order is refused and shown anew`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            let browser = Browser(desk)
            let page = try await browser.logIn("alice", next: "/proposals/\(proposal.id)")
            let form = try #require(page.form(to: "/proposals/\(proposal.id)"))
            let answer = try await browser.submit(
                form, ["order_hash": String(repeating: "0", count: 64)], button: ("verdict", "approve"))
            #expect(answer.status == 409)
            #expect(answer.text.contains("The order changed"))
            let fresh = try #require(answer.form(to: "/proposals/\(proposal.id)"))
            #expect(fresh.value("order_hash") == proposal["order_hash"]?.stringValue)
            #expect(try await desk.state(of: proposal) == "pending")
        }
    }

    @Test func `rejecting can pause the bot`() async throws {
        try await Desk.with { desk in
            let (proposal, other) = (
                try await desk.propose(["qty": "10"]), try await desk.propose(["qty": "11"])
            )
            let browser = Browser(desk)
            let page = try await browser.logIn("alice", next: "/proposals/\(proposal.id)")
            let form = try #require(page.form(to: "/proposals/\(proposal.id)"))
            let receipt = try await browser.submit(form, button: ("verdict", "reject_pause"))
            #expect(receipt.text.contains("Rejected by alice. Nothing was sent."))
            #expect(receipt.text.contains("The bot dee-bot is paused: what it proposes is blocked until"))
            #expect(try await desk.state(of: proposal) == "rejected")
            #expect(try await desk.state(of: other) == "cancelled")
            let halts = try await desk.get("/halts?open=true", as: "reader").json["items"]
            #expect(halts?[0]?["scope"] == "bot")
            #expect(halts?[0]?["target"] == "dee-bot")
        }
    }

    @Test func `who comes too late to reject pauses the bot all the same, once`() async throws {
        try await Desk.with { desk in
            let (proposal, other) = (
                try await desk.propose(["qty": "10"]), try await desk.propose(["qty": "11"])
            )
            let browser = Browser(desk)
            let page = try await browser.open(try await desk.link(to: "alice", for: proposal))
            _ = try await desk.decide(proposal, "approve", as: "bob")
            let form = try #require(page.form(to: "/proposals/\(proposal.id)"))
            let wrong = try await browser.submit(
                form, ["pin": "000000"], button: ("verdict", "reject_pause"))
            #expect(wrong.status == 403)
            #expect(try await desk.count("SELECT count(*) FROM halts") == 0)
            for _ in 1...2 {
                let late = try await browser.submit(
                    form, ["pin": Desk.pin], button: ("verdict", "reject_pause"))
                #expect(late.status == 409)
                #expect(late.text.contains("your decision did not count Approved by bob"), "\(late.text)")
                #expect(late.text.contains("The bot dee-bot is paused"))
            }
            #expect(try await desk.state(of: other) == "cancelled")
            #expect(try await desk.count("SELECT count(*) FROM halts WHERE opened_by = 'user:alice'") == 1)
        }
    }

    @Test func `rejecting after the deadline pauses the bot`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            let browser = Browser(desk)
            let page = try await browser.logIn("alice", next: "/proposals/\(proposal.id)")
            try await desk.attack(
                unguarded(
                    "UPDATE proposal_states SET expires_at = clock_timestamp() - interval '1 second'"))
            let form = try #require(page.form(to: "/proposals/\(proposal.id)"))
            let late = try await browser.submit(form, button: ("verdict", "reject_pause"))
            #expect(late.status == 409)
            #expect(late.text.contains("The bot dee-bot is paused"), "\(late.text)")
            #expect(try await desk.state(of: proposal) == "expired")
            #expect(try await desk.count("SELECT count(*) FROM halts WHERE scope = 'bot'") == 1)
        }
    }

    @Test func `who may not decide pauses no bot by a form made up for it`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            let browser = Browser(desk)
            let page = try await browser.logIn("alice", next: "/proposals/\(proposal.id)")
            try await desk.attack("UPDATE users SET role = 'viewer' WHERE name = 'alice'")
            _ = try await desk.decide(proposal, "reject", as: "bob")
            let form = try #require(page.form(to: "/proposals/\(proposal.id)"))
            let answer = try await browser.submit(form, button: ("verdict", "reject_pause"))
            #expect(answer.status == 403)
            #expect(try await desk.count("SELECT count(*) FROM halts") == 0)
        }
    }

    @Test func `the page of what is over says of when its checks are and promises nothing`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose(["reference_price": .null])
            let browser = Browser(desk)
            let page = try await browser.logIn("alice", next: "/proposals/\(proposal.id)")
            #expect(page.text.contains("Everything is checked again before anything is sent."))
            #expect(!page.text.contains("As found when it was proposed"))
            #expect(page.text.contains("The bot saw not said"))
            #expect(!page.text.contains("Order id at the broker"), "nothing is there yet")
            let form = try #require(page.form(to: "/proposals/\(proposal.id)"))
            let receipt = try await browser.submit(form, button: ("verdict", "reject"))
            #expect(receipt.text.contains("As found when it was proposed."))
            #expect(!receipt.text.contains("is paused"))
            #expect(!receipt.text.contains("Everything is checked again"))
            #expect(!receipt.text.contains("Order id at the broker"))
            #expect(receipt.html.contains(#"not said</strong> <span class="quiet small"></span>"#))
        }
    }

    @Test func `a smaller quantity is approved, a larger one is refused at the field`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            let browser = Browser(desk)
            let page = try await browser.logIn("alice", next: "/proposals/\(proposal.id)")
            let form = try #require(page.form(to: "/proposals/\(proposal.id)"))
            let more = try await browser.submit(form, ["qty": "4,000"], button: ("verdict", "approve"))
            #expect(more.status == 422)
            #expect(more.html.contains(#"id="qty-fault""#))
            let less = try await browser.submit(form, ["qty": "25"], button: ("verdict", "approve"))
            #expect(less.text.contains("BUY 25 NVDA"), "\(less.text)")
            #expect(try await desk.state(of: proposal) == "released")
        }
    }

    @Test func `without figures of the account no approve button is shown`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            try await desk.attack(unguarded("UPDATE proposal_terms SET impact = NULL"))
            let page = try await Browser(desk).logIn("alice", next: "/proposals/\(proposal.id)")
            let form = try #require(page.form(to: "/proposals/\(proposal.id)"))
            #expect(form.buttons.map(\.1) == ["reject", "reject_pause"])
            #expect(page.text.contains("Approving is not offered now."))
        }
    }

    @Test func `an approver takes an approval back from the page`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            _ = try await desk.decide(proposal, "approve", as: "alice")
            let browser = Browser(desk)
            let page = try await browser.logIn("bob", next: "/proposals/\(proposal.id)")
            let form = try #require(page.form(to: "/proposals/\(proposal.id)/revoke"))
            let receipt = try await browser.submit(form, ["reason": "news"])
            #expect(receipt.text.contains("Revoked before the worker took it."), "\(receipt.text)")
        }
    }
}
