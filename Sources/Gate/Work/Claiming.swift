// The worker takes an order: the last gate before the broker. Everything is checked once more, alone under
// the account's lock, with the price and the account as they are this moment.

import Cryptography
package import Domain
package import JSON
package import Postgres
package import Store

/// Hands a released order to the active worker, once.
package struct Claiming: Sendable {
    /// The checks of one order as it is claimed, with the quote that the claim brings; nil where it brings none.
    package typealias Judge =
        @Sendable (OrderRecord, OrderTerms, Quote?, PostgresSession) throws -> [Finding]

    private let context: GateContext
    private let judge: Judge

    /// The use case, with the checks that it applies.
    package init(_ context: GateContext, judge: @escaping Judge) {
        self.context = context
        self.judge = judge
    }

    /// The signed order.
    ///
    /// Throws the Refusals `claimed`, `refused`, `lapsed`, `halted`, `conflict`, `not-active-worker`,
    /// `account-mismatch` and `validation`.
    package func claim(_ id: Identifier, _ body: JSONValue, actor: String) async throws -> JSONValue {
        let outcome: Outcome
        do {
            outcome = try await context.pool.transaction { [self] session in
                try attempt(id, body, actor, in: session)
            }
        } catch let error as PostgresError where error.databaseGuard == .halted {
            throw Refusal(.halted, "Trading is halted, so this order was not handed out. Nothing was sent.")
        } catch let error as PostgresError where error.databaseGuard == .tooLateOrTooEarly {
            throw Refusal(.lapsed, "The approval of this order ran out. Nothing was sent.")
        }
        switch outcome {
        case .claimed(let document): return document
        case .ended(let refusal): throw refusal
        }
    }

    /// What a transaction stores before the worker is told: an order ended by a check stays ended.
    private enum Outcome: Sendable {
        case claimed(JSONValue)
        case ended(Refusal)
    }

    private func attempt(
        _ id: Identifier, _ body: JSONValue, _ actor: String, in session: PostgresSession
    ) throws -> Outcome {
        try AccountLock.exclusive(in: session)
        let message = try WorkerMessage.parse(body, now: try DatabaseClock.now(in: session))
        try Synchronising.requireMode(message, context)
        try requireLease(message.workerID, in: session)
        if let number = message.accountNumber {
            try Synchronising.requireAccount(number, context, actor, in: session)
        }
        guard let order = try OrderQueries.lock(id, in: session) else { throw Refusal.notFound("order") }
        guard order.state == .released else {
            return try .claimed(repeated(order, message.workerID, in: session))
        }
        try Synchronising.store(message, context, in: session)
        if let halt = try BreakerWatch.evaluate(context, .acting, in: session).first,
            try OrderQueries.lock(id, in: session)?.state != .released
        {
            let why = halt.reason.asSentence
            return .ended(
                Refusal(.halted, "Trading was halted by this claim: \(why) Nothing was sent."))
        }
        guard try DatabaseClock.now(in: session) < order.validUntil else {
            return try lapse(order, actor, in: session)
        }
        let quote = message.quotes.first { $0.symbol == order.symbol }
        guard let terms = try soundTerms(of: order, in: session) else {
            return try refuse(order, Self.unsound, [], quote, actor, in: session)
        }
        let findings = try judge(order, terms, quote, session)
        // Of a symbol that the broker does not trade there may be no quote: the check says so and ends the order.
        let untraded = findings.first { $0.code == .symbolKnown && $0.outcome == .fail }
        guard quote != nil || untraded != nil else { throw Self.needsQuote(order.symbol) }
        guard findings.allow else {
            let reason = untraded?.detail ?? findings.having(.fail).map(\.detail).joined(separator: " ")
            return try refuse(order, reason, findings, quote, actor, in: session)
        }
        return try take(order, findings, quote, message.workerID, actor, in: session)
    }

    private func requireLease(_ workerID: String, in session: PostgresSession) throws {
        let lease = try WorkerLeaseStore.read(in: session)
        guard let lease, lease.workerID == workerID, lease.isRunning else {
            let holder = lease.flatMap { $0.isRunning ? $0.workerID : nil }
            throw Refusal(
                .notActiveWorker,
                holder.map { "The active worker is \($0). Stand by and sync." }
                    ?? "This worker has no lease that runs. Sync with the account first.",
                facts: ["active_worker": .text(holder)])
        }
    }

    /// The terms that were signed, where signature and hash hold for them still.
    private func soundTerms(of order: OrderRecord, in session: PostgresSession) throws -> OrderTerms? {
        let bytes = Array(order.document.utf8)
        guard order.keyID == context.secrets.signingKeyID,
            context.secrets.signingKey.publicKey.verify(order.signature, of: bytes),
            let signed = try? JSONParser.parse(bytes)["order"],
            let terms = try? OrderTerms.parse(signed),
            SHA256.hexadecimal(terms.canonical(clientOrderID: order.clientOrderID)) == order.orderHash,
            signed["client_order_id"]?.stringValue == order.clientOrderID,
            terms.symbol == order.symbol, terms.side == order.side, terms.qty == order.qty
        else { return nil }
        return terms
    }

    private static let unsound =
        "The stored order is not what was approved and signed, or it was signed with another secret key."

    private static func needsQuote(_ symbol: String) -> Refusal {
        Refusal.invalid([JSONFault(pointer: "/quote", detail: "must be a fresh quote of \(symbol)")])
    }

    // MARK: ends

    /// The worker that claimed it gets the same answer again, and must ask the broker before it acts.
    ///
    /// Not while a halt applies, and not after the approval ran out: then it is for the broker to say what became of it.
    private func repeated(
        _ order: OrderRecord, _ workerID: String, in session: PostgresSession
    ) throws -> JSONValue {
        if order.state == .submitting, order.claimedBy == workerID {
            guard try DatabaseClock.now(in: session) < order.validUntil else {
                throw Refusal(.lapsed, "The approval of this order ran out after it was claimed.")
            }
            guard try !OrderQueries.isHalted(order.id, in: session) else {
                throw Refusal(.halted, "Trading was halted after this order was claimed. Do not send it.")
            }
            return ClaimDocument(order: order, isRepeated: true).json
        }
        throw try LostOrder.refusal(order, in: session)
    }

    private func lapse(
        _ order: OrderRecord, _ actor: String, in session: PostgresSession
    ) throws -> Outcome {
        try OrderTransitions.lapse(order.id, in: session)
        try Lapsing.tell([order.id: order.proposalID], by: actor, in: session)
        let words = "The approval of this order ran out at \(order.validUntil.rfc3339). Nothing was sent."
        return .ended(Refusal(.lapsed, words, facts: ["order_state": "lapsed"]))
    }

    private func refuse(
        _ order: OrderRecord, _ reason: String, _ findings: [Finding], _ quote: Quote?, _ actor: String,
        in session: PostgresSession
    ) throws -> Outcome {
        try OrderTransitions.refuse(
            order.id, reason: reason, checks: findings.json, quote: quote?.json, in: session)
        let data: JSONObject = ["reason": .string(reason), "checks": findings.having(.fail).json]
        try JournalStore.append([order.entry("order.refused", by: actor, data)], in: session)
        try DeliveryQueue.enqueue(
            [order.message("order-refused", priority: 2, ["reason": .string(reason)])], in: session)
        return .ended(
            Refusal(
                .refused, "A check failed, so nothing was sent. \(reason)",
                facts: ["order_state": "refused", "checks": findings.json]))
    }

    private func take(
        _ order: OrderRecord, _ findings: [Finding], _ quote: Quote?, _ workerID: String, _ actor: String,
        in session: PostgresSession
    ) throws -> Outcome {
        try OrderTransitions.claim(
            order.id, by: workerID, checks: findings.json, quote: quote?.json, in: session)
        guard let claimed = try OrderQueries.find(order.id, in: session) else {
            throw Refusal.notFound("order")
        }
        var data: JSONObject = [
            "worker_id": .string(workerID), "claim_generation": .integer(claimed.claimGeneration),
        ]
        data["quote"] = quote?.json
        try JournalStore.append([claimed.entry("order.claimed", by: actor, data)], in: session)
        return .claimed(ClaimDocument(order: claimed, isRepeated: false).json)
    }
}

/// The signed order as the worker gets it (product.md section 11, `data`), and what belongs to this claim.
struct ClaimDocument: Sendable {
    let order: OrderRecord
    let isRepeated: Bool

    var json: JSONValue {
        let signed = (try? JSONParser.parse(Array(order.document.utf8)))?.objectValue ?? [:]
        return .object(
            signed.merging([
                "signature": [
                    "alg": "ed25519", "key_id": .string(order.keyID),
                    "value": .string(Base64.encode(order.signature)),
                ],
                "claim_generation": .integer(order.claimGeneration),
                "claimed_at": .text(order.claimedAt?.rfc3339),
                "cancel_after": .text(order.cancelAfter?.rfc3339),
                "already_claimed": .bool(isRepeated),
            ]))
    }
}
