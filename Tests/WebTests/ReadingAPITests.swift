import Domain
import Gate
import HTTPServer
import JSON
import Testing
import Web

@Suite struct ReadingAPITests {
    @Test func `the account, its positions and the limits are told`() async throws {
        try await Desk.with { desk in
            let account = try await desk.get("/trading/account", as: "reader").json
            #expect(account["equity"] == "100000")
            #expect(account["account_number"] == "SIM1")
            let positions = try await desk.get("/positions/active", as: "reader").json
            #expect(positions["items"] == [])
            let limits = try await desk.get("/risk/limits", as: "reader").json
            #expect(limits["policy_version"] == 1)
            #expect(limits["used"]?["open_positions"] == 0)
            try await desk.attack("DELETE FROM account_state")
            #expect(try await desk.get("/trading/account", as: "reader").status == 404)
        }
    }

    @Test func `an admin applies a policy and its versions stay`() async throws {
        try await Desk.with { desk in
            let body: JSONValue = ["preset": "guarded-5k", "limits": ["max_open_positions": 3]]
            let applied = try await desk.send(
                .put, "/api/v1/policy", as: "adam", body: body.bytes())
            #expect(applied.status == 200, "\(applied.text)")
            #expect(applied.json["version"] == 2)
            #expect(applied.json["changed"] == true)
            let wrong = try await desk.send(
                .put, "/api/v1/policy", as: "adam", body: Array(#"{"limits":{"max_opn":1}}"#.utf8))
            #expect(wrong.status == 422)
            let versions = try await desk.get("/policy/versions?limit=1", as: "reader").json
            #expect(versions["items"]?[0]?["version"] == 2)
            #expect(versions["next_cursor"] != .null)
        }
    }

    @Test func `an auditor reads the journal, newest first, and of one thing`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            _ = try await desk.decide(proposal, "reject", as: "alice")
            let journal = try await desk.get("/audit?limit=1", as: "audrey").json
            #expect(journal["items"]?[0]?["kind"] == "proposal.rejected")
            #expect(journal["items"]?[0]?["actor"] == "user:alice")
            let one = try await desk.get("/audit?subject=proposal:\(proposal.id)", as: "audrey").json
            #expect(
                one["items"]?.arrayValue?.map { $0["kind"] } == ["proposal.rejected", "proposal.created"])
            #expect(try await desk.get("/audit/checkpoint", as: "audrey").status == 404)
        }
    }

    @Test func `the public key needs no key`() async throws {
        try await Desk.with { desk in
            let keys = try await desk.get("/signing-keys")
            #expect(keys.status == 200)
            #expect(keys.json["items"]?[0]?["key_id"]?.stringValue == desk.gate.secrets.signingKeyID)
            #expect(keys.json["items"]?[0]?["current"] == true)
            try await desk.attack(
                """
                INSERT INTO signing_keys (key_id, public_key, created_at)
                VALUES ('00112233aabbccdd', decode(repeat('07', 32), 'hex'), now() + interval '1 hour')
                """)
            let both = try await desk.get("/signing-keys").json["items"]
            #expect(both?.arrayValue?.count == 2)
            #expect(both?[0]?["key_id"]?.stringValue == desk.gate.secrets.signingKeyID)
            #expect(both?[1]?["key_id"] == "00112233aabbccdd" && both?[1]?["current"] == false)
        }
    }

    @Test func `halts and positions are read page by page`() async throws {
        try await Desk.with { desk in
            for target in ["a", "b", "c"] {
                _ = try await desk.post(
                    "/halts", as: "olivia", ["scope": "strategy", "target": .string(target), "reason": "x"])
            }
            let halts = try await pages("/halts?open=true&limit=2", of: desk)
            #expect(halts.map { $0["target"] } == ["c", "b", "a"])
            try await desk.attack(
                """
                UPDATE account_state
                SET positions = (SELECT jsonb_agg(jsonb_build_object('symbol', s, 'qty', '1', 'side', 'long',
                    'market_value', '10', 'avg_entry_price', '10', 'current_price', '10', 'qty_available', '1'))
                    FROM unnest(ARRAY['NVDA', 'AMD', 'TSLA', 'F', 'AAPL']) AS s)
                """)
            let positions = try await pages("/positions/active?limit=2", of: desk)
            #expect(positions.map { $0["symbol"] } == ["AAPL", "AMD", "F", "NVDA", "TSLA"])
            #expect(try await desk.get("/halts?cursor=nonsense", as: "reader").status == 422)
            #expect(try await desk.get("/positions/active?cursor=nonsense", as: "reader").status == 422)
        }
    }

    private func pages(_ path: String, of desk: Desk) async throws -> [JSONValue] {
        var items: [JSONValue] = []
        var cursor: String?
        repeat {
            let page = try await desk.get(path + (cursor.map { "&cursor=\($0)" } ?? ""), as: "reader").json
            #expect(page["items"]?.arrayValue?.count ?? 9 <= 2)
            items += page["items"]?.arrayValue ?? []
            cursor = page["next_cursor"]?.stringValue
        } while cursor != nil && items.count < 20
        return items
    }

    @Test func `events tell what happens after the last one seen`() async throws {
        try await Desk.with { desk in
            desk.application.start()
            let proposal = try await desk.propose()
            let answer = try await desk.send(
                .get, "/api/v1/events", as: "reader", headers: ["Last-Event-ID": "0"])
            guard case .events(let stream) = answer.response.body else { throw Unexpected(answer) }
            var events = stream.events.makeAsyncIterator()
            let first = try #require(await events.next())
            #expect(first.event == "proposal.created")
            #expect(first.data.contains(proposal.id) && !first.data.contains("checks"))
            _ = try await desk.decide(proposal, "reject", as: "alice")
            let second = try #require(await events.next())
            #expect(second.event == "proposal.rejected")
            #expect(Int(second.id ?? "") ?? 0 > Int(first.id ?? "") ?? 0)
            await desk.application.stop()
            #expect(await events.next() == nil)
        }
    }

    @Test func `an event id that makes no sense is refused`() async throws {
        try await Desk.with { desk in
            for id in ["yesterday", "-1", "9223372036854775807", "1000000000000000000"] {
                let answer = try await desk.send(
                    .get, "/api/v1/events", as: "reader", headers: ["Last-Event-ID": id])
                #expect(answer.status == 400, "\(id)")
            }
            let ahead = "999999999999999999"
            let answer = try await desk.send(
                .get, "/api/v1/events", as: "reader", headers: ["Last-Event-ID": ahead])
            #expect(answer.status == 200)
            let browser = Browser(desk)
            _ = try await browser.logIn("vera")
            for id in ["yesterday", "-9", "9223372036854775807"] {
                let answer = try await browser.send(.get, "/live?after=1", headers: ["Last-Event-ID": id])
                #expect(answer.status == 200, "\(id)")
                guard case .events(let stream) = answer.response.body else { throw Unexpected(answer) }
                var events = stream.events.makeAsyncIterator()
                #expect(await events.next()?.event == "open")
            }
        }
    }
}
