import BrokerSimulator
import Cryptography
import Domain
import Execution
import Gate
import Glibc
import JSON
import Postgres
import Store
import Support

/// The real server's side, without HTTP in between.
struct GateLink: ServerLink {
    let context: GateContext

    func signingKeys() async throws(ServerError) -> JSONValue {
        let key = context.secrets.signingKey.publicKey.bytes
        return ["items": [["alg": "ed25519", "public_key": .string(Base64.encode(key))]]]
    }

    func sync(_ body: JSONValue) async throws(ServerError) -> JSONValue {
        try await ask { try await Synchronising(context).sync(body, actor: "worker:test") }
    }

    func claim(orderID: String, _ body: JSONValue) async throws(ServerError) -> JSONValue {
        try await ask { try await Claiming(context).claim(try id(orderID), body, actor: "worker:test") }
    }

    func report(orderID: String, _ body: JSONValue) async throws(ServerError) {
        _ = try await ask {
            try await Reporting(context).report(try id(orderID), body, actor: "worker:test").json
        }
    }

    func report(commandID: String, _ body: JSONValue) async throws(ServerError) {
        _ = try await ask {
            try await Commanding(context).report(try id(commandID), body, actor: "worker:test").json
        }
    }

    private func id(_ text: String) throws -> Identifier {
        guard let id = Identifier(text) else { throw Refusal.notFound("order") }
        return id
    }

    private func ask(_ body: () async throws -> JSONValue) async throws(ServerError) -> JSONValue {
        do {
            return try await body()
        } catch let refusal as Refusal {
            let kind = ServerError.Kind.refused(slug: refusal.code.rawValue, status: refusal.code.status)
            throw ServerError(kind, "\(refusal.detail) \(refusal.faults)")
        } catch {
            throw ServerError(.noAnswer, "\(error)")
        }
    }
}

/// A database with a person, a bot and a policy.
struct GateFloor: Sendable {
    let context: GateContext

    static func with(_ body: (GateFloor) async throws -> Void) async throws {
        try await withTestDatabase { pool in
            let secrets = try GateSecrets(masterKey: SecretBytes([UInt8](repeating: 7, count: 32)))
            let context = GateContext(
                pool: pool, mode: .paper, secrets: secrets, random: { SecureRandom.bytes($0) },
                hasWorkerWebhook: false)
            let floor = GateFloor(context: context)
            try await floor.run(
                """
                INSERT INTO deployment (mode) VALUES ('paper');
                INSERT INTO users (id, name, role) VALUES ('\(identifier(1))', 'alice', 'approver');
                INSERT INTO api_keys (id, name, scope, secret_hash, hint)
                VALUES ('\(identifier(2))', 'bot', 'propose', decode(repeat('00', 32), 'hex'), 'csk_');
                INSERT INTO policies (version, document, applied_by)
                VALUES (1, '{"preset": "guarded-5k",
                    "limits": {"hours": null, "duplicate_window_seconds": null}}', 'cli:root');
                INSERT INTO signing_keys (key_id, public_key)
                VALUES ('\(secrets.signingKeyID)',
                    decode('\(Hex.encode(secrets.signingKey.publicKey.bytes))', 'hex'));
                """)
            try await body(floor)
        }
    }

    static func identifier(_ number: UInt8) -> Identifier {
        Identifier(at: Timestamp(seconds: 1_700_000_000), random: [UInt8](repeating: number, count: 10))
    }

    func run(_ sql: String) async throws {
        try await context.pool.withSession { session in try session.script(sql) }
    }

    /// What the journal says of an order, in order.
    func kinds(of id: Identifier) async throws -> [String] {
        try await context.pool.withSession { session in
            try session.query(
                "SELECT kind FROM journal WHERE subject = $1 ORDER BY id", [.text("order:\(id)")]
            ).map { (row) throws(PostgresError) in try row.text("kind") }
        }
    }

    /// A proposal that was approved and released; a worker has synced before.
    func propose(_ symbol: String = "NVDA") async throws -> ProposalView {
        let body: JSONValue = [
            "symbol": .string(symbol), "side": "buy", "qty": "10", "type": "limit", "limit_price": "118.20",
            "stop_loss": ["stop_price": "109"], "take_profit": ["limit_price": "140"],
        ]
        let caller = Caller.key(id: Self.identifier(2), name: "bot", scope: .propose)
        guard let proposer = Proposer(caller) else { throw Refusal.notFound("proposer") }
        let request = AdmissionRequest(
            draft: try ProposalDraft.parse(body).get(), requestHash: SHA256.hash("body"),
            idempotencyKey: nil, proposer: proposer)
        return try await Admission(context).propose(request).view
    }

    func release(_ symbol: String = "NVDA") async throws -> Identifier {
        let admitted = try await propose(symbol).record
        let alice = Person(id: Self.identifier(1), name: "alice", role: .approver)
        let view = try await Deciding(context).decide(
            DecisionRequest(proposalID: admitted.id, verdict: .approve, orderHash: admitted.orderHash),
            by: alice, method: .session)
        guard let id = view.record.orderID else {
            throw Refusal(.conflict, "not released: \(view.json.serialized())")
        }
        return id
    }
}

/// The real time.
let systemClock = WorkerClock(
    now: {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    },
    uptimeSeconds: {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1_000_000_000
    })
