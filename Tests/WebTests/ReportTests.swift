import Domain
import HTTPServer
import JSON
import Support
import Testing

@Suite struct ReportTests {
    /// A day that ended with a profit of 500 on 100,000, besides a deposit of 500: one round trip won, one lost.
    static let books = """
        INSERT INTO account_days VALUES ('2024-11-26', 100000, 101000, 500, 12, -2, 0, 101000, '2024-11-26 20:00Z',
            0.01, 0.02, 99000, 101000, 3, '2024-11-26 14:00Z', '2024-11-26 21:00Z');
        INSERT INTO executions (execution_id, kind, part, symbol, side, qty, price, executed_at)
        SELECT 'e' || n, 'fill', 'external', 'NVDA', CASE WHEN n % 2 = 1 THEN 'buy' ELSE 'sell' END, 10, 100,
            '2024-11-26 15:00Z'::timestamptz + n * interval '1 minute'
        FROM generate_series(1, 4) AS n;
        INSERT INTO executions (execution_id, kind, part, symbol, side, qty, price, executed_at)
        VALUES ('e0', 'fill', 'external', 'AMD', 'buy', 1, 10, '2024-11-20 15:03Z'),
            ('e00', 'fill', 'external', 'AMD', 'sell', 1, 17, '2024-11-20 15:04Z'),
            ('e9', 'fill', 'external', 'AMD', 'buy', 1, 10, '2024-11-18 15:03Z'),
            ('e99', 'fill', 'external', 'AMD', 'sell', 1, 19, '2024-11-18 15:04Z');
        INSERT INTO bookings
        SELECT 'account', '', 'NVDA', 'e' || n, '2024-11-26 15:00Z', '2024-11-26', 0, 0, 0, 0
        FROM generate_series(1, 4) AS n;
        INSERT INTO round_trips VALUES
            ('account', '', 'NVDA', 'e1', 'long', '2024-11-26 15:01Z', NULL, 10, 1000, 10, 1100, 100, 1, false,
                '2024-11-26 15:02Z', 'e2', '2024-11-26'),
            ('account', '', 'NVDA', 'e3', 'short', '2024-11-26 15:03Z', NULL, 10, 1000, 10, 1050, -50, 0, false,
                '2024-11-26 15:04Z', 'e4', '2024-11-26'),
            ('account', '', 'AMD', 'e0', 'long', '2024-11-20 15:03Z', NULL, 1, 10, 1, 17, 7, 0, false,
                '2024-11-20 15:04Z', 'e00', '2024-11-20'),
            ('account', '', 'AMD', 'e9', 'long', '2024-11-18 15:03Z', NULL, 1, 10, 1, 19, 9, 0, false,
                '2024-11-18 15:04Z', 'e99', '2024-11-19');
        INSERT INTO account_snapshots (received_at, equity, cash, buying_power, account, positions)
        VALUES ('2024-11-26 20:59Z', 101000, -1000, 0,
            '{"account_number":"SIM1","status":"ACTIVE","equity":"101000","cash":"-1000","buying_power":"0"}',
            '[{"symbol":"AAPL","qty":"100","market_value":"102000","avg_entry_price":"1000"}]'),
            ('2024-11-26 21:06Z', 5, 5, 5, '{"account_number":"SIM1","status":"ACTIVE","equity":"5","cash":"5",
            "buying_power":"0"}', '[]');
        INSERT INTO halts (id, scope, target, cause, reason, allows_reducing, opened_at, opened_by, cleared_at,
            cleared_by, clear_reason)
        VALUES (gen_random_uuid(), 'symbol', 'AMD', 'operator', 'news', false, '2024-11-26 15:00Z', 'user:olivia',
            '2024-11-26 16:00Z', 'user:otto', 'over');
        """

