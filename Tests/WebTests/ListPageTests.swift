import HTTPServer
import JSON
import Testing

/// The lists that people page through and narrow down.
@Suite struct ListPageTests {
    @Test func `the history is narrowed by who decided and when`() async throws {
        try await Desk.with { desk in
            let (byBob, byAlice) = (
                try await desk.propose(["qty": "10"]), try await desk.propose(["qty": "11"])
            )
            _ = try await desk.decide(byBob, "reject", as: "bob")
            _ = try await desk.decide(byAlice, "reject", as: "alice")
            let browser = Browser(desk)
            let bobs = try await browser.logIn("vera", next: "/history?by=Bob")
            #expect(bobs.status == 200)
            let narrowed = try await browser.open("/history?by=Bob&state=rejected&symbol=nvda")
            #expect(narrowed.html.contains(byBob.id) && !narrowed.html.contains(byAlice.id))
            let none = try await browser.open("/history?by=nobody")
            #expect(none.text.contains("No proposal fits all of this."))
            let past = try await browser.open("/history?from=2001-01-01&to=2001-12-31")
            #expect(past.text.contains("No proposal fits") && past.html.contains(#"value="2001-12-31""#))
            let all = try await browser.open(
                "/history?from=2001-01-01&to=2099-12-31&state=&symbol=&strategy=&by=")
            #expect(all.html.contains(byBob.id) && all.html.contains(byAlice.id))
        }
    }

    @Test func `a filter that makes no sense is said at the form`() async throws {
        try await Desk.with { desk in
            let browser = Browser(desk)
            _ = try await browser.logIn("vera")
            for (query, words) in [
                ("from=yesterday", "must be a day such as"), ("from=2026-02-30", "must be a day such as"),
                ("from=2026-11-02&to=2026-11-01", "must not be before the first day"),
                ("state=done", "must be one of"), ("cursor=abc", "is none that this server gave"),
            ] {
                let page = try await browser.open("/history?\(query)")
                #expect(page.status == 422 && page.text.contains(words), "\(query): \(page.text)")
            }
        }
    }

    @Test func `states that differ in a letter are told apart, and deliveries name their trade`() async throws
    {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            let alert = try await desk.post(
                "/alerts", as: "siren", ["type": "feed_late", "priority": "critical", "title": "Late"])
            #expect(alert.status == 201, "\(alert.text)")
            let browser = Browser(desk)
            let orders = try await browser.logIn("vera", next: "/orders")
            #expect(orders.text.contains("canceled at the broker"))
            #expect(orders.text.contains("cancelled before it was sent"))
            let page = try await browser.open("/deliveries")
            let trade = "<a href=\"/proposals/\(proposal.id)\">BUY 40 NVDA LIMIT 118.20 DAY</a>"
            #expect(page.html.contains(trade), "\(page.html)")
            #expect(page.html.contains("<a href=\"/alerts/\(alert.json.id)\">the alert</a>"), "\(page.html)")
        }
    }

    @Test func `the inbox goes on at later deadlines without gaps or repeats`() async throws {
        try await Desk.with { desk in
            _ = try await desk.propose()
            try await desk.attack(
                """
                ALTER TABLE proposal_terms DISABLE TRIGGER USER, ENABLE TRIGGER note_new;
                DO $$
                DECLARE
                    names text;
                BEGIN
                    SELECT string_agg(quote_ident(attname), ', ') INTO names
                    FROM pg_attribute
                    WHERE attrelid = 'proposal_terms'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
                    EXECUTE format(
                        'INSERT INTO proposal_terms (%1$s) OVERRIDING SYSTEM VALUE SELECT %1$s FROM (
                            SELECT (jsonb_populate_record(p, jsonb_build_object(
                                ''id'', gen_random_uuid(), ''sequence'', nextval(''proposals_sequence_seq''),
                                ''idempotency_key'', ''copy-'' || n, ''client_order_id'', ''copy-'' || n,
                                ''expires_at'', p.expires_at - make_interval(secs => n %% 7)))).*
                            FROM proposal_terms p, generate_series(1, 119) AS n) AS copies', names);
                END $$;
                ALTER TABLE proposal_terms ENABLE TRIGGER USER
                """)
            let browser = Browser(desk)
            var page = try await browser.logIn("alice")
            #expect(page.text.contains("120 proposals wait for you"))
            var seen: [String] = []
            for _ in 1...3 {
                let ids = page.html.matches(of: /href="\/proposals\/([0-9a-f-]{36})"/).map { String($0.1) }
                seen += ids
                let next = page.html.firstMatch(of: /href="(\/\?cursor=[A-Za-z0-9_-]+)"/)
                guard let next else { break }
                page = try await browser.open(String(next.1))
            }
            #expect(seen.count == 120 && Set(seen).count == 120, "\(seen.count), \(Set(seen).count)")
            #expect(page.text.contains("Nearest deadlines"))
            let bad = try await browser.open("/?cursor=abc")
            #expect(bad.status == 422)
        }
    }

    @Test func `orders are narrowed by state and symbol`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            _ = try await desk.decide(proposal, "approve", as: "bob")
            let browser = Browser(desk)
            _ = try await browser.logIn("vera")
            let link = /href="\/orders\/[0-9a-f-]{36}"/
            #expect(try await browser.open("/orders?state=released&symbol=nvda").html.contains(link))
            let none = try await browser.open("/orders?state=filled&symbol=")
            #expect(!none.html.contains(link) && none.text.contains("No order fits all of this."))
        }
    }
}
