import Domain
import JSON
import Support
import Testing

/// What page and inbox say of a price that is not there yet, that came, and that never came.
@Suite struct PresentPriceTests {
    private func ask(_ desk: Desk) async throws -> (Browser, String) {
        let proposal = try await desk.propose(["symbol": "MU", "stop_loss": ["stop_price": "109"]])
        let check = proposal["checks"]?.arrayValue?.first { $0["code"] == "symbol_known" }
        #expect(check?["outcome"] == "skipped")
        let browser = Browser(desk)
        _ = try await browser.logIn("alice")
        return (browser, "/proposals/\(proposal.id)")
    }

    private func age(_ desk: Desk, seconds: Int) async throws {
        try await desk.attack(
            unguarded(
                "UPDATE proposal_terms SET created_at = clock_timestamp() - interval '\(seconds) seconds'"))
    }

    @Test func `a first proposal of a symbol warns of nothing while its quote is awaited`() async throws {
        try await Desk.with { desk in
            let (browser, address) = try await ask(desk)
            let page = try await browser.open(address)
            #expect(page.text.contains("asked for the worker brings it within seconds"), "\(page.text)")
            #expect(!page.text.contains("1 warning"))
            #expect(try await !browser.open("/").text.contains("1 warning"))
            #expect(page.form(to: address) != nil, "it can be decided all the same")
        }
    }

    @Test func `the quote is shown once it came, and a proposal that has waited in vain warns`() async throws
    {
        try await Desk.with { desk in
            let (browser, address) = try await ask(desk)
            try await age(desk, seconds: 60)
            let waited = try await browser.open(address)
            #expect(waited.text.contains("1 warning") && waited.text.contains("No quote of MU has come"))
            #expect(try await browser.open("/").text.contains("1 warning"))
            try await desk.attack(
                "INSERT INTO quotes (symbol, bid, ask, quoted_at) VALUES ('MU', 118, 118.31, clock_timestamp())"
            )
            let priced = try await browser.open(address)
            #expect(priced.text.contains("$118.31") && !priced.text.contains("1 warning"))
            try await desk.attack("UPDATE quotes SET quoted_at = clock_timestamp() - interval '1 hour'")
            #expect(try await browser.open(address).text.contains("The newest quote of MU is 1 hour"))
        }
    }

    @Test func `a quote that nothing is sent on says why`() async throws {
        try await Desk.with { desk in
            let (browser, address) = try await ask(desk)
            try await age(desk, seconds: 60)
            try await desk.attack(
                """
                INSERT INTO quotes (symbol, bid, ask, quoted_at)
                VALUES ('MU', 118, 118.31, clock_timestamp() + interval '2 hours')
                """)
            let ahead = try await browser.open(address).text
            #expect(ahead.contains(" ahead of the server"), "\(ahead)")
            #expect(ahead.contains("clock, too far to send on"))
            #expect(ahead.contains("1 warning") && ahead.contains("the clock of the server or of the feed"))
            try await desk.attack("UPDATE quotes SET bid = 119, quoted_at = clock_timestamp()")
            let crossed = try await browser.open(address).text
            let words = "The quote of MU is crossed: somebody pays $119.00 and another asks for $118.31"
            #expect(crossed.contains(words) && crossed.contains("1 warning"), "\(crossed)")
        }
    }
}
