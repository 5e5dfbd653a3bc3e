import Broker
import Cryptography
import Domain
import JSON
import Logging

extension ExecutionWorker {
    /// Claims an order and sends it, once.
    func execute(_ order: SyncAnswer.Claimable) async {
        let now = clock.uptimeSeconds()
        guard let key, !sent.contains(order.id), now - (triedAt[order.id] ?? -.infinity) >= 5 else { return }
        triedAt[order.id] = now
        guard let (signed, askedAt) = await claim(order, key) else { return }
        if signed.isRepeatedClaim, await isAtBroker(signed) { return }
        guard clock.uptimeSeconds() - askedAt < configuration.claimFreshSeconds,
            clock.now() < signed.validUntil
        else {
            return await tellUnsent(
                signed.id, "too-late", "The claim's answer came too late to send the order.")
        }
        await send(signed)
    }

    /// The order as it was signed, and when it was asked for; nil where it is not ours to send.
    private func claim(
        _ order: SyncAnswer.Claimable, _ key: PublicKey
    ) async -> (SignedOrder, askedAt: Double)? {
        isSnapshotDue = true
        await readAccount()
        guard let snapshot, !isSnapshotDue else { return nil }
        let quote = await quotes([order.symbol]).first
        // It passes in a moment, mostly; claimed with it the order would be refused for good.
        if let words = quote?.crossedWords {
            log.warning("order.waits", ["order_id": .string(order.id), "reason": .string(words)])
            return nil
        }
        // Of a symbol that the broker does not trade there may be none, or there may be one all the same: the claim is
        // asked for, so that the server ends the order and says why.
        if quote == nil || !standings.isAsked(order.symbol) { await ask(about: order.symbol) }
        guard quote != nil || standings.untraded(order.symbol) != nil else { return nil }
        var body = snapshot.members.merging(standings.members)
        body["worker_id"] = .string(configuration.workerID)
        body["mode"] = .string(configuration.mode.rawValue)
        body["quotes"] = nil
        body["quote"] = quote?.json
        let askedAt = clock.uptimeSeconds()
        claims.insert(order.id, at: askedAt)
        guard let document = await askForClaim(order.id, .object(body)) else { return nil }
        guard quote != nil else {
            await tellUnsent(order.id, "no-quote", "The broker has no quote of \(order.symbol).")
            return nil
        }
        do {
            let signed = try SignedOrder(document, key: key, mode: configuration.mode)
            guard signed.id == order.id else {
                await tellUnsent(order.id, "unsound", "The server answered with another order.")
                return nil
            }
            return (signed, askedAt)
        } catch {
            log.error("order.unsound", ["order_id": .string(order.id), "reason": .string(error.description)])
            await tellUnsent(order.id, "unsound", error.description)
            return nil
        }
    }

    /// A claim whose answer was lost is asked for once more: the server tells the same worker again.
    private func askForClaim(_ id: String, _ body: JSONValue) async -> JSONValue? {
        for _ in 1...2 {
            do {
                return try await server.claim(orderID: id, body)
            } catch {
                log.warning(
                    "order.not-claimed", ["order_id": .string(id), "reason": .string(error.message)])
                guard error.kind == .noAnswer else { return nil }
            }
        }
        return nil
    }

    /// Whether the broker has the order, or may have: only a clear no lets it be sent after a repeated claim.
    private func isAtBroker(_ order: SignedOrder) async -> Bool {
        do {
            let found = try await broker.order(clientOrderID: order.clientOrderID)
            await tellPlaced(order.id, found, since: clock.now())
            return true
        } catch {
            guard error.kind == .notFound else {
                await tell(order.id, Self.doubt(error))
                return true
            }
            return false
        }
    }

