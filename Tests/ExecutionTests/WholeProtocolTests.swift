import Broker
import BrokerSimulator
import Cryptography
import Domain
import Execution
import Gate
import HTTPClient
import JSON
import Logging
import Store
import Support
import Testing

/// The worker against the real server and the simulated broker: what one says the other understands.
@Suite struct WholeProtocolTests {
    private struct Hall {
        let floor: GateFloor
        let simulator: BrokerSimulator
        let broker: AlpacaClient
        let directory: TemporaryDirectory

        func worker(_ id: String = "w1", plan: FaultPlan? = nil) -> ExecutionWorker {
            var configuration = WorkerConfiguration(
                workerID: id, mode: .paper, tradingURL: simulator.url, stateDirectory: directory.path)
            configuration.snapshotSeconds = 0
            configuration.proof.tries = 1
            configuration.proof.seconds = 0
            configuration.proof.claimAgeSeconds = 0
            let line: any Broker = plan.map { FaultyBroker(broker, $0) } ?? broker
            return ExecutionWorker(
                configuration: configuration, broker: line, server: GateLink(context: floor.context),
                clock: systemClock, random: { SecureRandom.bytes($0) }, log: .silent)
        }

        func order(_ id: Identifier) async throws -> OrderView {
            try await OrderReading(floor.context).find(id)
        }
    }

    private func withHall(_ body: (Hall) async throws -> Void) async throws {
        try await GateFloor.with { floor in
            var configuration = BrokerSimulatorConfiguration(now: systemClock.now, seed: 3)
            configuration.port = 0
            let simulator = try BrokerSimulator(configuration: configuration)
            try simulator.start()
            simulator.setPrice("NVDA", ExactDecimal(118))
            let http = HTTPClient(
                configuration: HTTPClientConfiguration(
                    userAgent: "tests", egress: EgressPolicy().allowingLoopback))
            let alpaca = AlpacaConfiguration(
                keyID: "PK", secretKey: "s", tradingURL: simulator.url, dataURL: simulator.url,
                timeoutSeconds: 60)
            let broker = AlpacaClient(configuration: alpaca, http: http, now: systemClock.now)
            try await body(
                Hall(
                    floor: floor, simulator: simulator, broker: broker, directory: TemporaryDirectory()))
            await simulator.stop()
        }
    }

    @Test func `a bracket that people approved is filled and its executions stand in the database`()
        async throws
    {
        try await withHall { hall in
            let worker = hall.worker()
            await worker.step()
            #expect(await worker.status == .active)
            let id = try await hall.floor.release()
            for _ in 0..<3 { await worker.step() }
            let view = try await hall.order(id)
            #expect(view.record.state == .filled, "\(view.json.serialized())")
            #expect(view.fills.reduce(.zero) { $0 + $1.qty } == ExactDecimal(10))
            #expect(view.record.claimedBy == "w1")
            #expect(hall.simulator.receivedOrders.first?.body["order_class"] == "bracket")
            #expect(hall.simulator.receivedOrders.count == 1)
        }
    }

    @Test(arguments: [true, false])
    func `an order in a symbol that the broker does not take is ended with words, and nothing is sent`(
        _ isKnown: Bool
    ) async throws {
        try await withHall { hall in
            let symbol = isKnown ? "XOM" : "ZZZQ"
            if isKnown { await hall.simulator.script("assets/XOM", ["tradable": false]) }
            let worker = hall.worker()
            await worker.step()
            let id = try await hall.floor.release(symbol)
            for _ in 0..<3 { await worker.step() }
            let record = try await hall.order(id).record
            #expect(record.state == .refused)
            #expect(record.reason?.contains("does not \(isKnown ? "trade" : "know") \(symbol)") == true)
            #expect(hall.simulator.receivedOrders.isEmpty)
            let again = try await hall.floor.propose(symbol)
            #expect(again.record.state == .blocked)
            let words = "does not \(isKnown ? "trade" : "know") \(symbol)"
            #expect(again.findings.contains { $0.outcome == .fail && $0.detail.contains(words) })

            // Where the broker trades it after all, it is traded again.
            guard isKnown else { return }
            await hall.simulator.script("assets/XOM", ["tradable": true])
            let next = hall.worker("w2")
            await worker.stop()
            await worker.run()
            try await hall.floor.run("UPDATE untraded_symbols SET last_seen_at = '-infinity'")
            await next.step()
            let traded = try await hall.floor.release(symbol)
            for _ in 0..<3 { await next.step() }
            #expect(try await hall.order(traded).record.state != .refused)
        }
    }

