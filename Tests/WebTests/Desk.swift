import Cryptography
import Domain
import Gate
import Glibc
import HTTPServer
import JSON
import Logging
import Postgres
import Store
import Support
import Web

/// A whole web side on a database of its own, with people, keys, an account and a market that is open.
struct Desk: Sendable {
    let application: WebApplication
    /// What the application was made of, for tests that need another one.
    let dependencies: WebDependencies
    let gate: GateContext
    let identity: Identity
    let superuser: PostgresPool
    let log: RecordedLog
    let people: [String: Person]
    let keys: [String: String]

    static let pin = "482915"
    static let publicURL = "https://desk.example.com"
    static let roles: [(name: String, role: Role)] = [
        ("alice", .approver), ("bob", .approver), ("olivia", .operator_), ("otto", .operator_),
        ("vera", .viewer), ("adam", .admin), ("audrey", .auditor),
    ]
    static let scopes: [(name: String, scope: KeyScope)] = [
        ("dee-bot", .propose), ("shorgan-bot", .propose), ("reader", .read), ("stopper", .operate),
        ("w1", .work), ("siren", .alert),
    ]

    static func with<R>(publicURL: String = publicURL, _ body: (Desk) async throws -> R) async throws -> R {
        await Turns.shared.take()
        do {
            let result = try await onDatabase(publicURL: publicURL, body)
            await Turns.shared.giveBack()
            return result
        } catch {
            await Turns.shared.giveBack()
            throw error
        }
    }

    private static func onDatabase<R>(publicURL: String, _ body: (Desk) async throws -> R) async throws -> R {
        try await withTestDatabase { superuser in
            var configuration = superuser.configuration
            configuration.sessionRole = "countersign_app"
            let pool = PostgresPool(configuration: configuration, size: 6, acquireTimeoutSeconds: 60)
            do {
                let desk = try await make(pool, superuser, publicURL: publicURL)
                let result = try await body(desk)
                await desk.application.stop()
                await pool.close()
                return result
            } catch {
                await pool.close()
                throw error
            }
        }
    }

    private static func make(
        _ pool: PostgresPool, _ superuser: PostgresPool, publicURL: String
    ) async throws -> Desk {
        let gate = GateContext(
            pool: pool, mode: .paper,
            secrets: try GateSecrets(masterKey: SecretBytes([UInt8](repeating: 7, count: 32))),
            random: { SecureRandom.bytes($0) }, hasWorkerWebhook: false)
        let hasher = try PINHasher(cost: PasswordHash.Cost(operations: 1, memoryBytes: 8_192))
        let identity = Identity(context: gate, hasher: hasher)
        try await prepare(superuser, gate)
        var people: [String: Person] = [:]
        var keys: [String: String] = [:]
        for (name, role) in roles {
            people[name] = try await identity.addUser(
                NewUser(name: name, role: role), pin: pin, by: "cli:root"
            ).person
            keys[name] = try await identity.createToken(
                named: "laptop", forUserNamed: name, by: "cli:root"
            ).secret.text
        }
        for (name, scope) in scopes {
            keys[name] = try await identity.createKey(named: name, scope: scope, by: "cli:root").secret.text
        }
        let log = RecordedLog()
        let dependencies = WebDependencies(
            gate: gate, identity: identity, admission: Admission(gate),
            logger: Logger(sink: log.sink, minimum: .debug, now: { "2026-11-24T15:00:00Z" }),
            metrics: MetricRegistry(), publicURL: publicURL,
            templateDirectory: "\(Repository.root)/templates",
            staticDirectory: "\(Repository.root)/static", version: "test",
            now: { Timestamp(seconds: Int64(time(nil))) })
        let application = try WebApplication(dependencies)
        return Desk(
            application: application, dependencies: dependencies, gate: gate, identity: identity,
            superuser: superuser, log: log,
            people: people, keys: keys)
    }

