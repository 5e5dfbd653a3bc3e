import HTTPServer
import JSON
import Testing

/// What the page of risk says of each limit.
@Suite struct RiskPageTests {
    /// The words of the badge behind each label, in their order.
    private func standings(_ label: String, _ page: Page) -> [String] {
        page.html.split(separator: "<strong>\(label)</strong>").dropFirst().compactMap { rest in
            rest.firstMatch(of: #/<span class="badge [a-z]*">([a-z]+)</span>/#).map { String($0.output.1) }
        }
    }

    @Test func `of a breaker's two limits each is called near by itself`() async throws {
        try await Desk.with { desk in
            try await desk.attack(
                """
                INSERT INTO account_days (day, start_equity, end_equity, capital_flows, income, fees, high_water_mark,
                    high_water_at, drawdown, max_drawdown, low_equity, high_equity, snapshots, first_at, last_at)
                SELECT (now() AT TIME ZONE 'America/New_York')::date, 100000, 100000, 0, 0, 0, 100000, now(), 0, 0, 100000,
                    100000, 1, now(), now();
                UPDATE account_state SET account = account || '{"equity": "99600"}';
                """)
            let browser = Browser(desk)
            _ = try await browser.logIn("vera")
            // 400 are four fifths of 500 USD, and a fifth of two percent.
            let page = try await browser.open("/risk")
            #expect(standings("Loss of the day, in percent", page) == ["armed"])
            #expect(standings("Loss of the day, in dollars", page) == ["near"])
            #expect(page.text.contains("0.4% of 2% (20% of the limit)"), "\(page.text)")
            #expect(page.text.contains("$400 of $500 (80% of the limit)"))
            // What the policy says of orders that reduce a position, the page says too.
            let stop = "Stops all trading, except orders that reduce a position, and cancels open orders."
            #expect(page.text.contains(stop))
            let all = "Stops all trading, also orders that reduce a position."
            #expect(page.text.contains(all), "of differences from the broker")
        }
    }

    @Test func `what is set aside for orders at the broker is told as it is counted`() async throws {
        try await Desk.with { desk in
            let browser = Browser(desk)
            _ = try await browser.logIn("vera")
            let order =
                #"[{"id":"b","symbol":"NVDA","side":"buy","qty":"100","filled_qty":"0","type":"limit","limit_price":"90","status":"new"}]"#
            let position = #"[{"symbol":"NVDA","qty":"5","avg_entry_price":"100","current_price":"100"}]"#
            try await desk.attack(
                "UPDATE account_state SET positions = '\(position)', open_orders = '\(order)'")
            let page = try await browser.open("/risk")
            #expect(page.text.contains("Set aside for orders $9,000"))
            let row = page.html.firstMatch(of: #/data-label="Waiting orders">([^<]*)</#)?.output.1
            #expect(row == "$9,000.00")
        }
    }

    @Test func `orders at the broker use up what may be invested, and short positions free nothing`()
        async throws
    {
        try await Desk.with { desk in
            let browser = Browser(desk)
            _ = try await browser.logIn("vera")
            for (cash, positions, orders, words) in [
                ("100000", "[]", "[]", "0% of 75%"),
                (
                    "100000", "[]",
                    #"[{"id":"b","symbol":"NVDA","side":"buy","qty":"100","filled_qty":"0","type":"limit","limit_price":"100","status":"new"}]"#,
                    "10% of 75%"
                ),
                (
                    "110000",
                    #"[{"symbol":"NVDA","qty":"-100","avg_entry_price":"100","current_price":"100"}]"#, "[]",
                    "0% of 75%"
                ),
            ] {
                try await desk.attack(
                    """
                    UPDATE account_state
                    SET account = account || '{"cash": "\(cash)"}', positions = '\(positions)', open_orders = '\(orders)'
                    """)
                let page = try await browser.open("/risk")
                #expect(page.text.contains(words), "\(words): \(page.text)")
            }
        }
    }

    @Test func `a badge holds a word, for it does not break on a phone; the rest stands beside it`()
        async throws
    {
        try await Desk.with { desk in
            let browser = Browser(desk)
            _ = try await browser.logIn("vera")
            #expect(try await browser.open("/risk").text.contains("none No worker has ever been here."))
            try await desk.attack(
                """
                INSERT INTO worker_lease (worker_id, generation, acquired_at, last_seen_at, expires_at)
                VALUES ('w1', 1, now(), now() - interval '1 hour', now() - interval '50 minutes')
                """)
            let page = try await browser.open("/risk")
            #expect(page.html.contains(#"<span class="badge bad">silent</span> w1, last heard"#))
            try await desk.attack("UPDATE worker_lease SET expires_at = now() + interval '1 hour'")
            #expect(try await browser.open("/risk").text.contains("there w1, heard"))
        }
    }
}