    @Test(arguments: [Fault.timeoutAfterAcceptance, .dropAfterAcceptance, .dropBeforeAcceptance, .rateLimit])
    func `the database ends with what the broker has`(_ fault: Fault) async throws {
        try await withHall { hall in
            let worker = hall.worker()
            await worker.step()
            let id = try await hall.floor.release()
            hall.simulator.arm(fault)
            await worker.step()
            // What the first one does not know the next one finds out.
            try await hall.floor.run("UPDATE worker_lease SET expires_at = clock_timestamp()")
            let next = hall.worker("w2")
            for _ in 0..<3 { await next.step() }
            let view = try await hall.order(id)
            let clientOrderID = view.record.clientOrderID
            if hall.simulator.order(clientOrderID: clientOrderID) != nil {
                #expect(view.record.state == .filled, "\(view.json.serialized())")
                #expect(view.fills.count == 1)
            } else {
                #expect(view.record.state == .rejected, "\(view.json.serialized())")
            }
            #expect(hall.simulator.receivedOrders.count == 1)
        }
    }

    @Test(arguments: [true, false])
    func `an order held never to have arrived is cancelled on sight, and its fills are recorded`(
        _ isFilledMeanwhile: Bool
    ) async throws {
        try await withHall { hall in
            let worker = hall.worker()
            await worker.step()
            let id = try await hall.floor.release()
            hall.simulator.setMarketOpen(false)
            hall.simulator.arm(.dropAfterAcceptance)
            let unknown: JSONValue = ["code": 40_410_000, "message": "order not found"]
            let absence = Fault.Effect.answer(status: 404, body: unknown, headers: [:], performs: false)
            hall.simulator.arm(Fault(absence, method: "GET", path: "/v2/orders:by_client_order_id"))
            for _ in 0..<2 { await worker.step() }
            let held = try await hall.order(id).record
            #expect(held.state == .rejected && held.reason?.contains("never-reached") == true)
            if isFilledMeanwhile { hall.simulator.setMarketOpen(true) }

            // The next worker asks at once what the first one would have asked within a minute.
            try await hall.floor.run("UPDATE worker_lease SET expires_at = clock_timestamp()")
            let next = hall.worker("w2")
            for _ in 0..<3 { await next.step() }
            let view = try await hall.order(id)
            let status = hall.simulator.order(clientOrderID: held.clientOrderID)?["status"]?.stringValue
            #expect(status == (isFilledMeanwhile ? "filled" : "canceled"))
            #expect(view.record.state == .rejected && view.record.turnedUpAt != nil)
            #expect(view.record.brokerStatus == status)
            #expect(
                view.fills.reduce(.zero) { $0 + $1.qty } == (isFilledMeanwhile ? ExactDecimal(10) : .zero))
            #expect(hall.simulator.receivedOrders.count == 1)
            let kinds = try await hall.floor.kinds(of: id)
            #expect(kinds.contains("order.contradicted"))
            #expect(kinds.contains(isFilledMeanwhile ? "order.fills" : "order.astray-ended"), "\(kinds)")
        }
    }

    @Test func `a price that ran away is refused by the claim and nothing is sent`() async throws {
        try await withHall { hall in
            let worker = hall.worker()
            await worker.step()
            try await hall.floor.run(
                "INSERT INTO quotes (symbol, bid, ask, quoted_at) VALUES ('NVDA', 118, 118.1, now())"
            )
            let id = try await hall.floor.release()
            hall.simulator.setPrice("NVDA", ExactDecimal(125))
            await worker.step()
            let view = try await hall.order(id)
            #expect(view.record.state == .refused, "\(view.json.serialized())")
            #expect(hall.simulator.receivedOrders.isEmpty)
        }
    }

    @Test func `another account is not traded`() async throws {
        try await withHall { hall in
            try await hall.floor.run("UPDATE deployment SET account_number = 'OTHER'")
            let worker = hall.worker()
            await worker.step()
            #expect(await worker.status == .refused)
        }
    }
}
