import Broker
import Domain
import JSON
import Logging

extension ExecutionWorker {
    /// How often the broker refused something, and when it is asked again.
    struct Trouble: Sendable {
        var attempts = 0
        var message = ""
        var nextAt = 0.0
    }

    /// An order at the broker that closes a position.
    struct Closing: Sendable {
        let symbol: String
        let brokerOrderID: String
    }

    /// Does what each command asks for next; `begunAt` is when the sync was begun that brought them.
    func carryOut(_ commands: [WorkerCommand], begunAt: Double) async {
        let ids = Set(commands.map(\.id))
        troubles = troubles.filter { ids.contains($0.key.command) }
        closings = closings.filter { ids.contains($0.key) }
        refusedCommandReports.keep(ids)
        for command in commands where !isLate(begunAt) { await carryOut(command, begunAt) }
    }

    /// Whether the lease may run out before another thing is done.
    private func isLate(_ begunAt: Double) -> Bool { clock.uptimeSeconds() - begunAt >= 5 }

    private func carryOut(_ command: WorkerCommand, _ begunAt: Double) async {
        isSnapshotDue = true
        do {
            // Orders first: one that fills in between shows as a position, one that came in between is seen next time.
            let orders = try await broker.openOrders()
            let positions = try await broker.positions()
            let scene = BrokerScene(
                orders: orders, positions: positions, only: command.symbol, named: command.clientOrderIDs)
            switch scene.next(command.kind) {
            case .cancel(let ids, let isAll):
                await cancel(ids, isAll, command, begunAt)
                await tell(command, scene, phase: "cancelling")
            case .close(let holdings): try await close(holdings, scene, command, begunAt)
            case .done: await finish(command, scene)
            }
        } catch {
            log.warning(
                "command.not-seen", ["command_id": .string(command.id), "reason": .string("\(error)")])
        }
    }

    private func cancel(_ ids: [String], _ isAll: Bool, _ command: WorkerCommand, _ begunAt: Double) async {
        if isAll, trouble(command, "orders").attempts == 0 {
            do throws(BrokerError) {
                for refusal in try await broker.cancelAll() {
                    note(command, refusal.what, refusal.message)
                }
                // If some are still there next time, each is asked for by itself.
                var asked = trouble(command, "orders")
                asked.attempts += 1
                troubles[TroubleKey(command: command.id, what: "orders")] = asked
                return
            } catch {
                note(command, "orders", error.message)
            }
        }
        for id in ids where !isLate(begunAt) && isDue(command, id) {
            do throws(BrokerError) {
                try await broker.cancel(id: id)
                space(command, id)
            } catch {
                note(command, id, error.message)
            }
        }
    }

    private func close(
        _ holdings: [BrokerScene.Holding], _ scene: BrokerScene, _ command: WorkerCommand, _ begunAt: Double
    ) async throws(BrokerError) {
        let brokerClock = try await broker.clock()
        guard brokerClock.isOpen else {
            return await tell(command, scene, phase: "waiting", nextOpen: brokerClock.nextOpen)
        }
        for holding in holdings where !isLate(begunAt) && isDue(command, holding.symbol) {
            let isHeldInPart = holding.available.map { $0 != holding.qty.magnitude } ?? false
            do throws(BrokerError) {
                let order = try await broker.close(
                    symbol: holding.symbol, qty: isHeldInPart ? holding.available : nil)
                log.info(
                    "command.close-asked",
                    [
                        "command_id": .string(command.id), "symbol": .string(holding.symbol),
                        "broker_order_id": .string(order.id),
                    ])
                closings[command.id, default: []].append(
                    Closing(symbol: holding.symbol, brokerOrderID: order.id))
                // An order that is taken and rejected afterwards leaves the position: asking again is spaced out too.
                space(command, holding.symbol)
            } catch {
                note(command, holding.symbol, error.message)
            }
        }
        await tell(command, scene, phase: "closing")
    }

    private func finish(_ command: WorkerCommand, _ scene: BrokerScene) async {
        troubles = troubles.filter { $0.key.command != command.id }
        await tell(command, scene, phase: "done")
    }

    // MARK: what the broker refuses

    /// What of which command.
    struct TroubleKey: Sendable, Hashable {
        let command: String
        let what: String
    }

    private func trouble(_ command: WorkerCommand, _ what: String) -> Trouble {
        troubles[TroubleKey(command: command.id, what: what)] ?? Trouble()
    }

    private func isDue(_ command: WorkerCommand, _ what: String) -> Bool {
        clock.uptimeSeconds() >= trouble(command, what).nextAt
    }

    /// Has the same be asked for again only after 1, 2, 4 … 30 seconds: cancelling and closing take their time.
    private func space(_ command: WorkerCommand, _ what: String) {
        var trouble = trouble(command, what)
        trouble.attempts += 1
        trouble.message = ""
        trouble.nextAt = clock.uptimeSeconds() + Double(min(30, 1 << min(5, trouble.attempts - 1)))
        troubles[TroubleKey(command: command.id, what: what)] = trouble
    }

    private func note(_ command: WorkerCommand, _ what: String, _ message: String) {
        space(command, what)
        troubles[TroubleKey(command: command.id, what: what)]?.message = message
        log.warning(
            "command.refused",
            ["command_id": .string(command.id), "what": .string(what), "reason": .string(message)])
    }

    private func tell(
        _ command: WorkerCommand, _ scene: BrokerScene, phase: String, nextOpen: Timestamp? = nil
    ) async {
        let errors = troubles.filter { $0.key.command == command.id && !$0.value.message.isEmpty }
            .sorted { $0.key.what < $1.key.what }
        let body: JSONValue = [
            "worker_id": .string(configuration.workerID), "phase": .string(phase),
            "open_orders": .integer(scene.orders.count),
            "positions": .array(
                scene.holdings.map { ["symbol": .string($0.symbol), "qty": .string($0.qty.description)] }),
            "errors": .array(
                errors.map { key, trouble in
                    [
                        "what": .string(key.what), "message": .string(trouble.message),
                        "attempts": .integer(trouble.attempts),
                    ]
                }),
            "next_open": .text(nextOpen?.rfc3339),
            "orders": .array(
                (closings[command.id] ?? []).map {
                    ["symbol": .string($0.symbol), "broker_order_id": .string($0.brokerOrderID)]
                }),
        ]
        await deliver(body, of: command.id)
    }

    private func deliver(_ body: JSONValue, of id: String) async {
        guard !refusedCommandReports.isRefused(id, body, at: clock.uptimeSeconds()) else { return }
        do {
            try await server.report(commandID: id, body)
            if refusedCommandReports.noteTaken(id) {
                log.info("command.reported", ["command_id": .string(id)])
            }
        } catch {
            var facts: JSONObject = ["command_id": .string(id), "reason": .string(error.message)]
            if case .refused = error.kind {
                let (pause, isNews) = refusedCommandReports.note(
                    id, body, reason: error.message, at: clock.uptimeSeconds())
                guard isNews else { return }
                facts["again_in_seconds"] = .integer(Int(pause))
            }
            log.warning("command.not-reported", facts)
        }
    }
}
