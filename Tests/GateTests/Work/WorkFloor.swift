import Cryptography
import Domain
import Gate
import JSON
import Postgres
import Store

/// A desk with a person, a bot and a policy, at which orders get released and workers come for them.
struct WorkFloor: Sendable {
    let ground: Ground
    var context: GateContext { ground.context }
    static let alice = Person(id: identifier(1), name: "alice", role: .approver)
    static let bot = Caller.key(id: identifier(2), name: "dee-bot", scope: .propose)

    static func with<R>(_ body: (WorkFloor) async throws -> R) async throws -> R {
        try await Ground.with { ground in
            let floor = WorkFloor(ground: ground)
            try await ground.attack(
                """
                INSERT INTO users (id, name, role) VALUES ('\(alice.id)', 'alice', 'approver');
                INSERT INTO api_keys (id, name, scope, secret_hash, hint)
                VALUES ('\(identifier(2))', 'dee-bot', 'propose', decode(repeat('00', 32), 'hex'), 'csk_');
                INSERT INTO policies (version, document, applied_by)
                VALUES (1, '{"preset": "guarded-5k",
                    "limits": {"hours": null, "duplicate_window_seconds": null}}', 'cli:root');
                INSERT INTO deployment (mode) VALUES ('paper');
                INSERT INTO signing_keys (key_id, public_key)
                VALUES ('\(ground.context.secrets.signingKeyID)',
                    decode('\(Hex.encode(ground.context.secrets.signingKey.publicKey.bytes))', 'hex'))
                ON CONFLICT DO NOTHING;
                """)
            return try await body(floor)
        }
    }

    /// With an order that w1 has claimed.
    static func withClaimed(_ body: (WorkFloor, Identifier) async throws -> Void) async throws {
        try await with { floor in
            let id = try await floor.release()
            _ = try await floor.claim(id)
            try await body(floor, id)
        }
    }

    static func identifier(_ number: UInt8) -> Identifier {
        Identifier(at: Timestamp(seconds: 1_700_000_000), random: [UInt8](repeating: number, count: 10))
    }

    // MARK: the worker's side

    func now() async throws -> Timestamp {
        try await context.pool.withSession { session in try DatabaseClock.now(in: session) }
    }

    static func account(_ number: String = "SIM1") -> JSONObject {
        [
            "account": [
                "account_number": .string(number), "status": "ACTIVE", "equity": "100000", "cash": "100000",
                "buying_power": "100000",
            ],
            "positions": [], "open_orders": [],
        ]
    }

    func quote(_ symbol: String = "NVDA", bid: String = "118.18", ask: String = "118.20", age: Int = 0)
        async throws -> JSONValue
    {
        let at = try await now().adding(seconds: -age)
        return [
            "symbol": .string(symbol), "bid": .string(bid), "ask": .string(ask),
            "quoted_at": .string(at.rfc3339),
        ]
    }

    @discardableResult
    func sync(_ workerID: String = "w1", _ members: JSONObject = account()) async throws -> JSONValue {
        var body: JSONObject = ["worker_id": .string(workerID)]
        body = body.merging(members)
        if members["account"] != nil, members["quotes"] == nil { body["quotes"] = [try await quote()] }
        return try await Synchronising(context).sync(.object(body), actor: "worker:w")
    }

    func claim(_ order: Identifier, _ workerID: String = "w1", _ members: JSONObject = [:]) async throws
        -> JSONValue
    {
        var body: JSONObject = ["worker_id": .string(workerID), "quote": try await quote()]
        body = body.merging(members)
        return try await Claiming(context).claim(order, .object(body), actor: "worker:w")
    }

    @discardableResult
    func report(_ order: Identifier, _ members: JSONObject) async throws -> OrderView {
        let body = (["worker_id": "w1"] as JSONObject).merging(members)
        return try await Reporting(context).report(order, .object(body), actor: "worker:w")
    }

    // MARK: the desk's side

    /// A proposal of ten NVDA at 118.20 with a stop, approved and released; the worker has synced before.
    func release(_ members: JSONObject = [:], holding positions: JSONValue = []) async throws -> Identifier {
        try await sync("w1", Self.account().merging(["positions": positions]))
        let proposal: JSONObject = [
            "symbol": "NVDA", "side": "buy", "qty": "10", "type": "limit", "limit_price": "118.20",
            "stop_loss": ["stop_price": "109"],
        ]
        let body = JSONValue.object(proposal.merging(members))
        guard let proposer = Proposer(Self.bot) else { throw Refusal.notFound("proposer") }
        let request = AdmissionRequest(
            draft: try ProposalDraft.parse(body).get(),
            requestHash: SHA256.hash(Array(body.canonical().utf8)),
            idempotencyKey: nil, proposer: proposer)
        let admitted = try await Admission(context).propose(request).view
        let view = try await Deciding(context).decide(
            DecisionRequest(
                proposalID: admitted.record.id, verdict: .approve, orderHash: admitted.record.orderHash),
            by: Self.alice, method: .session)
        guard let id = view.record.orderID else {
            throw Refusal(.conflict, "not released: \(view.json.serialized())")
        }
        return id
    }

    func state(_ order: Identifier) async throws -> OrderState {
        try await OrderReading(context).find(order).record.state
    }

    func count(_ sql: String) async throws -> Int { try await ground.count(sql) }
}