    @Test func `a past day is told from the books, on the page as in JSON`() async throws {
        try await Desk.with { desk in
            try await desk.attack(Self.books)
            let answer = try await desk.get("/reports/daily/2024-11-26", as: "reader")
            let report = answer.json
            #expect(answer.status == 200 && report["status"] == "final")
            #expect(report["daily_pnl"] == "500" && report["daily_pnl_pct"] == "0.005")
            #expect(report["income_and_fees"] == "10" && report["trades_executed"] == 4)
            #expect(report["wins"] == 1 && report["losses"] == 1 && report["win_rate"] == "0.5")
            #expect(report["realized_pnl"] == "49" && report["positions_closed"]?.arrayValue?.count == 2)
            #expect(report["positions_closed"]?[0]?["exit_price"] == "110")
            // The last word within the day, whose stops nobody knows any more.
            #expect(report["cash_balance"] == "-1000" && report["margin_used"] == "1000")
            #expect(report["open_positions"]?[0]?["unrealized_pnl"] == "2000")
            #expect(report["open_positions"]?[0]?["stop_status"] == .null)
            #expect(
                report["open_positions"]?[0]?["share_of_equity"]?.stringValue?.hasPrefix("1.0099") == true)
            let week = ReportSheet.weekly(try await desk.get("/reports/weekly/2024-W48", as: "reader").json)
            #expect(week.sections.contains { $0.title == "Held at the week's end" })
            // Seven days: the 20th is in, the 19th is not.
            #expect(report["seven_days"]?["total_trades"] == 3 && report["seven_days"]?["total_pnl"] == "56")
            #expect(report["halts"]?.arrayValue?.count == 1)

            let browser = Browser(desk)
            let page = try await browser.logIn("vera", next: "/reports/daily/2024-11-26")
            #expect(page.text.contains("+$500 (+0.50%), from $100,000 to $101,000; 4 trades executed"))
            #expect(page.text.contains("not known any more") && page.text.contains("−$50"))
            #expect(page.html.contains("/reports/daily/2024-11-25"))
            #expect(page.html.contains("/reports/daily/2024-11-27"))
        }
    }

    @Test func `from the day one gets to the week and its review and back, and nowhere else`() async throws {
        try await Desk.with { desk in
            try await desk.attack(Self.books)
            let browser = Browser(desk)
            let day = try await browser.logIn("vera", next: "/reports/daily/2024-11-26")
            let week = try await browser.open("/reports/weekly/2024-W48")
            let review = try await browser.open("/reviews/2024-W48")
            for page in [day, week, review] {
                #expect(page.status == 200 && page.html.contains(#"href="/reports/weekly/2024-W48""#))
                #expect(page.html.contains(#"href="/reviews/2024-W48""#), "\(page.address)")
            }
            #expect(day.html.contains(#"<a href="/reports/daily/2024-11-26" aria-current="page">"#))
            // The last day of the week that the exchange was open.
            #expect(week.html.contains(#"href="/reports/daily/2024-11-29""#))
            for path in ["/reports/daily/today", "/reports/weekly/current", "/reviews/current"] {
                let page = try await browser.open(path)
                let links = page.html.matches(of: /href="(\/re(?:ports|views)\/[^"]*)"/).map { String($0.1) }
                #expect(links.count >= 3, "\(path): \(links)")
                for link in links { #expect(try await browser.send(.get, link).status == 200, "\(link)") }
            }
        }
    }

    @Test func `numbers stand to the right, words and times to the left`() async throws {
        try await Desk.with { desk in
            try await desk.attack(Self.books)
            let page = try await Browser(desk).logIn("vera", next: "/reports/daily/2024-11-26")
            #expect(page.html.contains(#"<td class="words" data-label="Direction">"#))
            #expect(page.html.contains(#"<td class="number" data-label="Profit or loss">"#))
            #expect(page.html.contains(#"<td class="time" data-label="Opened">"#))
            #expect(page.html.contains(#"<th scope="col" class="words">Direction</th>"#))
        }
    }

    @Test func `decisions count what became of proposals, by person and by bot`() async throws {
        try await Desk.with { desk in
            let proposals = [
                try await desk.propose(["qty": "10"]), try await desk.propose(["qty": "11"]),
                try await desk.propose(["qty": "12"], as: "shorgan-bot"),
            ]
            #expect(try await desk.decide(proposals[0], "approve", as: "alice").status == 200)
            #expect(try await desk.decide(proposals[1], "reject", as: "bob").status == 200)
            _ = try await desk.post("/proposals", as: "dee-bot", Desk.trade(["qty": "100000"]))
            let report = try await desk.get("/reports/daily/today", as: "vera").json["decisions"]
            #expect(report?["proposed"] == 4 && report?["approved"] == 1 && report?["rejected"] == 1)
            #expect(report?["blocked"] == 1 && report?["pending"] == 1 && report?["expired"] == 0)
            #expect(report?["answered_share"] == "1")
            let codes = report?["blocked_by"]?.arrayValue?.compactMap { $0["code"]?.stringValue } ?? []
            #expect(!codes.isEmpty && report?["blocked_by"]?[0]?["count"] == 1)
            let people = report?["by_person"]?.arrayValue ?? []
            #expect(people.map { $0["name"]?.stringValue } == ["alice", "bob"])
            #expect(people[0]["approvals"] == 1 && people[1]["rejections"] == 1)
            let bots = report?["by_bot"]?.arrayValue ?? []
            #expect(bots.map { $0["name"]?.stringValue } == ["dee-bot", "shorgan-bot"])
            #expect(bots[1]["pending"] == 1 && bots[1]["median_seconds"] == .null)
            let slowest = report?["slowest"]?["proposal_id"]?.stringValue
            #expect(slowest == proposals[0].id || slowest == proposals[1].id)
        }
    }

    @Test func `every chart that a report shows is there, in both shades, and for nobody else`() async throws
    {
        try await Desk.with { desk in
            try await desk.attack(Self.books)
            let proposal = try await desk.propose()
            _ = try await desk.decide(proposal, "reject", as: "bob")
            let browser = Browser(desk)
            _ = try await browser.logIn("vera")
            var shown = 0
            for path in ["/reports/daily/today", "/reports/weekly/2024-W48", "/reports/weekly/current"] {
                let page = try await browser.open(path)
                let charts = page.html.matches(of: /<img [^>]*src="([^"]*)"/).map { String($0.1) }
                for chart in charts {
                    let picture = try await browser.send(.get, chart)
                    #expect(picture.status == 200 && picture.text.contains("</svg>"), "\(chart)")
                    #expect(picture.header("Content-Type") == "image/svg+xml")
                    #expect(try await Browser(desk).send(.get, chart).status == 303)
                }
                shown += charts.count
            }
            #expect(shown >= 6)
            #expect(try await browser.send(.get, "/reports/daily/today/equity.svg").status == 404)
        }
    }

    @Test(arguments: ["2024-11-23", "2024-11-28", "2999-01-04", "yesterday", "2024-13-01"])
    func `a day without trading, to come or misspelt has no report`(date: String) async throws {
        try await Desk.with { desk in
            let (absent, forbidden) = (
                try await desk.get("/reports/daily/\(date)", as: "reader"),
                try await desk.get("/reports/daily/2024-11-26", as: "dee-bot")
            )
            #expect(absent.status == 404 && forbidden.status == 403)
        }
    }
}
