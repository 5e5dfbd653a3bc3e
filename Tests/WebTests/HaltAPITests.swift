import Domain
import HTTPServer
import JSON
import Testing

@Suite struct HaltAPITests {
    @Test func `an emergency stop cancels what is pending and unclaimed, and says what`() async throws {
        try await Desk.with { desk in
            let pending = try await desk.propose(["qty": "10"])
            let approved = try await desk.propose(["qty": "11"])
            let order = try await desk.decide(approved, "approve", as: "alice").json["order_id"]
            let foreseen = try await desk.post(
                "/emergency-stop", as: "stopper", ["reason": "drill", "dry_run": true])
            #expect(foreseen.json["dry_run"] == true)
            #expect(foreseen.json["cancelled"]?["proposals"] == [.string(pending.id)])
            #expect(try await desk.state(of: pending) == "pending")
            let stopped = try await desk.post(
                "/emergency-stop", as: "stopper", ["reason": "fire", "flatten": true])
            #expect(stopped.status == 200)
            #expect(stopped.json["trading_state"] == "halted")
            #expect(stopped.json["cancelled"]?["proposals"] == [.string(pending.id)])
            #expect(stopped.json["cancelled"]?["orders"] == .array([order].compactMap(\.self)))
            #expect(stopped.json["command"]?["kind"] == "flatten")
            #expect(foreseen.json["at_broker"]?["would_close"] != nil)
            #expect(try await desk.state(of: pending) == "cancelled")
            let status = try await desk.get("/trading/status", as: "reader").json
            #expect(status["trading_state"] == "halted")
            #expect(status["trading_enabled"] == false)
            let blocked = try await desk.propose(["qty": "12"])
            #expect(blocked["state"] == "blocked")
        }
    }

    @Test func `who stopped does not alone let it go on`() async throws {
        try await Desk.with { desk in
            _ = try await desk.post("/emergency-stop", as: "olivia", ["reason": "fire"])
            let alone = try await desk.post("/emergency-resume", as: "olivia", ["reason": "over"])
            #expect(alone.status == 403)
            #expect(alone.problem == "second-person-required")
            let factor = try await desk.post(
                "/emergency-resume", as: "otto", ["reason": "over", "limits_factor": "1.5"])
            #expect(factor.status == 422)
            let resumed = try await desk.post("/emergency-resume", as: "otto", ["reason": "over"])
            #expect(resumed.status == 200)
            #expect(resumed.json["trading_state"] == "active")
            #expect(resumed.json["cleared"]?.arrayValue?.count == 1)
        }
    }

    @Test(
        arguments: [
            (["scope": "symbol", "reason": "x"], "/target"), (["scope": "galaxy", "reason": "x"], "/scope"),
            (["scope": "account", "target": "NVDA", "reason": "x"], "/target"),
            (["scope": "account", "reason": " "], "/reason"), (["reason": "x"], "/scope"),
        ] as [(JSONObject, String)])
    func `a halt that makes no sense stops nothing`(body: JSONObject, pointer: String) async throws {
        try await Desk.with { desk in
            let answer = try await desk.post("/halts", as: "olivia", .object(body))
            #expect(answer.status == 422)
            #expect(answer.json["errors"]?[0]?["pointer"]?.stringValue == pointer)
            #expect(try await desk.count("SELECT count(*) FROM halts") == 0)
        }
    }

    @Test func `one strategy is stopped and cleared once`() async throws {
        try await Desk.with { desk in
            let made = try await desk.post(
                "/halts", as: "olivia", ["scope": "strategy", "target": "catalyst", "reason": "odd fills"])
            #expect(made.status == 201)
            let id = try #require(made.json["halt"]?["id"]?.stringValue)
            #expect(made.json["trading_state"] == "active")
            let cleared = try await desk.post("/halts/\(id)/clear", as: "otto", ["reason": "explained"])
            #expect(cleared.status == 200)
            #expect(cleared.json["cleared_by"] == "user:otto")
            #expect(try await desk.post("/halts/\(id)/clear", as: "otto", ["reason": "x"]).status == 409)
            #expect(try await desk.get("/halts?open=true", as: "reader").json["items"] == [])
            #expect(try await desk.get("/halts", as: "reader").json["items"]?.arrayValue?.count == 1)
        }
    }

