import Cryptography
import Domain
import Execution
import JSON
import Synchronization

/// Time that stands still until a test moves it.
final class TestClock: Sendable {
    private let microseconds = Mutex<Int64>(1_795_000_000_000_000)

    var now: Timestamp { Timestamp(microseconds: microseconds.withLock { $0 }) }
    func advance(seconds: Int) { microseconds.withLock { $0 += Int64(seconds) * 1_000_000 } }
    var worker: WorkerClock {
        WorkerClock(
            now: { self.now }, uptimeSeconds: { Double(self.microseconds.withLock { $0 }) / 1_000_000 })
    }
}

/// The server's side of the protocol for one order, with the rules that matter to the worker.
final class FakeServer: ServerLink {
    struct State: Sendable {
        var order = OrderState.released
        var claimedBy: String?
        var claimedAt: Timestamp?
        var holder: String?
        var generation = 0
        /// What the deployment says it trades with.
        var mode = "paper"
        /// The account that the deployment belongs to.
        var accountNumber: String?
        /// What each sync says against the answer before.
        var complaints: [JSONValue?] = []
        /// What it tells the worker to do.
        var commands: [JSONValue] = []
        var brokerOrderID: String?
        var brokerStatus: String?
        var filledQty = ExactDecimal.zero
        var fills: [String: ExactDecimal] = [:]
        var reason: String?
        var cancelDueAfterSeconds: Int?
        /// Whether an order that never arrived stays in the list.
        var isLookedAfter = false
        var leaves = 0
        var syncs = 0
        var reports: [String] = []
        /// Whether no report gets through.
        var isDeaf = false
        /// Why every report is refused; nil where they are taken.
        var refusal: String?
        /// How many reports were refused: of the order, and of commands, of which it takes none.
        var refusedReports = 0
        var refusedCommandReports = 0
        /// Symbols watched besides the order's.
        var alsoWatched: [String] = []
        /// The symbols quoted by each sync that carries quotes.
        var quoted: [[String]] = []
    }

    static let orderID = "018f2e9c-0000-7000-8000-000000000001"
    static let clientOrderID = "cs-paper-018f2e9c"
    let key: SigningKey
    let terms: OrderTerms
    let clock: TestClock
    private let state = Mutex(State())
    private let listedKey: Mutex<SigningKey>
    private let tamper: (@Sendable (JSONValue) -> JSONValue)?

    init(
        clock: TestClock, terms: OrderTerms? = nil, tamper: (@Sendable (JSONValue) -> JSONValue)? = nil
    ) throws {
        key = try SigningKey(seed: [UInt8](repeating: 9, count: 32))
        listedKey = Mutex(key)
        self.clock = clock
        self.tamper = tamper
        self.terms =
            terms
            ?? OrderTerms(
                symbol: "NVDA", side: .buy, qty: ExactDecimal(10), type: .limit,
                limitPrice: ExactDecimal(120))
    }

