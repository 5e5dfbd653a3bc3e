// The worker's heartbeat: it says what the broker shows and learns what there is to do.

import Cryptography
import Domain
package import JSON
import Postgres
import Store

/// Takes in what the worker sees and tells it what to do.
package struct Synchronising: Sendable {
    /// How long a lease runs after each sync.
    package static let leaseSeconds = 15

    private let context: GateContext

    /// The use case.
    package init(_ context: GateContext) { self.context = context }

    /// Answers one sync; `actor` is who asks, in the journal's words.
    package func sync(_ body: JSONValue, actor: String) async throws -> JSONValue {
        let nonce = try Self.nonce(body)
        let answer = try await BreakerWatch.transaction(context) { [context] session, phase in
            let message = try WorkerMessage.parse(body, now: try DatabaseClock.now(in: session))
            if message.isLeaving { return try Self.leave(message, actor, context, in: session) }
            try Self.requireMode(message, context)
            if let account = message.account {
                try Self.requireAccount(account.snapshot.accountNumber, context, actor, in: session)
            }
            guard message.answerTrouble == nil else {
                return try Self.hear(refusing: message, context, phase, in: session)
            }
            guard let lease = try Self.lease(message, actor, in: session) else {
                return Self.answer(try WorkerLeaseStore.read(in: session), context, isActive: false)
            }
            try Self.take(message, context, phase, in: session)
            return try Self.work(message, lease, context, in: session)
        }
        guard let nonce else { return answer }
        let stamp = try await context.pool.withSession { session in try DeploymentStore.find(in: session) }
        return Self.signed(answer, nonce, account: stamp?.accountNumber, context.secrets)
    }

    /// What the worker wants repeated in the answer; nil where it does not ask for a signature.
    private static func nonce(_ body: JSONValue) throws -> String? {
        let reader = JSONReader(body)
        let nonce = reader.string("nonce", maxCharacters: SyncSignature.nonceCharacters)
        guard reader.faults.isEmpty else { throw Refusal.invalid(reader.faults) }
        return nonce
    }

    /// The answer with the question's nonce and the account it belongs to, signed: a worker that has the key knows by it that
    /// nobody between it and the server changed, repeated or made up what it is to do.
    private static func signed(
        _ answer: JSONValue, _ nonce: String, account: String?, _ secrets: GateSecrets
    ) -> JSONValue {
        var members = answer.objectValue ?? [:]
        members["nonce"] = .string(nonce)
        members["account_number"] = .text(account)
        let signature = secrets.signingKey.sign(Array(SyncSignature.text(of: members).utf8))
        members["signature"] = [
            "alg": "ed25519", "key_id": .string(secrets.signingKeyID),
            "value": .string(Base64.encode(signature)),
        ]
        return .object(members)
    }

    /// Hears a worker that does nothing of what it is told.
    ///
    /// Its lease is not prolonged, so that another may have it once it runs out; until one has, what it tells of the
    /// account counts, because losses must be seen.
    private static func hear(
        refusing message: WorkerMessage, _ context: GateContext, _ phase: BreakerWatch.Phase,
        in session: PostgresSession
    ) throws -> JSONValue {
        let lease = try WorkerLeaseStore.read(in: session)
        if lease?.workerID == message.workerID {
            try take(message, context, phase, in: session)
        } else {
            try WorkerTroubles.tell(message, in: session)
        }
        return answer(lease, context, isActive: false)
    }

    /// Refuses a worker that trades otherwise than this deployment, before it gets the lease or binds the database.
    ///
    /// A live one would close live positions for a paper drill.
    static func requireMode(_ message: WorkerMessage, _ context: GateContext) throws {
        guard let mode = message.mode, mode != context.mode else { return }
        throw Refusal(
            .accountMismatch,
            "The worker trades \(mode.rawValue) and this deployment is for \(context.mode.rawValue) trading. Nothing was"
                + " taken from its report and nothing is handed to it. Point the worker at the server of its own mode,"
                + " or set COUNTERSIGN_MODE of the worker to \(context.mode.rawValue).",
            facts: ["mode": .string(context.mode.rawValue)])
    }

    /// Refuses to work for another account, or in another mode, than the one this database belongs to.
    static func requireAccount(
        _ number: String, _ context: GateContext, _ actor: String, in session: PostgresSession
    ) throws {
        if let stamp = try DeploymentStore.find(in: session), stamp.mode != context.mode {
            throw Refusal(
                .accountMismatch,
                "This database belongs to a \(stamp.mode.rawValue) account and the server runs in "
                    + "\(context.mode.rawValue) mode. Nothing is traded. Use another database for this mode.",
                facts: ["mode": .string(stamp.mode.rawValue)])
        }
        try Deployment.bind(accountNumber: number, by: actor, in: session)
    }

    /// Stores what a message carries of the account and the market, and acts on what it shows.
    private static func take(
        _ message: WorkerMessage, _ context: GateContext, _ phase: BreakerWatch.Phase,
        in session: PostgresSession
    ) throws {
        try store(message, context, in: session)
        try WorkerTroubles.tell(message, in: session)
        if message.account != nil { _ = try BreakerWatch.evaluate(context, phase, in: session) }
    }

    /// Stores what a message carries of the account and the market.
    static func store(
        _ message: WorkerMessage, _ context: GateContext, in session: PostgresSession
    ) throws {
        if let account = message.account {
            try AccountKeeping.keep(
                account, message.activities, by: message.workerID, context, in: session)
        }
        try FirstPrices.tell(message.quotes, by: message.workerID, in: session)
        try AccountStateStore.store(message.quotes, in: session)
        try UntradedSymbolStore.store(
            untraded: message.symbols.untraded, traded: message.symbols.traded,
            quoted: message.symbols.quoted, in: session)
        for report in message.bars {
            try BarStore.store(report.bars, of: report.symbol, report.days, in: session)
        }
    }

    /// The lease is taken only along with the account, so that nobody trades another account's orders.
    private static func lease(
        _ message: WorkerMessage, _ actor: String, in session: PostgresSession
    ) throws -> WorkerLease? {
        let before = try WorkerLeaseStore.read(in: session)
        let lease = try WorkerLeaseStore.hold(
            message.workerID, seconds: leaseSeconds, mayAcquire: message.account != nil, in: session)
        if let lease, lease.generation != before?.generation {
            try JournalStore.append(
                [
                    JournalDraft(
                        kind: "worker.active", actor: actor, subject: "worker:\(lease.workerID)",
                        data: [
                            "generation": .integer(lease.generation), "before": .text(before?.workerID),
                        ])
                ], in: session)
        }
        return lease
    }

    private static func leave(
        _ message: WorkerMessage, _ actor: String, _ context: GateContext, in session: PostgresSession
    ) throws -> JSONValue {
        try WorkerLeaseStore.release(message.workerID, in: session)
        try JournalStore.append(
            [JournalDraft(kind: "worker.left", actor: actor, subject: "worker:\(message.workerID)")],
            in: session)
        return answer(try WorkerLeaseStore.read(in: session), context, isActive: false)
    }

    private static let maxReleased = 100
    private static let maxOrders = 1000
    private static let maxSymbols = 1000
    /// How many symbols' bars are asked for at once: a worker asks its broker for each.
    private static let maxSeries = 3

    private static func work(
        _ message: WorkerMessage, _ lease: WorkerLease, _ context: GateContext, in session: PostgresSession
    ) throws -> JSONValue {
        let now = try DatabaseClock.now(in: session)
        let orders = try OrderQueries.atBroker(limit: maxOrders, in: session)
        var symbols = Set(try AccountStateStore.symbolsOfInterest(limit: maxSymbols, in: session))
        if let snapshot = message.account?.snapshot {
            symbols.formUnion(snapshot.positions.map(\.symbol))
            symbols.formUnion(snapshot.openOrders.map(\.symbol))
        }
        return answer(
            lease, context, isActive: true,
            claimable: try OrderQueries.claimable(limit: maxReleased, in: session),
            watch: symbols.sorted().prefix(maxSymbols).map(JSONValue.string),
            orders: orders.map { WorkerOrder(order: $0, now: now).json },
            commands: try CommandStore.open(in: session).map { try $0.order(in: session) },
            activitiesSince: try activitiesSince(in: session),
            bars: try BarStore.wanted(limit: maxSeries, in: session))
    }

    /// From when on the account's executions are wanted: with some overlap, since repeats are harmless.
    private static func activitiesSince(in session: PostgresSession) throws -> Timestamp? {
        let newest = try ExecutionStore.newest(in: session)
        return try (newest ?? BooksLock.startedAt(in: session))?.adding(minutes: -10)
    }

    private static func answer(
        _ lease: WorkerLease?, _ context: GateContext, isActive: Bool, claimable: [ClaimableOrder] = [],
        watch: [JSONValue] = [],
        orders: [JSONValue] = [], commands: [JSONValue] = [], activitiesSince: Timestamp? = nil,
        bars: [WantedBars] = []
    ) -> JSONValue {
        [
            "lease": [
                "active": .bool(isActive), "worker_id": .text(lease?.workerID),
                "generation": lease.map { .integer($0.generation) } ?? .null,
                "expires_at": .text(lease?.expiresAt.rfc3339),
            ],
            "mode": .string(context.mode.rawValue),
            "released": .array(claimable.map { .string($0.id.text) }),
            "claimable": .array(claimable.map(\.json)),
            "watch": .array(watch), "commands": .array(commands), "orders": .array(orders),
            "activities_since": .text(activitiesSince?.rfc3339),
            "bars": .array(
                bars.map { series in
                    [
                        "symbol": .string(series.symbol), "from": .string(series.from.description),
                        "until": .string(series.until.description),
                    ]
                }),
        ]
    }
}

