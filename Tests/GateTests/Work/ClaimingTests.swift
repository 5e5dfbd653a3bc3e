import Cryptography
import Domain
import Gate
import JSON
import Store
import Testing

/// The last gate before the broker.
@Suite struct ClaimingTests {
    @Test func `a claim answers with the signed order, and it verifies`() async throws {
        try await WorkFloor.with { floor in
            let id = try await floor.release()
            let answer = try await floor.claim(id)
            #expect(answer["claim_generation"] == 1)
            #expect(answer["already_claimed"] == false)
            #expect(answer["cancel_after"]?.stringValue != nil)
            #expect(try await floor.state(id) == .submitting)
            let order = try #require(answer["order"])
            let approval = try #require(answer["approval"])
            let signed = JSONValue.object(["order": order, "approval": approval]).canonical()
            let signature = try #require(answer["signature"]?["value"]?.stringValue.flatMap(Base64.decode))
            let key = floor.context.secrets.signingKey.publicKey
            #expect(key.verify(signature, of: Array(signed.utf8)))
            let terms = try OrderTerms.parse(order)
            let clientOrderID = try #require(order["client_order_id"]?.stringValue)
            #expect(
                SHA256.hexadecimal(terms.canonical(clientOrderID: clientOrderID))
                    == approval["order_hash"]?.stringValue)
        }
    }

    @Test func `the same worker may ask again, nobody else`() async throws {
        try await WorkFloor.with { floor in
            let id = try await floor.release()
            _ = try await floor.claim(id)
            let again = try await floor.claim(id)
            #expect(again["already_claimed"] == true)
            #expect(again["claim_generation"] == 1)
            #expect(try await refusal { _ = try await floor.claim(id, "w2") }?.code == .notActiveWorker)
            try await floor.sync("w1", ["leaving": true])
            try await floor.sync("w2")
            let late = try await refusal { _ = try await floor.claim(id, "w2") }
            #expect(late?.code == .claimed)
            #expect(late?.facts["claimed_by"] == "w1")
            #expect(try await refusal { _ = try await floor.claim(id, "w1") }?.code == .notActiveWorker)
        }
    }

    @Test func `whoever revokes too late hears who claimed it, and when`() async throws {
        try await WorkFloor.with { floor in
            let id = try await floor.release()
            let claimed = try await floor.claim(id)
            let proposal = try await OrderReading(floor.context).find(id).record.proposalID
            let late = try await refusal {
                _ = try await Revoking(floor.context).revoke(proposal, reason: nil, by: WorkFloor.alice)
            }
            #expect(late?.code == .claimed)
            let words = "Too late: w1 claimed this order at \(claimed["claimed_at"]?.stringValue ?? "?"). "
            #expect(late?.detail.hasPrefix(words) == true, "\(late?.detail ?? "")")
        }
    }

    @Test func `of many that claim at once one gets it fresh`() async throws {
        try await WorkFloor.with { floor in
            let id = try await floor.release()
            let answers = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<8 {
                    group.addTask { try await floor.claim(id)["already_claimed"] == false }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(answers == 1)
            #expect(
                try await floor.count("SELECT count(*) FROM journal WHERE kind = 'order.claimed'") == 1)
        }
    }

    @Test(arguments: [
        ("118.18", "121", 0), ("118.18", "118.20", 60), ("118.18", "118.20", -3600), ("0", "0", 0),
        ("118.30", "118.20", 0),
    ])
    func `a price that moved, is old or is none refuses the order for good`(
        _ bid: String, _ ask: String, _ age: Int
    ) async throws {
        try await WorkFloor.with { floor in
            let id = try await floor.release()
            try await floor.ground.attack("DELETE FROM quotes")
            let quote = try await floor.quote(bid: bid, ask: ask, age: age)
            let refused = try await refusal { _ = try await floor.claim(id, "w1", ["quote": quote]) }
            #expect(refused?.code == .refused)
            #expect(refused?.facts["checks"]?.arrayValue?.isEmpty == false)
            #expect(try await floor.state(id) == .refused)
            #expect(try await refusal { _ = try await floor.claim(id) }?.code == .refused)
            #expect(
                try await floor.count("SELECT count(*) FROM journal WHERE kind = 'order.refused'") == 1)
            #expect(
                try await floor.count("SELECT count(*) FROM deliveries WHERE kind = 'order-refused'") == 1)
        }
    }

    @Test func `a claim is judged by the quote that it brings, though a newer one is known`() async throws {
        for (ask, age) in [("118.20", 30), ("121", 10)] {
            try await WorkFloor.with { floor in
                let id = try await floor.release()
                let quote = try await floor.quote(ask: ask, age: age)
                try await floor.sync("w1", ["quotes": [try await floor.quote()]])
                let refused = try await refusal { _ = try await floor.claim(id, "w1", ["quote": quote]) }
                #expect(refused?.code == .refused, "\(ask), \(age) seconds old")
                #expect(try await floor.state(id) == .refused)
            }
        }
    }

    @Test func `a clock that is ahead of ours by a second is no fault, by an hour it says so`() async throws {
        try await WorkFloor.with { floor in
            let (first, second) = (try await floor.release(), try await floor.release(["qty": "5"]))
            _ = try await floor.claim(first, "w1", ["quote": try await floor.quote(age: -1)])
            let quote = try await floor.quote(age: -3600)
            let refused = try await refusal { _ = try await floor.claim(second, "w1", ["quote": quote]) }
            #expect(refused?.detail.contains("seconds ahead of the server's clock, more than 15") == true)
        }
    }

    @Test func `an account whose money is gone elsewhere refuses the order`() async throws {
        try await WorkFloor.with { floor in
            let id = try await floor.release()
            var account = WorkFloor.account()
            account["account"] = [
                "account_number": "SIM1", "status": "ACTIVE", "equity": "100000", "cash": "1000",
                "buying_power": "1000",
            ]
            #expect(try await refusal { _ = try await floor.claim(id, "w1", account) }?.code == .refused)
            #expect(try await floor.state(id) == .refused)
        }
    }

    @Test func `the last new position of the day is not refused on its own account`() async throws {
        try await WorkFloor.with { floor in
            let first = try await floor.release()
            let last = try await floor.release([
                "symbol": "AAPL", "limit_price": "190", "stop_loss": ["stop_price": "175"],
            ])
            _ = try await floor.claim(first)
            #expect(try await floor.state(first) == .submitting)
            let quote = try await floor.quote("AAPL", bid: "189.98", ask: "190")
            _ = try await floor.claim(last, "w1", ["quote": quote])
            #expect(try await floor.state(last) == .submitting)
        }
    }

    @Test func `what adds to a position uses up no new position of the day`() async throws {
        try await WorkFloor.with { floor in
            let opened = "SELECT coalesce(sum(orders), 0) FROM opened_positions"
            let first = try await floor.release()
            #expect(try await floor.count(opened) == 1)
            let held: JSONValue = [
                ["symbol": "NVDA", "qty": "10", "avg_entry_price": "118", "current_price": "118"]
            ]
            _ = try await floor.release(["qty": "5"], holding: held)
            #expect(try await floor.count(opened) == 1)
            let second = try await floor.release(
                ["symbol": "AAPL", "limit_price": "190", "stop_loss": ["stop_price": "175"]], holding: held)
            #expect(try await floor.count(opened) == 2, "the limit is two a day")
            #expect(
                try await floor.count("SELECT count(*) FROM orders WHERE opens_position") == 2)
            for id in [first, second] {
                let proposal = try await OrderReading(floor.context).find(id).record.proposalID
                _ = try await Revoking(floor.context).revoke(proposal, reason: "enough", by: WorkFloor.alice)
            }
            #expect(try await floor.count(opened) == 0)
        }
    }

    @Test func `no quote and another account are no claim, and the order stays`() async throws {
        try await WorkFloor.with { floor in
            let id = try await floor.release()
            #expect(
                try await refusal { _ = try await floor.claim(id, "w1", ["quote": .null]) }?.code
                    == .validation)
            #expect(
                try await refusal { _ = try await floor.claim(id, "w1", WorkFloor.account("OTHER")) }?.code
                    == .accountMismatch)
            #expect(try await floor.state(id) == .released)
        }
    }

    @Test func `an approval that ran out is not claimed, and lapses`() async throws {
        try await WorkFloor.with { floor in
            let id = try await floor.release()
            try await floor.ground.attack(
                """
                ALTER TABLE orders DISABLE TRIGGER guard;
                UPDATE orders SET valid_until = clock_timestamp() - interval '1 second';
                ALTER TABLE orders ENABLE TRIGGER guard;
                """)
            #expect(try await floor.sync("w1", [:])["released"] == [])
            #expect(try await refusal { _ = try await floor.claim(id) }?.code == .lapsed)
            #expect(try await floor.state(id) == .lapsed)
            #expect(try await Lapsing(floor.context).lapseOnce().lapsed == 0)
            #expect(
                try await floor.count("SELECT count(*) FROM deliveries WHERE kind = 'order-lapsed'") == 1)
        }
    }

    @Test func `the sweep ends what nobody claimed and tells when to come again`() async throws {
        try await WorkFloor.with { floor in
            let id = try await floor.release()
            let early = try await Lapsing(floor.context).lapseOnce()
            #expect(early.lapsed == 0)
            #expect(early.nextDeadline != nil)
            try await floor.ground.attack(
                """
                ALTER TABLE orders DISABLE TRIGGER guard;
                UPDATE orders SET valid_until = clock_timestamp() - interval '1 second';
                ALTER TABLE orders ENABLE TRIGGER guard;
                """)
            let due = try await Lapsing(floor.context).lapseOnce()
            #expect(due.lapsed == 1)
            #expect(due.nextDeadline == nil)
            #expect(try await floor.state(id) == .lapsed)
        }
    }

    @Test func `a halt takes the order back before the claim`() async throws {
        try await WorkFloor.with { floor in
            let id = try await floor.release()
            _ = try await Halting(floor.context).halt(HaltRequest(reason: "drill"), by: "user:ben")
            let late = try await refusal { _ = try await floor.claim(id) }
            #expect(late?.code == .conflict)
            #expect(late?.detail.hasPrefix("Trading was halted by ben at ") == true, "\(late?.detail ?? "")")
            #expect(try await floor.state(id) == .cancelled)
        }
    }

    @Test(arguments: [
        "document = replace(document, '\"qty\":\"10\"', '\"qty\":\"40\"')",
        "order_hash = repeat('0', 64)", "signature = decode(repeat('00', 64), 'hex')",
        "client_order_id = 'cs-another'",
    ])
    func `a stored order that was tampered with is refused`(_ change: String) async throws {
        try await WorkFloor.with { floor in
            let id = try await floor.release()
            try await floor.ground.attack(
                """
                ALTER TABLE orders DISABLE TRIGGER guard;
                UPDATE orders SET \(change);
                ALTER TABLE orders ENABLE TRIGGER guard;
                """)
            #expect(try await refusal { _ = try await floor.claim(id) }?.code == .refused)
            #expect(try await floor.state(id) == .refused)
        }
    }
}
