import Cryptography
import Domain
import Gate
import JSON
import Testing

/// The heartbeat: one worker acts, for one account, and garbage closes.
@Suite struct SynchronisingTests {
    @Test func `the first worker with the account gets the lease and the others stand by`() async throws {
        try await WorkFloor.with { floor in
            let idle = try await floor.sync("w1", [:])
            #expect(idle["lease"]?["active"] == false)
            let first = try await floor.sync("w1")
            #expect(first["lease"]?["active"] == true)
            #expect(first["lease"]?["generation"] == 1)
            let second = try await floor.sync("w2")
            #expect(second["lease"]?["active"] == false)
            #expect(second["lease"]?["worker_id"] == "w1")
            #expect(second["released"] == [])
            #expect(try await floor.sync("w1", [:])["lease"]?["active"] == true)
        }
    }

    @Test func `another worker takes over only after the lease ran out or was given back`() async throws {
        try await WorkFloor.with { floor in
            try await floor.sync("w1")
            try await floor.ground.attack(
                "UPDATE worker_lease SET expires_at = clock_timestamp() - interval '1 second'")
            #expect(try await floor.sync("w2", [:])["lease"]?["active"] == false)
            let taken = try await floor.sync("w2")
            #expect(taken["lease"]?["generation"] == 2)
            #expect(try await floor.sync("w1")["lease"]?["active"] == false)
            try await floor.sync("w2", ["leaving": true])
            #expect(try await floor.sync("w1")["lease"]?["generation"] == 3)
            #expect(
                try await floor.count("SELECT count(*) FROM journal WHERE kind = 'worker.active'") == 3)
        }
    }

    @Test func `another account is refused and takes no lease`() async throws {
        try await WorkFloor.with { floor in
            try await floor.sync("w1")
            let refused = try await refusal { try await floor.sync("w1", WorkFloor.account("OTHER")) }
            #expect(refused?.code == .accountMismatch)
            try await floor.ground.attack("DELETE FROM worker_lease")
            _ = try await refusal { try await floor.sync("w2", WorkFloor.account("OTHER")) }
            #expect(try await floor.count("SELECT count(*) FROM worker_lease") == 0)
            #expect(
                try await floor.count(
                    "SELECT count(*) FROM account_state WHERE account ->> 'account_number' = 'SIM1'") == 1)
        }
    }

    @Test func `garbage is refused with its places and changes nothing`() async throws {
        try await WorkFloor.with { floor in
            try await floor.sync("w1")
            let before = try await floor.count("SELECT count(*) FROM account_state WHERE worker_id = 'w1'")
            var body = WorkFloor.account()
            body["positions"] = [["symbol": "NVDA", "qty": "many"]]
            body["quotes"] = [["symbol": "NVDA", "bid": "-1", "ask": "2", "quoted_at": "yesterday"]]
            let refused = try await refusal { try await floor.sync("w1", body) }
            #expect(refused?.code == .validation)
            let pointers = Set((refused?.faults ?? []).map(\.pointer))
            #expect(pointers.contains("/positions/0/qty"))
            #expect(pointers.contains("/quotes/0/quoted_at"))
            let half = try await refusal { try await floor.sync("w1", ["account": ["equity": "1"]]) }
            #expect(half?.faults.contains { $0.pointer == "/positions" } == true)
            #expect(try await refusal { try await floor.sync("", [:]) }?.code == .validation)
            #expect(before == 1)
        }
    }

    @Test func `history is written once a minute, quotes only forward, and the future gives way`()
        async throws
    {
        try await WorkFloor.with { floor in
            var body = WorkFloor.account()
            let told = [("1", 60, 1), ("2", 90, 1), ("3", -3600, 3), ("4", 30, 4), ("5", 40, 4)]
            for (bid, age, known) in told {
                body["quotes"] = [try await floor.quote(bid: bid, ask: "6", age: age)]
                try await floor.sync("w1", body)
                #expect(try await floor.count("SELECT bid::int FROM quotes") == known)
            }
            #expect(try await floor.count("SELECT count(*) FROM account_snapshots") == 1)
        }
    }

    @Test
    func `a worker of the other mode gets no lease, no order and no command, and its account is not taken`()
        async throws
    {
        try await WorkFloor.with { floor in
            let live = WorkFloor.account().merging(["mode": "live"])
            let early = try await refusal { try await floor.sync("w2", live) }
            #expect(early?.code == .accountMismatch)
            #expect(try await floor.count("SELECT count(*) FROM account_snapshots") == 0)
            let order = try await floor.release()
            let late = try await refusal { try await floor.sync("w1", ["mode": "live"]) }
            #expect(late?.code == .accountMismatch)
            let claim = try await refusal { _ = try await floor.claim(order, "w1", ["mode": "live"]) }
            #expect(claim?.code == .accountMismatch)
            #expect(try await floor.sync("w1", ["mode": "paper"])["mode"] == "paper")
            _ = try await floor.claim(order, "w1", ["mode": "paper"])
        }
    }

    @Test func `a claim may name its account alone, and another account's claim is refused`() async throws {
        try await WorkFloor.with { floor in
            let order = try await floor.release()
            let other: JSONObject = ["account": ["account_number": "OTHER9", "equity": "1"]]
            #expect(
                try await refusal { _ = try await floor.claim(order, "w1", other) }?.code == .accountMismatch)
            let before = try await floor.count("SELECT count(*) FROM account_snapshots")
            _ = try await floor.claim(
                order, "w1", ["account": ["account_number": "SIM1", "equity": "1", "cash": "1"]])
            #expect(try await floor.count("SELECT count(*) FROM account_snapshots") == before)
        }
    }

    @Test func `it learns which orders to claim, which to watch, and which prices matter`() async throws {
        try await WorkFloor.with { floor in
            let order = try await floor.release()
            let answer = try await floor.sync("w1", [:])
            #expect(answer["released"] == [.string(order.text)])
            #expect(answer["claimable"]?[0]?["symbol"] == "NVDA")
            #expect(answer["watch"]?.arrayValue?.contains("NVDA") == true)
            #expect(answer["orders"] == [])
            _ = try await floor.claim(order)
            let after = try await floor.sync("w1", [:])
            #expect(after["released"] == [])
            let watched = try #require(after["orders"]?[0])
            #expect(watched["id"] == .string(order.text))
            #expect(watched["state"] == "submitting")
            #expect(watched["claim_age_seconds"]?.intValue != nil)
            #expect(watched["cancel_due"] == false)
        }
    }

    @Test func `an answer to a nonce is signed with it, the mode and the account; any other is as it was`()
        async throws
    {
        try await WorkFloor.with { floor in
            try await floor.sync()
            let plain = try await floor.sync("w1", [:])
            #expect(plain["signature"] == nil && plain["nonce"] == nil)
            let signed = try await floor.sync("w1", ["nonce": "once"])
            #expect(
                signed["nonce"] == "once" && signed["account_number"] == "SIM1" && signed["mode"] == "paper")
            let signature = try #require(signed["signature"]?["value"]?.stringValue.flatMap(Base64.decode))
            let text = SyncSignature.text(of: try #require(signed.objectValue))
            let key = floor.context.secrets.signingKey.publicKey
            #expect(key.verify(signature, of: Array(text.utf8)))
            #expect(!key.verify(signature, of: Array(text.replacing("once", with: "onca").utf8)))
            let long = JSONValue.string(String(repeating: "n", count: 129))
            let refusal = await #expect(throws: Refusal.self) {
                try await floor.sync("w1", ["nonce": long])
            }
            #expect(refusal?.faults.map(\.pointer) == ["/nonce"])
        }
    }
}
