import Cryptography
import Domain
import Gate
import JSON
import Postgres
import Store
import Testing

/// The first quote of what people are asked about is told once, and only where they were asked without one.
@Suite struct FirstPricesTests {
    private func propose(
        _ floor: WorkFloor, _ symbol: String,
        _ order: JSONObject = ["type": "limit", "limit_price": "118.20"]
    ) async throws -> ProposalRecord {
        let common: JSONObject = [
            "symbol": .string(symbol), "side": "buy", "qty": "10", "stop_loss": ["stop_price": "109"],
        ]
        let body = JSONValue.object(common.merging(order))
        guard let proposer = Proposer(WorkFloor.bot) else { throw Refusal.notFound("proposer") }
        let request = AdmissionRequest(
            draft: try ProposalDraft.parse(body).get(),
            requestHash: SHA256.hash(Array(body.canonical().utf8)), idempotencyKey: nil, proposer: proposer)
        return try await Admission(floor.context).propose(request).view.record
    }

    private func quotes(_ floor: WorkFloor, _ symbol: String, age: Int = 0) async throws -> JSONObject {
        ["quotes": [try await floor.quote(symbol, age: age)]]
    }

    private func told(_ floor: WorkFloor, _ id: Identifier) async throws -> Int {
        try await floor.ground.count(
            "SELECT count(*) FROM journal WHERE kind = 'proposal.priced' AND subject = 'proposal:\(id)'")
    }

    private func addChannels(_ floor: WorkFloor) async throws {
        try await floor.ground.attack(
            """
            INSERT INTO channels (id, kind, name, settings) VALUES
                (gen_random_uuid(), 'slack', 'bot', '{"channel": "C0123ABCD"}'),
                (gen_random_uuid(), 'slack', 'hook', '{}');
            """)
    }

    @Test
    func `the worker is asked for the symbol, and its first quote is told once, to what can be changed`()
        async throws
    {
        try await WorkFloor.with { floor in
            try await addChannels(floor)
            try await floor.sync()
            let record = try await propose(floor, "AMD")
            let answer = try await floor.sync("w1", [:])
            #expect(answer["watch"]?.arrayValue?.contains("AMD") == true)
            #expect(try await told(floor, record.id) == 0)
            for _ in 0..<2 { try await floor.sync("w1", try await quotes(floor, "AMD")) }
            #expect(try await told(floor, record.id) == 1)
            let asked = "SELECT count(*) FROM deliveries WHERE kind = 'approval-priced'"
            #expect(try await floor.ground.count(asked) == 1)
            let toBot = "channel_id = (SELECT id FROM channels WHERE name = 'bot')"
            #expect(try await floor.ground.count("\(asked) AND \(toBot)") == 1)
        }
    }

    @Test func `a proposal that was asked about with a fresh price is told nothing`() async throws {
        try await WorkFloor.with { floor in
            try await floor.sync()
            let record = try await propose(floor, "NVDA")
            try await floor.sync("w1", try await quotes(floor, "NVDA"))
            #expect(try await told(floor, record.id) == 0)
        }
    }

    @Test func `a quote that is older than the one known is no news`() async throws {
        try await WorkFloor.with { floor in
            try await floor.sync("w1", WorkFloor.account().merging(try await quotes(floor, "AMD", age: 100)))
            try await floor.ground.attack(
                "UPDATE quotes SET received_at = received_at - interval '100 seconds'")
            let record = try await propose(floor, "AMD")
            try await floor.sync("w1", try await quotes(floor, "AMD", age: 200))
            #expect(try await told(floor, record.id) == 0)
            try await floor.sync("w1", try await quotes(floor, "AMD"))
            #expect(try await told(floor, record.id) == 1)
        }
    }

    @Test func `what was blocked because nobody knew a price is asked for, and the next try finds one`()
        async throws
    {
        try await WorkFloor.with { floor in
            try await floor.sync()
            let blocked = try await propose(floor, "AMD", ["type": "market"])
            #expect(blocked.state == .blocked)
            let answer = try await floor.sync("w1", [:])
            #expect(answer["watch"]?.arrayValue?.contains("AMD") == true)
            try await floor.sync("w1", try await quotes(floor, "AMD"))
            let again = try await propose(floor, "AMD", ["type": "market"])
            #expect(again.state == .pending, "\(again.reason ?? "")")
        }
    }

    @Test func `what is decided already is told nothing`() async throws {
        try await WorkFloor.with { floor in
            try await floor.sync()
            let record = try await propose(floor, "AMD")
            _ = try await Deciding(floor.context).decide(
                DecisionRequest(proposalID: record.id, verdict: .reject, orderHash: record.orderHash),
                by: WorkFloor.alice, method: .session)
            try await floor.sync("w1", try await quotes(floor, "AMD"))
            #expect(try await told(floor, record.id) == 0)
        }
    }
}