    @Test func `a stop of one symbol or strategy may cancel at the broker too, one of a bot may not`()
        async throws
    {
        try await Desk.with { desk in
            for (scope, target) in [("symbol", "NVDA"), ("strategy", "catalyst")] {
                let made = try await desk.post(
                    "/halts", as: "olivia",
                    ["scope": .string(scope), "target": .string(target), "reason": "news", "cancel": true])
                #expect(made.status == 201)
                #expect(made.json["command"]?["kind"] == "cancel_entries")
                #expect(made.json["command"]?[scope]?.stringValue == target)
            }
            let plain = try await desk.post(
                "/halts", as: "olivia", ["scope": "symbol", "target": "AMD", "reason": "news"])
            #expect(plain.json["command"] == .null)
            let bot = try await desk.post(
                "/halts", as: "olivia",
                ["scope": "bot", "target": "dee-bot", "reason": "news", "cancel": true])
            #expect(bot.status == 422)
            #expect(bot.json["errors"]?[0]?["pointer"] == "/cancel")
            #expect(try await desk.count("SELECT count(*) FROM halts WHERE scope = 'bot'") == 0)
        }
    }

    @Test func `a dry run foresees what is in reach of the stop, and nothing else`() async throws {
        try await Desk.with { desk in
            try await desk.attack(Self.twoPositions)
            func foreseen(_ scope: String, _ target: String) async throws -> [JSONValue?]? {
                let ask: JSONObject = [
                    "scope": .string(scope), "target": .string(target), "reason": "x", "cancel": true,
                    "dry_run": true,
                ]
                let answer = try await desk.post("/halts", as: "olivia", .object(ask))
                #expect(answer.json["at_broker"]?["would_close"] == [])
                return answer.json["at_broker"]?["would_cancel"]?.arrayValue?.map { $0["symbol"] }
            }
            #expect(try await foreseen("symbol", "AMD") == ["AMD"])
            #expect(try await foreseen("symbol", "NVDA") == [], "its stop protects what is held")
            #expect(try await foreseen("strategy", "catalyst") == [], "none of these orders is of a strategy")
            let all = try await desk.post(
                "/emergency-stop", as: "olivia", ["reason": "x", "flatten": true, "dry_run": true])
            #expect(all.json["at_broker"]?["would_close"]?.arrayValue?.count == 2)
            #expect(all.json["at_broker"]?["would_cancel"]?.arrayValue?.count == 2)
        }
    }

    @Test
    func `the page closes one position for who gives the PIN, and offers it to nobody who may only look`()
        async throws
    {
        try await Desk.with { desk in
            try await desk.attack(Self.twoPositions)
            let viewer = Browser(desk)
            let seen = try await viewer.logIn("vera", next: "/positions")
            #expect(seen.text.contains("NVDA") && !seen.html.contains("/halts?close="))
            let browser = Browser(desk)
            let positions = try await browser.logIn("olivia", next: "/positions")
            #expect(positions.html.contains("href=\"/halts?close=NVDA#flatten-heading\""))
            let page = try await browser.open("/halts?close=NVDA")
            #expect(page.html.contains("<option value=\"NVDA\" selected>NVDA alone: sell 7</option>"))
            let form = try #require(page.forms.first { $0.buttons.contains { $0.1 == "flatten" } })
            let fields = ["symbol": "NVDA", "reason": "news", "pin": ""]
            let refused = try await browser.submit(form, fields, button: ("action", "flatten"))
            #expect(refused.status == 422 && refused.html.contains("<option value=\"NVDA\" selected>"))
            #expect(try await desk.count("SELECT count(*) FROM commands") == 0)
            let done = try await browser.submit(
                form, fields.merging(["pin": Desk.pin]) { $1 }, button: ("action", "flatten"))
            #expect(done.status == 200 && done.text.contains("Closing NVDA"), "\(done.text)")
            let ask = "SELECT count(*) FROM commands WHERE kind = 'close_position' AND symbol = 'NVDA'"
            #expect(try await desk.count(ask) == 1)
            #expect(try await desk.count("SELECT count(*) FROM halts") == 0)
        }
    }