    var snapshot: State { state.withLock { $0 } }
    func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }
    func expireLease() { change { $0.holder = nil } }
    func changeKey() throws {
        let other = try SigningKey(seed: [UInt8](repeating: 8, count: 32))
        listedKey.withLock { $0 = other }
    }

    /// What the webhook carries as `data`.
    func document(mode: String = "paper") -> JSONValue {
        var order: JSONObject = [
            "id": .string(Self.orderID), "client_order_id": .string(Self.clientOrderID),
            "mode": .string(mode),
        ]
        order = order.merging(terms.json)
        let hash = SHA256.hexadecimal(terms.canonical(clientOrderID: Self.clientOrderID))
        let approval: JSONValue = [
            "tier": "standard", "order_hash": .string(hash), "expires_at": "2099-01-01T00:00:00Z",
        ]
        let text = JSONValue.object(["order": .object(order), "approval": approval]).canonical()
        return [
            "order": .object(order), "approval": approval,
            "signature": [
                "alg": "ed25519", "key_id": "k",
                "value": .string(Base64.encode(key.sign(Array(text.utf8)))),
            ],
        ]
    }

    func signingKeys() async throws(ServerError) -> JSONValue {
        let key = listedKey.withLock { $0 }
        return [
            "items": [
                [
                    "key_id": "k", "alg": "ed25519",
                    "public_key": .string(Base64.encode(key.publicKey.bytes)),
                ]
            ]
        ]
    }

    func sync(_ body: JSONValue) async throws(ServerError) -> JSONValue {
        var answer = answer(to: body).objectValue ?? [:]
        answer["nonce"] = body["nonce"]
        answer["account_number"] = .text(snapshot.accountNumber)
        let text = SyncSignature.text(of: answer)
        answer["signature"] = ["alg": "ed25519", "value": .string(Base64.encode(key.sign(Array(text.utf8))))]
        return tamperAnswer.withLock { $0 }?(.object(answer)) ?? .object(answer)
    }

    /// What is done to answers between the server and the worker.
    let tamperAnswer = Mutex<(@Sendable (JSONValue) -> JSONValue)?>(nil)

    private func answer(to body: JSONValue) -> JSONValue {
        let worker = body["worker_id"]?.stringValue ?? ""
        return state.withLock { state in
            state.syncs += 1
            state.complaints.append(body["answer_trouble"])
            if let quotes = body["quotes"]?.arrayValue {
                state.quoted.append(quotes.compactMap { $0["symbol"]?.stringValue })
            }
            if body["leaving"] == true {
                state.leaves += 1
                if state.holder == worker { state.holder = nil }
                return ["lease": ["active": false], "mode": .string(state.mode)]
            }
            if state.holder == nil, body["account"] != nil {
                state.holder = worker
                state.generation += 1
            }
            guard state.holder == worker else {
                return [
                    "lease": ["active": false, "worker_id": .text(state.holder)], "mode": .string(state.mode),
                ]
            }
            return [
                "lease": ["active": true, "generation": .integer(state.generation)],
                "mode": .string(state.mode),
                "claimable": state.order == .released
                    ? [["id": .string(Self.orderID), "symbol": .string(terms.symbol)]] : [],
                "watch": .array(([terms.symbol] + state.alsoWatched).map(JSONValue.string)),
                "orders": .array(watched(state)), "commands": .array(state.commands),
            ]
        }
    }

    private func watched(_ state: State) -> [JSONValue] {
        let missing = state.fills.values.reduce(.zero, +) < state.filledQty
        let isOut = !state.order.isFinal || missing || state.isLookedAfter
        guard state.order.mayBeAtBroker, isOut, let claimedAt = state.claimedAt
        else { return [] }
        let age = clock.now.seconds(since: claimedAt)
        return [
            [
                "id": .string(Self.orderID), "client_order_id": .string(Self.clientOrderID),
                "state": .string(state.order.rawValue), "filled_qty": .string(state.filledQty.description),
                "broker_order_id": .text(state.brokerOrderID), "broker_status": .text(state.brokerStatus),
                "claim_age_seconds": .integer(age), "claimed_at": .string(claimedAt.rfc3339),
                "cancel_due": .bool(state.cancelDueAfterSeconds.map { age >= $0 } ?? false),
            ]
        ]
    }

    func claim(orderID: String, _ body: JSONValue) async throws(ServerError) -> JSONValue {
        let worker = body["worker_id"]?.stringValue ?? ""
        let isRepeated: Bool? = state.withLock { state in
            guard state.holder == worker else { return nil }
            if state.order == .released {
                state.order = .submitting
                state.claimedBy = worker
                state.claimedAt = clock.now
                return false
            }
            return state.claimedBy == worker && [.submitting, .unknown].contains(state.order) ? true : nil
        }
        guard let isRepeated, body["quote"]?["symbol"]?.stringValue == terms.symbol, body["account"] != nil
        else { throw ServerError(.refused(slug: "claimed", status: 409), "claimed") }
        var document = document().objectValue ?? [:]
        document["already_claimed"] = .bool(isRepeated)
        return tamper.map { $0(.object(document)) } ?? .object(document)
    }

    func report(commandID: String, _ body: JSONValue) async throws(ServerError) {
        change { $0.refusedCommandReports += 1 }
        throw ServerError(.refused(slug: "not-found", status: 404), "there are no commands here")
    }

    func report(orderID: String, _ body: JSONValue) async throws(ServerError) {
        guard !snapshot.isDeaf else { throw ServerError(.noAnswer, "the line went dead") }
        if let words = snapshot.refusal {
            change { $0.refusedReports += 1 }
            throw ServerError(.refused(slug: "validation", status: 422), words)
        }
        state.withLock { state in
            let outcome = body["outcome"]?.stringValue ?? "fills"
            state.reports.append(outcome)
            for fill in body["fills"]?.arrayValue ?? [] {
                guard let id = fill["execution_id"]?.stringValue else { continue }
                state.fills[id] = fill["qty"]?.stringValue.flatMap { ExactDecimal($0) }
            }
            let told = body["broker_order"]
            let filled = told?["filled_qty"]?.stringValue.flatMap { ExactDecimal($0) } ?? .zero
            state.filledQty = max(state.filledQty, filled)
            state.brokerOrderID = told?["id"]?.stringValue ?? state.brokerOrderID
            state.brokerStatus = told?["status"]?.stringValue ?? state.brokerStatus
            let next: OrderState? =
                switch outcome {
                case "placed":
                    told?["status"]?.stringValue.flatMap(BrokerStatus.init(rawValue:))?
                        .orderState(hasFills: state.filledQty.isPositive)
                case "rejected": .rejected
                case "unknown": .unknown
                default: nil
                }
            guard let next, state.order.mayBecome(next) else { return }
            state.order = next
            state.reason = body["error"]?["message"]?.stringValue
        }
    }
}