    /// The stamp, a policy that lets trades in at any hour, an account, prices.
    private static func prepare(_ superuser: PostgresPool, _ gate: GateContext) async throws {
        let keyID = gate.secrets.signingKeyID
        let publicKey = gate.secrets.signingKey.publicKey.bytes
        try await superuser.transaction { session in
            try session.script(
                """
                INSERT INTO deployment (mode, account_number) VALUES ('paper', 'SIM1');
                INSERT INTO policies (version, document, applied_by)
                VALUES (1, '{"preset":"guarded-5k","limits":{"max_new_positions_per_day":null,
                    "max_new_positions_per_week":null,"duplicate_window_seconds":null,"hours":null}}', 'system');
                INSERT INTO account_state (worker_id, account, positions, open_orders, clock)
                VALUES ('w1', '{"account_number":"SIM1","status":"ACTIVE","equity":"100000","cash":"100000",
                    "buying_power":"200000","last_equity":"100000"}', '[]', '[]', NULL);
                INSERT INTO quotes (symbol, bid, ask, quoted_at)
                VALUES ('NVDA', 118.10, 118.20, clock_timestamp()), ('AAPL', 200.00, 200.10, clock_timestamp()),
                    ('AMD', 118.30, 118.40, clock_timestamp());
                """)
            try session.execute(
                "INSERT INTO signing_keys (key_id, public_key) VALUES ($1, $2)",
                [.text(keyID), .bytes(publicKey)])
        }
    }

    /// Runs SQL as superuser.
    func attack(_ sql: String) async throws {
        try await superuser.withSession { session in try session.script(sql) }
    }

    /// One number from the database.
    func count(_ sql: String) async throws -> Int {
        try await superuser.withSession { session in
            try session.query("SELECT (\(sql)) AS count").only().int("count")
        }
    }
}

/// A few desks at a time: each has a database and connections of its own, and a server takes only so many.
private actor Turns {
    static let shared = Turns()
    private var free = 6
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func take() async {
        guard free == 0 else {
            free -= 1
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    func giveBack() {
        guard waiting.isEmpty else { return waiting.removeFirst().resume() }
        free += 1
    }
}

/// An answer, easy to look into.
struct Answer: Sendable {
    let response: HTTPResponse

    var status: Int { response.status }
    var text: String { String(decoding: response.bodyBytes, as: UTF8.self) }
    var json: JSONValue { (try? JSONParser.parse(response.bodyBytes)) ?? .null }
    /// The last part of a problem's type.
    var problem: String? { json["type"]?.stringValue.map { String($0.dropFirst("/problems/".count)) } }

    func header(_ name: String) -> String? { response.headers.first(name) }
}

extension Desk {
    /// Sends a request with somebody's key or token.
    func send(
        _ method: HTTPMethod, _ target: String, as name: String? = nil, headers: HTTPHeaders = [:],
        body: [UInt8] = []
    ) async throws -> Answer {
        var headers = headers
        if let name { headers.set("Authorization", "Bearer \(keys[name] ?? name)") }
        let request = try HTTPRequest(method, target, headers: headers, body: body)
        return Answer(response: await application.respond(to: request))
    }

    func get(_ path: String, as name: String? = nil) async throws -> Answer {
        try await send(.get, "/api/v1" + path, as: name)
    }

    func post(
        _ path: String, as name: String? = nil, _ body: JSONValue, headers: HTTPHeaders = [:]
    ) async throws -> Answer {
        try await send(.post, "/api/v1" + path, as: name, headers: headers, body: body.bytes())
    }

    /// The body of a trade that passes every check.
    static func trade(_ changes: JSONObject = [:]) -> JSONValue {
        let base: JSONObject = [
            "symbol": "NVDA", "side": "buy", "qty": "40", "type": "limit", "limit_price": "118.20",
            "strategy": "catalyst", "rationale": "Supplier beat expectations", "reference_price": "118.15",
        ]
        return .object(base.merging(changes))
    }

    /// A pending proposal of the bot's.
    func propose(_ changes: JSONObject = [:], as name: String = "dee-bot") async throws -> JSONValue {
        let answer = try await post("/proposals", as: name, Self.trade(changes))
        guard answer.status == 201 else { throw Unexpected(answer) }
        return answer.json
    }

    func decide(_ proposal: JSONValue, _ verdict: String, as name: String, _ more: JSONObject = [:])
        async throws -> Answer
    {
        let body: JSONObject = ["verdict": .string(verdict), "order_hash": proposal["order_hash"] ?? .null]
        return try await post(
            "/proposals/\(proposal.id)/decisions", as: name, .object(body.merging(more)))
    }
}

extension JSONValue {
    var id: String { self["id"]?.stringValue ?? "" }
}

/// An answer that a test did not count on.
struct Unexpected: Error, CustomStringConvertible {
    let description: String

    init(_ answer: Answer) { description = "\(answer.status): \(answer.text)" }
}
