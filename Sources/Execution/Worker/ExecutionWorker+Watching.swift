import Broker
import Domain
import JSON
import Logging

extension ExecutionWorker {
    /// Looks after every order that is, or may be, at the broker.
    func look(after orders: [SyncAnswer.Watched]) async {
        let ids = Set(orders.map(\.id))
        absences = absences.filter { ids.contains($0.key) }
        cancelledAt = cancelledAt.filter { ids.contains($0.key) }
        refusedReports.keep(ids)
        for order in orders where unsentReports[order.id] == nil {
            let rests = refusedReports.rests(
                order.id, listing: listing(order), at: clock.uptimeSeconds())
            switch OrderState(rawValue: order.state) {
            // What is to be cancelled is cancelled, whatever the server thinks of reports.
            case .accepted, .partiallyFilled: await follow(order, asks: !rests)
            case .rejected where order.isAstray: await follow(order, asks: !rests)
            case .rejected where order.brokerOrderID == nil: await askAgain(order)
            case _ where rests: continue
            case .submitting, .unknown: await resolve(order)
            case .filled, .canceled, .expired, .rejected: await completeFills(order)
            case .released, .refused, .lapsed, .revoked, .cancelled, nil:
                log.error(
                    "order.state-not-known", ["order_id": .string(order.id), "state": .string(order.state)])
            }
        }
    }

    /// Finds out what became of an order that was claimed: by asking, never by sending.
    private func resolve(_ order: SyncAnswer.Watched) async {
        if let absence = absences[order.id], clock.uptimeSeconds() - absence.lastAt < 2 { return }
        do {
            let found = try await broker.order(clientOrderID: order.clientOrderID)
            await tellPlaced(order.id, found, since: order.since(clock))
        } catch {
            if error.kind == .notFound, isAbsenceProven(order) {
                return await tellUnsent(
                    order.id, "never-reached",
                    "The order never reached the broker: asked \(absences[order.id]?.tries ?? 0) times, it "
                        + "does not know it. Nothing was traded. Propose it again if it is still wanted.")
            }
            if order.state == OrderState.submitting.rawValue { await tell(order.id, Self.doubt(error)) }
        }
    }

    /// Asks once a minute for an order that is held never to have arrived.
    ///
    /// If it turns up it is cancelled at once: people were told that nothing was traded, and may have proposed it again.
    /// From then on the server keeps it in the list until the broker is done with it.
    private func askAgain(_ order: SyncAnswer.Watched) async {
        let now = clock.uptimeSeconds()
        if let absence = absences[order.id], now - absence.lastAt < 60 { return }
        absences[order.id] = Absence(since: now, lastAt: now)
        guard let found = try? await broker.order(clientOrderID: order.clientOrderID) else { return }
        log.error("order.turned-up", ["order_id": .string(order.id), "broker_order_id": .string(found.id)])
        await tellPlaced(order.id, found, since: order.since(clock))
        if !found.isFinal { await cancel(order, brokerOrderID: found.id) }
    }

    /// Counts one more answer that the broker does not know the order; true where that is proof.
    private func isAbsenceProven(_ order: SyncAnswer.Watched) -> Bool {
        let now = clock.uptimeSeconds()
        var absence = absences[order.id] ?? Absence(since: now, lastAt: now)
        absence.tries += 1
        absence.lastAt = now
        absences[order.id] = absence
        let proof = configuration.proof
        return absence.tries >= proof.tries && now - absence.since >= Double(proof.seconds)
            && order.claimAgeSeconds >= proof.claimAgeSeconds
    }

    private func listed(_ order: SyncAnswer.Watched) -> BrokerOrder? {
        snapshot?.openOrders.first { $0.clientOrderID == order.clientOrderID }
    }

    /// How the broker listed the order when the account was read last; empty where it did not.
    private func listing(_ order: SyncAnswer.Watched) -> String {
        listed(order).map { "\($0.statusWord) \($0.filledQty)" } ?? ""
    }

    /// Reports an open order that changed, and cancels one whose time is over.
    private func follow(_ order: SyncAnswer.Watched, asks: Bool) async {
        let isUnchanged =
            listed(order).map {
                $0.statusWord == order.brokerStatus && $0.filledQty.description == order.filledQty
            } ?? false
        if asks, !isUnchanged { await ask(order) }
        if order.isCancelDue, let id = order.brokerOrderID { await cancel(order, brokerOrderID: id) }
    }

    private func ask(_ order: SyncAnswer.Watched) async {
        do {
            let found = try await broker.order(clientOrderID: order.clientOrderID)
            guard
                found.statusWord != order.brokerStatus || found.filledQty.description != order.filledQty
            else { return }
            isSnapshotDue = true
            await tellPlaced(order.id, found, since: order.since(clock))
        } catch {
            log.warning("order.not-seen", ["order_id": .string(order.id), "reason": .string(error.message)])
        }
    }

    /// Asks the broker to cancel; whether it did shows in the order's state.
    private func cancel(_ order: SyncAnswer.Watched, brokerOrderID: String) async {
        let now = clock.uptimeSeconds()
        guard now - (cancelledAt[order.id] ?? -.infinity) >= 10 else { return }
        cancelledAt[order.id] = now
        isSnapshotDue = true
        do {
            try await broker.cancel(id: brokerOrderID)
            log.info("order.cancel-asked", ["order_id": .string(order.id)])
        } catch {
            log.warning(
                "order.not-cancelled", ["order_id": .string(order.id), "reason": .string(error.message)])
        }
        await ask(order)
    }

    /// Brings executions that the broker listed only after the order had ended.
    private func completeFills(_ order: SyncAnswer.Watched) async {
        guard let brokerOrderID = order.brokerOrderID else { return }
        if let absence = absences[order.id], clock.uptimeSeconds() - absence.lastAt < 10 { return }
        let now = clock.uptimeSeconds()
        absences[order.id] = Absence(since: now, lastAt: now)
        let fills = await fills(of: brokerOrderID, since: order.since(clock))
        guard !fills.isEmpty else { return }
        await tell(order.id, ["fills": .array(fills)])
    }
}

extension SyncAnswer.Watched {
    /// From when on executions of this order are looked for.
    func since(_ clock: WorkerClock) -> Timestamp {
        claimedAt.flatMap(Timestamp.init(rfc3339:)) ?? clock.now().adding(minutes: -1440)
    }
}
