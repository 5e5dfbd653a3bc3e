import Cryptography
import Domain
import HTTPClient
import JSON
import Logging
import Notifications
import Postgres
import Store
import Support
import Templates

/// A condition that did not come true in time.
struct NeverHappened: Error, CustomStringConvertible {
    let description: String
}

/// A database with a person, a key and a policy, whose outbox is to be sent.
struct Outbox: Sendable {
    static let publicURL = "https://gate.example.com"
    static let linkKey = SecretBytes([UInt8](repeating: 2, count: 32))
    static let channelKey = SecretBytes([UInt8](repeating: 4, count: 32))
    static let alice = identifier(1)
    /// The product's own, loaded once.
    static let templates = Result { try TemplateSet(directory: "\(Repository.root)/templates") }
    private static let key = identifier(2)

    let pool: PostgresPool
    let superuser: PostgresPool

    /// Runs the body on an outbox of its own.
    static func with<R>(_ body: (Outbox) async throws -> R) async throws -> R {
        try await withTestDatabase(poolSize: 1) { superuser in
            var configuration = superuser.configuration
            configuration.sessionRole = "countersign_app"
            let outbox = Outbox(
                pool: PostgresPool(configuration: configuration, size: 3, acquireTimeoutSeconds: 60),
                superuser: superuser)
            do {
                try await outbox.run(
                    """
                    INSERT INTO users (id, name, email, role) VALUES ('\(alice)', 'alice', 'alice@example.com', 'approver');
                    INSERT INTO api_keys (id, name, scope, secret_hash, hint)
                    VALUES ('\(key)', 'dee-bot', 'propose', sha256('k'), 'k');
                    INSERT INTO policies (version, document, applied_by) VALUES (1, '{}', 'test');
                    """)
                let result = try await body(outbox)
                await outbox.pool.close()
                return result
            } catch {
                await outbox.pool.close()
                throw error
            }
        }
    }

    static func identifier(_ number: Int) -> Identifier {
        Identifier(bytes: [UInt8](repeating: 0, count: 14) + [UInt8(number / 256), UInt8(number % 256)])
            ?? Identifier(at: Timestamp(seconds: 0), random: [UInt8](repeating: 0, count: 10))
    }

    /// Runs SQL as superuser.
    func run(_ sql: String) async throws {
        try await superuser.withSession { session in try session.script(sql) }
    }

    /// One number from the database.
    func count(_ sql: String) async throws -> Int {
        try await superuser.withSession { session in
            try session.query("SELECT (\(sql)) AS count").only().int("count")
        }
    }

    /// One text from the database, or nil.
    func text(_ sql: String) async throws -> String? {
        try await superuser.withSession { session in
            try session.query("SELECT (\(sql)) AS text").only().optionalText("text")
        }
    }

    /// What a loop stands on; retries follow at once.
    func context(
        worker: WorkerWebhook? = nil, attempts: Int? = nil,
        egress: EgressPolicy = .publicOnly.allowingLoopback
    ) throws -> DeliveryContext {
        var context = try DeliveryContext(
            pool: pool, publicURL: Self.publicURL, linkKey: Self.linkKey, channelKey: Self.channelKey,
            egress: egress, templates: Self.templates.get(), worker: worker, logger: .silent, random: { 0.5 })
        context.messageBackoff = Backoff(delaysSeconds: [0.01], jitter: 0, maxAttempts: attempts ?? 20)
        context.workerBackoff = Backoff(delaysSeconds: [0.01], jitter: 0, maxAttempts: nil)
        return context
    }

    /// Runs the body while a loop sends.
    func sending<R>(
        _ context: DeliveryContext, loops: Int = 1, _ body: () async throws -> R
    ) async throws -> R {
        let limits = DeliveryLoop.Limits(pollSeconds: 0.05)
        let tasks = (0..<loops).map { _ in Task { await DeliveryLoop(context, limits: limits).run() } }
        func stop() async {
            for task in tasks { task.cancel() }
            for task in tasks { await task.value }
        }
        do {
            let result = try await body()
            await stop()
            return result
        } catch {
            await stop()
            throw error
        }
    }

