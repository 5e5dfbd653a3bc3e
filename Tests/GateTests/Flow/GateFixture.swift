import Cryptography
import Domain
import Gate
import JSON
import Postgres
import Store
import Support

/// A small desk on a database of its own: people, a bot, a policy and an account that was just reported.
struct GateFixture {
    let pool: PostgresPool
    let context: GateContext
    let alice: Person
    let ben: Person
    let viewer: Person
    let bot: Caller

    static func with(_ body: (GateFixture) async throws -> Void) async throws {
        try await withTestDatabase { pool in
            let fixture = try await GateFixture(pool)
            try await body(fixture)
        }
    }

    private init(_ pool: PostgresPool) async throws {
        self.pool = pool
        let secrets = try GateSecrets(masterKey: SecretBytes([UInt8](repeating: 7, count: 32)))
        context = GateContext(
            pool: pool, mode: .paper, secrets: secrets, random: SecureRandom.bytes, hasWorkerWebhook: true)
        alice = Person(id: Self.identifier(1), name: "alice", role: .approver)
        ben = Person(id: Self.identifier(2), name: "ben", role: .operator_)
        viewer = Person(id: Self.identifier(3), name: "vera", role: .viewer)
        bot = .key(id: Self.identifier(9), name: "dee-bot", scope: .propose)
        let people = [alice, ben, viewer]
        let keyID = secrets.signingKeyID
        let publicKey = secrets.signingKey.publicKey.bytes
        try await pool.transaction { session in
            for person in people {
                _ = try session.execute(
                    "INSERT INTO users (id, name, role) VALUES ($1, $2, $3)",
                    [person.id.postgresValue, .text(person.name), .text(person.role.rawValue)])
            }
            _ = try session.execute(
                """
                INSERT INTO api_keys (id, name, scope, secret_hash, hint)
                VALUES ($1, 'dee-bot', 'propose', sha256('x'), 'csk_')
                """, [Self.identifier(9).postgresValue])
            _ = try session.execute(
                "INSERT INTO signing_keys (key_id, public_key) VALUES ($1, $2)",
                [.text(keyID), .bytes(publicKey)])
        }
        try await apply(["preset": "guarded-5k"])
        try await report()
    }

    static func identifier(_ number: Int) -> Identifier {
        let random = [UInt8](repeating: 0, count: 9) + [UInt8(number)]
        return Identifier(at: Timestamp(seconds: 1_700_000_000), random: random)
    }

    /// Applies a policy.
    func apply(_ document: JSONValue) async throws {
        try await pool.transaction { session in
            _ = try session.execute(
                """
                INSERT INTO policies (version, document, applied_by)
                SELECT coalesce(max(version), 0) + 1, $1, 'test' FROM policies
                """, [document.postgresValue])
        }
    }

    /// The worker reports an account of $100,000 whose market is open, unless told otherwise.
    func report(
        equity: String = "100000", cash: String = "100000", positions: JSONValue = [], isOpen: Bool = true,
        nextOpen: String = "2099-01-02T14:30:00Z"
    ) async throws {
        let account: JSONValue = [
            "account_number": "SIM1", "status": "ACTIVE", "equity": .string(equity), "cash": .string(cash),
            "buying_power": .string(cash), "multiplier": "1", "shorting_enabled": false,
        ]
        let clock: JSONValue = [
            "is_open": .bool(isOpen), "next_open": .string(nextOpen), "next_close": "2099-01-02T21:00:00Z",
            "timestamp": "2026-11-20T15:00:00Z",
        ]
        try await pool.transaction { session in
            _ = try session.execute(
                """
                INSERT INTO account_state (worker_id, account, positions, open_orders, clock)
                VALUES ('w1', $1, $2, '[]', $3)
                ON CONFLICT (only_one) DO UPDATE
                SET account = $1, positions = $2, clock = $3, received_at = clock_timestamp()
                """, [account.postgresValue, positions.postgresValue, clock.postgresValue])
        }
    }

    /// A proposal that every check of the preset lets pass; members given replace or, as null, remove its own.
    func draft(_ changes: JSONObject = [:]) throws -> ProposalDraft {
        var object: JSONObject = [
            "symbol": "NVDA", "side": "buy", "qty": "10", "type": "limit", "limit_price": "118.20",
            "time_in_force": "day", "stop_loss": ["stop_price": "108.75"], "strategy": "momentum",
            "rationale": "breakout", "confidence": 80,
        ]
        for (key, value) in changes.members { object[key] = value.isNull ? nil : value }
        return try ProposalDraft.parse(.object(object)).get()
    }

    /// Proposes, as the bot.
    @discardableResult
    func propose(
        _ changes: JSONObject = [:], key: String? = nil, admission: Admission? = nil
    ) async throws -> Admitted {
        guard let proposer = Proposer(bot) else { throw Refusal.notFound("proposer") }
        let body = SHA256.hash(JSONValue.object(changes).canonical())
        return try await (admission ?? Admission(context)).propose(
            AdmissionRequest(
                draft: try draft(changes), requestHash: body, idempotencyKey: key, proposer: proposer))
    }

    /// Decides on a proposal as it stands.
    @discardableResult
    func decide(
        _ verdict: Verdict, _ view: ProposalView, by person: Person, hash: String? = nil,
        qty: ExactDecimal? = nil
    ) async throws -> ProposalView {
        try await Deciding(context).decide(
            DecisionRequest(
                proposalID: view.record.id, verdict: verdict, orderHash: hash ?? view.record.orderHash,
                qty: qty),
            by: person, method: .session)
    }

    /// How many rows a query counts.
    func count(_ sql: String) async throws -> Int {
        try await pool.withSession { session in try session.query(sql).only().int("count") }
    }

    /// Runs a statement as the database's owner, for setting a scene.
    func run(_ sql: String) async throws {
        try await pool.withSession { session in try session.script(sql) }
    }

    /// Lets a pending proposal's deadline pass at once; only a test that owns the database can do this.
    func passDeadline(_ id: Identifier) async throws {
        try await run(
            unguarded(
                "UPDATE proposal_states SET expires_at = now() - interval '1 second' WHERE proposal_id = '\(id)'"
            ))
    }
}

/// Runs the body and gives back the refusal it must end in.
func refusalCode(_ body: () async throws -> Void) async throws -> RefusalCode? {
    do {
        try await body()
        return nil
    } catch let refusal as Refusal {
        return refusal.code
    }
}