extension ClaimableOrder {
    /// What the worker must know to bring a quote along.
    var json: JSONValue {
        [
            "id": .string(id.text), "symbol": .string(symbol), "valid_until": .string(validUntil.rfc3339),
        ]
    }
}

/// An order as the worker needs to know it, to watch it and to ask the broker for it.
struct WorkerOrder: Sendable {
    let order: OrderRecord
    let now: Timestamp

    var json: JSONValue {
        var object: JSONObject = [
            "id": .string(order.id.text), "client_order_id": .string(order.clientOrderID),
            "state": .string(order.state.rawValue), "symbol": .string(order.symbol),
            "qty": .string(order.qty.description), "filled_qty": .string(order.filledQty.description),
            "broker_order_id": .text(order.brokerOrderID), "broker_status": .text(order.brokerStatus),
            "claim_generation": .integer(order.claimGeneration), "claimed_by": .text(order.claimedBy),
        ]
        if let claimedAt = order.claimedAt {
            object["claimed_at"] = .string(claimedAt.rfc3339)
            object["claim_age_seconds"] = .integer(now.seconds(since: claimedAt))
        }
        object["cancel_after"] = .text(order.cancelAfter?.rfc3339)
        // What turned up after people were told that it never arrived is nothing they count on any more.
        object["astray"] = .bool(order.isAstray)
        object["cancel_due"] = .bool(order.isAstray || order.cancelAfter.map { $0 <= now } ?? false)
        return .object(object)
    }
}

extension OrderRecord {
    /// When an order that is still open is to be cancelled, as people approved it; nil where never.
    var cancelAfter: Timestamp? {
        guard let claimedAt, let document = try? JSONParser.parse(Array(self.document.utf8)),
            let minutes = document["order"]?["order_timeout_minutes"]?.intValue
        else { return nil }
        return claimedAt.adding(minutes: minutes)
    }
}
