import Cryptography
import Domain
import Gate
import JSON
import Postgres
import Store
import Testing

/// A symbol that the broker does not know or not trade: nobody is asked, nothing is sent, and nothing lasts for ever.
@Suite struct UntradedSymbolTests {
    private static func telling(_ symbol: String, _ reason: String = "unknown") -> JSONObject {
        ["unknown_symbols": [["symbol": .string(symbol), "reason": .string(reason)]]]
    }

    private func propose(_ floor: WorkFloor, _ symbol: String) async throws -> ProposalView {
        let body: JSONValue = [
            "symbol": .string(symbol), "side": "buy", "qty": "10", "type": "limit", "limit_price": "118.20",
            "stop_loss": ["stop_price": "109"],
        ]
        guard let proposer = Proposer(WorkFloor.bot) else { throw Refusal.notFound("proposer") }
        let request = AdmissionRequest(
            draft: try ProposalDraft.parse(body).get(),
            requestHash: SHA256.hash(Array(body.canonical().utf8)), idempotencyKey: nil, proposer: proposer)
        return try await Admission(floor.context).propose(request).view
    }

    private func finding(_ view: ProposalView) -> Finding? {
        view.findings.first { $0.code == .symbolKnown }
    }

    private func isHeld(_ floor: WorkFloor, _ symbol: String) async throws -> Bool {
        try await floor.context.pool.withSession { session in
            try !UntradedSymbolStore.find([symbol], in: session).isEmpty
        }
    }

    @Test(arguments: [("unknown", "does not know ZZZQ"), ("not_tradable", "does not trade ZZZQ")])
    func `what is known not to be traded is blocked, with words`(_ reason: String, _ words: String)
        async throws
    {
        try await WorkFloor.with { floor in
            try await floor.sync()
            let first = try await propose(floor, "ZZZQ")
            #expect(first.record.state == .pending)
            #expect(finding(first)?.outcome == .skipped)
            try await floor.sync("w1", Self.telling("ZZZQ", reason))
            let second = try await propose(floor, "ZZZQ")
            #expect(second.record.state == .blocked)
            #expect(finding(second)?.value == reason)
            #expect(finding(second)?.detail.contains(words) == true)
        }
    }

    @Test func `what was approved before it became known is refused at release`() async throws {
        try await WorkFloor.with { floor in
            try await floor.sync()
            let record = try await propose(floor, "ZZZQ").record
            try await floor.sync("w1", Self.telling("ZZZQ"))
            let view = try await Deciding(floor.context).decide(
                DecisionRequest(proposalID: record.id, verdict: .approve, orderHash: record.orderHash),
                by: WorkFloor.alice, method: .session)
            #expect(view.record.state == .refused)
            #expect(view.record.reason?.contains("does not know ZZZQ") == true)
            #expect(view.record.orderID == nil)
        }
    }

    @Test func `what was released before it became known is refused at the claim, though there is no quote`()
        async throws
    {
        try await WorkFloor.with { floor in
            let id = try await floor.release(["symbol": "ZZZQ"])
            let noQuote: JSONObject = ["quote": .null]
            #expect(try await refusal { _ = try await floor.claim(id, "w1", noQuote) }?.code == .validation)
            #expect(try await floor.state(id) == .released)
            let told = noQuote.merging(Self.telling("ZZZQ"))
            let refused = try await refusal {
                _ = try await floor.claim(id, "w1", told)
            }
            #expect(refused?.code == .refused)
            #expect(refused?.detail.contains("does not know ZZZQ") == true)
            #expect(try await floor.state(id) == .refused)
            let order = try await OrderReading(floor.context).find(id)
            #expect(order.record.reason?.contains("does not know ZZZQ") == true)
        }
    }

    @Test func `a later quote, a better word or a day without one clears it`() async throws {
        try await WorkFloor.with { floor in
            try await floor.sync()
            for clearing: JSONObject in [
                ["quotes": [try await floor.quote("AAPL")]], ["known_symbols": ["AAPL"]],
            ] {
                try await floor.sync("w1", Self.telling("AAPL"))
                #expect(try await isHeld(floor, "AAPL"))
                try await floor.sync("w1", clearing)
                #expect(try await !isHeld(floor, "AAPL"))
            }
            try await floor.sync("w1", Self.telling("AAPL"))
            try await floor.ground.attack(
                "UPDATE untraded_symbols SET last_seen_at = last_seen_at - interval '1 day'")
            #expect(try await !isHeld(floor, "AAPL"))
        }
    }

    @Test func `of what is quoted and not traded only the broker's better word clears it`() async throws {
        try await WorkFloor.with { floor in
            try await floor.sync()
            var both = Self.telling("AAPL", "not_tradable")
            both["quotes"] = [try await floor.quote("AAPL")]
            try await floor.sync("w1", both)
            try await floor.sync("w1", ["quotes": [try await floor.quote("AAPL")]])
            #expect(try await isHeld(floor, "AAPL"))
            try await floor.sync("w1", ["known_symbols": ["AAPL"]])
            #expect(try await !isHeld(floor, "AAPL"))
        }
    }

    @Test func `a worker that calls an ordinary symbol unknown does not keep it from trading`() async throws {
        try await WorkFloor.with { floor in
            try await floor.sync()
            // Along with a quote it contradicts itself, and the quote counts.
            var both = Self.telling("NVDA")
            both["quotes"] = [try await floor.quote()]
            try await floor.sync("w1", both)
            #expect(try await !isHeld(floor, "NVDA"))
            // Who has no lease is not listened to.
            try await floor.sync("w2", Self.telling("NVDA"))
            #expect(try await !isHeld(floor, "NVDA"))
            // Nor does the lie outlast the next quote, which the claim itself brings.
            let id = try await floor.release()
            try await floor.sync("w1", Self.telling("NVDA"))
            #expect(try await isHeld(floor, "NVDA"))
            _ = try await floor.claim(id)
            #expect(try await floor.state(id) == .submitting)
            #expect(try await !isHeld(floor, "NVDA"))
        }
    }

    @Test func `garbage about symbols is refused with its places`() async throws {
        try await WorkFloor.with { floor in
            try await floor.sync()
            let told: [(JSONObject, String)] = [
                (["unknown_symbols": "ZZZQ"], "/unknown_symbols"),
                (["unknown_symbols": [["symbol": "ZZZQ"]]], "/unknown_symbols/0/reason"),
                (Self.telling("ZZZQ", "dull"), "/unknown_symbols/0/reason"),
                (Self.telling("../account"), "/unknown_symbols/0/symbol"),
                (["known_symbols": [1]], "/known_symbols"),
                (["known_symbols": .array(Array(repeating: "A", count: 1001))], "/known_symbols"),
                (Self.telling("ZZZQ").merging(["known_symbols": ["ZZZQ"]]), "/known_symbols"),
            ]
            for (members, pointer) in told {
                let refused = try await refusal { try await floor.sync("w1", members) }
                #expect(refused?.faults.map(\.pointer) == [pointer])
            }
            #expect(try await floor.count("SELECT count(*) FROM untraded_symbols") == 0)
        }
    }
}