    /// What the account holds and what is open there, as the worker reported it.
    private static let twoPositions = """
        UPDATE account_state
        SET positions = '[{"symbol": "NVDA", "qty": "7", "side": "long", "market_value": "700", "avg_entry_price": "90",
                "current_price": "100"},
            {"symbol": "AMD", "qty": "3", "side": "long", "market_value": "300", "avg_entry_price": "90",
                "current_price": "100"}]',
            open_orders = '[{"id": "1", "symbol": "NVDA", "side": "sell", "qty": "7", "filled_qty": "0", "type": "stop",
                "stop_price": "80", "status": "new"},
            {"id": "2", "symbol": "AMD", "side": "buy", "qty": "3", "filled_qty": "0", "type": "limit",
                "limit_price": "80", "status": "new"}]'
        """

    @Test func `whatever of Countersign stopped trading, the page says that Countersign did`() async throws {
        try await Desk.with { desk in
            try await desk.attack(
                """
                INSERT INTO halts (id, scope, target, cause, reason, allows_reducing, opened_by)
                VALUES (gen_random_uuid(), 'symbol', 'NVDA', 'overfill', '2 too many.', true, 'system:overfill'),
                    (gen_random_uuid(), 'symbol', 'TSLA', 'drawdown', 'a loss', true, 'system:breaker'),
                    (gen_random_uuid(), 'symbol', 'AMD', 'manual', 'a rumour', true, 'user:olivia')
                """)
            let page = try await Browser(desk).logIn("olivia", next: "/halts")
            let stoppers = page.html.split(separator: "<dt>Stopped by</dt><dd>").dropFirst()
                .map { String($0.prefix { $0 != "," }) }
            #expect(stoppers.sorted() == ["Countersign", "Countersign", "olivia"])
        }
    }

    @Test func `the page cancels for one strategy, and says why it cannot for one bot`() async throws {
        try await Desk.with { desk in
            let browser = Browser(desk)
            let page = try await browser.logIn("olivia", next: "/halts")
            let form = try #require(page.forms.first { $0.buttons.contains { $0.1 == "stop" } })
            let fields = ["target": "dee-bot", "reason": "odd", "cancel": "yes", "scope": "bot"]
            let refused = try await browser.submit(form, fields, button: ("action", "stop"))
            #expect(refused.status == 422 && refused.text.contains("cannot be done for one bot"))
            let done = try await browser.submit(
                form, fields.merging(["scope": "strategy", "target": "catalyst"]) { $1 },
                button: ("action", "stop"))
            #expect(done.status == 200)
            let ask = "SELECT count(*) FROM commands WHERE strategy = 'catalyst'"
            #expect(try await desk.count(ask) == 1)
        }
    }

    @Test func `what a key stopped a person lets go on, and a key only where there is nobody`() async throws {
        try await Desk.with { desk in
            _ = try await desk.post("/emergency-stop", as: "stopper", ["reason": "monitor"])
            let byKey = try await desk.post("/emergency-resume", as: "stopper", ["reason": "over"])
            #expect(byKey.status == 403 && byKey.problem == "second-person-required")
            #expect(byKey.json["detail"]?.stringValue?.contains("a person has to let it go on") == true)
            #expect(try await desk.post("/emergency-resume", as: "otto", ["reason": "seen"]).status == 200)
            _ = try await desk.post("/emergency-stop", as: "stopper", ["reason": "monitor"])
            try await desk.attack("UPDATE users SET role = 'viewer' WHERE role = 'operator'")
            try await desk.attack(
                """
                ALTER TABLE users DISABLE TRIGGER USER;
                UPDATE users SET disabled_at = now() WHERE role = 'admin';
                ALTER TABLE users ENABLE TRIGGER USER;
                """)
            #expect(try await desk.post("/emergency-resume", as: "stopper", ["reason": "over"]).status == 200)
        }
    }

    @Test func `whose PIN somebody else has just set does not let go on what a key stopped`() async throws {
        try await Desk.with { desk in
            try await desk.attack("UPDATE users SET pin_given_at = now() WHERE name = 'otto'")
            _ = try await desk.post("/emergency-stop", as: "stopper", ["reason": "monitor"])
            let given = try await desk.post("/emergency-resume", as: "otto", ["reason": "over"])
            #expect(given.status == 403 && given.problem == "second-person-required")
            #expect(try await desk.post("/emergency-resume", as: "olivia", ["reason": "seen"]).status == 200)
        }
    }
}