    /// Waits until the count is reached; gives up after half a minute.
    func wait(for expected: Int, _ sql: String) async throws {
        for _ in 0..<3000 {
            if try await count(sql) == expected { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        let rows = try await text(
            "SELECT string_agg(concat_ws(' ', kind, state, attempts, last_error), '; ') FROM deliveries")
        throw NeverHappened(
            description: "never \(expected): \(sql); deliveries: \(rows ?? "none")")
    }

    func settled(_ count: Int) async throws {
        try await wait(for: count, "SELECT count(*) FROM deliveries WHERE state NOT IN ('queued', 'kept')")
    }
}

extension Outbox {
    /// Adds a channel whose sealed secret is this text.
    @discardableResult
    func addChannel(
        _ kind: ChannelKind, _ name: String, secret: String?, settings: ChannelSettings = ChannelSettings(),
        user: Identifier? = nil
    ) async throws -> Identifier {
        let id = Identifier(at: Timestamp(seconds: 1_800_000_000), random: SecureRandom.bytes(10))
        let box = try SecretBox(key: Self.channelKey)
        let sealed = secret.map {
            box.seal(Array($0.utf8), associated: ChannelSettings.sealingContext(of: id))
        }
        try await superuser.withSession { session in
            _ = try session.execute(
                """
                INSERT INTO channels (id, kind, name, settings, sealed_secret, user_id)
                VALUES ($1, $2, $3, $4, $5, $6)
                """,
                [
                    id.postgresValue, .text(kind.rawValue), .text(name), settings.json.postgresValue,
                    .optional(sealed), .optional(user),
                ])
        }
        return id
    }

    /// Stores a pending proposal.
    @discardableResult
    func propose(
        _ number: Int, rationale: String = "Gap and go.", strategy: String = "gap_and_go",
        expiresInMinutes: Int = 27, mode: TradingMode = .paper
    ) async throws -> Identifier {
        let id = Self.identifier(1000 + number)
        let checks = """
            [{"code": "trading_hours", "outcome": "warn", "limit": null, "value": null,
            "detail": "The market closes in 20 minutes."},
            {"code": "halt", "outcome": "pass", "limit": null, "value": null, "detail": "Nothing is halted."}]
            """
        try await superuser.withSession { session in
            _ = try session.execute(
                """
                INSERT INTO proposal_terms (id, mode, proposer_key_id, proposer_name, request_hash, symbol, side, qty,
                    type, limit_price, time_in_force, reference_price, strategy, rationale, notional, is_reducing,
                    client_order_id, canonical_order, order_hash, tier, approvals_required, policy_version, checks,
                    created_at, expires_at, validity_minutes)
                VALUES ($1::uuid, $2, $3, 'dee-bot', sha256('r'), 'NVDA', 'buy', 400, 'limit', 118.20, 'day',
                    118.05, $4, $5, 47280, false, 'cs-' || $1::uuid::text, $1::uuid::text,
                    encode(sha256(convert_to($1::uuid::text, 'UTF8')), 'hex'), 'standard', 1, 1, $6,
                    clock_timestamp() - interval '40 minutes',
                    clock_timestamp() + make_interval(mins => $7, secs => 30), 15)
                """,
                [
                    id.postgresValue, .text(mode.rawValue), Self.key.postgresValue, .text(strategy),
                    .text(rationale), .text(checks), expiresInMinutes.postgresValue,
                ])
        }
        return id
    }

    /// Queues messages for every channel.
    func queue(_ requests: DeliveryRequest...) async throws {
        try await pool.transaction { session in try DeliveryQueue.enqueue(requests, in: session) }
    }

    func ask(_ proposal: Identifier) async throws {
        try await queue(DeliveryRequest(kind: "approval-requested", proposalID: proposal, priority: 1))
    }

    /// Lets alice reject.
    func reject(_ proposal: Identifier) async throws {
        try await run(
            """
            INSERT INTO decisions (id, proposal_id, user_id, verdict, order_hash, method, comment)
            SELECT gen_random_uuid(), id, '\(Self.alice)', 'reject', order_hash, 'pin', 'too <b>late</b>'
            FROM proposals WHERE id = '\(proposal)';
            UPDATE proposal_states SET state = 'rejected', decided_at = clock_timestamp(), decided_by = 'user:alice'
            WHERE proposal_id = '\(proposal)';
            """)
    }

    /// Approves and releases, and queues the release for the worker.
    func release(_ number: Int, document: String, signedBy key: SigningKey) async throws -> Identifier {
        let proposal = try await propose(number)
        let order = Self.identifier(2000 + number)
        let signature = key.sign(Array(document.utf8))
        try await run(
            """
            INSERT INTO signing_keys (key_id, public_key) VALUES ('k1', sha256('p')) ON CONFLICT DO NOTHING;
            INSERT INTO decisions (id, proposal_id, user_id, verdict, order_hash, method)
            SELECT gen_random_uuid(), id, '\(Self.alice)', 'approve', order_hash, 'pin'
            FROM proposals WHERE id = '\(proposal)';
            """)
        try await superuser.transaction { session in
            _ = try session.execute(
                """
                INSERT INTO orders (id, proposal_id, client_order_id, state, symbol, side, qty, notional, is_reducing,
                    order_hash, document, key_id, signature, valid_until)
                SELECT $2, id, client_order_id, 'released', symbol, side, qty, notional, is_reducing, order_hash, $3,
                    'k1', $4, clock_timestamp() + interval '10 minutes'
                FROM proposals WHERE id = $1
                """,
                [proposal.postgresValue, order.postgresValue, .text(document), .bytes(signature)])
            _ = try session.execute(
                """
                UPDATE proposal_states SET state = 'released', decided_at = clock_timestamp(), decided_by = 'user:alice',
                    approved_at = clock_timestamp(), valid_until = clock_timestamp() + interval '10 minutes'
                WHERE proposal_id = $1
                """, [proposal.postgresValue])
            let until = try DatabaseClock.now(in: session).adding(minutes: 10)
            _ = try session.read(
                DeliveryQueue.enqueueReleases(of: [(order, proposal, until)]))
        }
        return order
    }
}