    private func send(_ order: SignedOrder) async {
        sent.insert(order.id, at: clock.uptimeSeconds())
        triedAt[order.id] = nil
        isSnapshotDue = true
        let sentAt = clock.now()
        do {
            let placed = try await broker.submit(order.terms, clientOrderID: order.clientOrderID)
            log.info(
                "order.sent",
                [
                    "order_id": .string(order.id), "broker_order_id": .string(placed.id),
                    "status": .string(placed.statusWord),
                ])
            await tellPlaced(order.id, placed, since: sentAt)
        } catch {
            log.warning(
                error.provesNothingWasDone ? "order.not-placed" : "order.outcome-unknown",
                ["order_id": .string(order.id), "reason": .string(error.message)])
            if error.provesNothingWasDone {
                await tellUnsent(order.id, error.code, error.message)
            } else {
                await tell(order.id, Self.doubt(error))
            }
        }
    }

    // MARK: reports

    static func doubt(_ error: BrokerError) -> JSONObject {
        [
            "outcome": "unknown",
            "error": ["code": .string(error.code), "message": .string(error.message)],
        ]
    }

    /// It is certain that the broker does not have the order and will not get it.
    func tellUnsent(_ id: String, _ code: String, _ message: String) async {
        sent.insert(id, at: clock.uptimeSeconds())
        await tell(
            id, ["outcome": "rejected", "error": ["code": .string(code), "message": .string(message)]])
    }

    /// The order as the broker shows it, with the executions known so far.
    func tellPlaced(_ id: String, _ order: BrokerOrder, since: Timestamp) async {
        sent.insert(id, at: clock.uptimeSeconds())
        absences[id] = nil
        var members: JSONObject = [
            "outcome": "placed",
            "broker_order": [
                "id": .string(order.id), "status": .string(order.statusWord),
                "filled_qty": .string(order.filledQty.description),
                "filled_avg_price": .text(order.filledAvgPrice?.description),
                "submitted_at": .text(order.submittedAt?.rfc3339), "replaced_by": .text(order.replacedBy),
                "legs": .array(order.legs.map { ["id": .string($0.id)] }),
            ],
        ]
        if order.filledQty.isPositive {
            members["fills"] = .array(await fills(of: order.id, since: since))
        }
        await tell(id, members)
    }

    /// The executions that the broker lists; what it does not list yet comes with a later report.
    func fills(of brokerOrderID: String, since: Timestamp) async -> [JSONValue] {
        do {
            let fills = try await broker.fills(since: since.adding(minutes: -2))
            return fills.filter { $0.orderID == brokerOrderID }.map { fill in
                [
                    "execution_id": .string(fill.executionID), "qty": .string(fill.qty.description),
                    "price": .string(fill.price.description),
                    "executed_at": .string(fill.executedAt.rfc3339),
                ]
            }
        } catch {
            log.warning("worker.no-fills", ["reason": .string(error.message)])
            return []
        }
    }

    /// Tells the server, now or with the next step; what it refused, after a pause.
    func tell(_ id: String, _ members: JSONObject) async {
        let standing: JSONObject = ["worker_id": .string(configuration.workerID)]
        let body = JSONValue.object(standing.merging(members))
        guard !refusedReports.isRefused(id, body, at: clock.uptimeSeconds()) else { return }
        unsentReports[id] = body
        await deliverReports()
    }

    /// Delivers what the server has not taken yet; what it refuses is told anew later, as it is then.
    func deliverReports() async {
        for (id, body) in unsentReports {
            do {
                try await server.report(orderID: id, body)
                unsentReports[id] = nil
                if refusedReports.noteTaken(id) { log.info("order.reported", ["order_id": .string(id)]) }
            } catch {
                var facts: JSONObject = ["order_id": .string(id), "reason": .string(error.message)]
                if case .refused = error.kind {
                    unsentReports[id] = nil
                    let (pause, isNews) = refusedReports.note(
                        id, body, reason: error.message, at: clock.uptimeSeconds())
                    guard isNews else { continue }
                    facts["again_in_seconds"] = .integer(Int(pause))
                }
                log.warning("order.not-reported", facts)
            }
        }
    }
}
