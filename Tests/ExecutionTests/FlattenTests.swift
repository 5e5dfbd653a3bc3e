import Broker
import BrokerSimulator
import Cryptography
import Domain
import Execution
import Gate
import HTTPClient
import JSON
import Logging
import Postgres
import Store
import Support
import Testing

/// Closing everything, by the worker, the real server and the simulated broker, whatever happens in between.
@Suite struct FlattenTests {
    private struct Hall {
        let floor: GateFloor
        let simulator: BrokerSimulator
        let broker: AlpacaClient
        let http: HTTPClient
        let directory: TemporaryDirectory
        let clock = TestClock()

        func worker(_ id: String = "w1", plan: FaultPlan? = nil) -> ExecutionWorker {
            var configuration = WorkerConfiguration(
                workerID: id, mode: .paper, tradingURL: simulator.url, stateDirectory: directory.path)
            configuration.snapshotSeconds = 0
            let line: any Broker = plan.map { FaultyBroker(broker, $0) } ?? broker
            return ExecutionWorker(
                configuration: configuration, broker: line, server: GateLink(context: floor.context),
                clock: WorkerClock(now: systemClock.now, uptimeSeconds: clock.worker.uptimeSeconds),
                random: { SecureRandom.bytes($0) }, log: .silent)
        }

        /// Something only a test may do to the simulated broker.
        func sim(_ path: String, _ body: JSONValue) async throws {
            _ = try await http.send(
                HTTPClientRequest(
                    .post, simulator.url + "/sim/" + path, headers: [("Content-Type", "application/json")],
                    body: body.bytes()))
        }

        func trade(_ body: JSONValue) async throws {
            let name = "test-\(systemClock.now().microseconds)"
            _ = try await broker.submit(try OrderTerms.parse(body), clientOrderID: name)
        }

        /// A long position with a resting stop, a short one, and an entry that waits.
        func fill() async throws {
            try await sim("market", ["open": true])
            for (symbol, side, qty) in [("NVDA", "buy", "10"), ("AAPL", "sell", "7")] {
                try await trade([
                    "symbol": .string(symbol), "side": .string(side), "qty": .string(qty), "type": "market",
                    "time_in_force": "day",
                ])
            }
            try await trade([
                "symbol": "NVDA", "side": "sell", "qty": "10", "type": "stop", "stop_price": "90",
                "time_in_force": "gtc",
            ])
            try await trade([
                "symbol": "MSFT", "side": "buy", "qty": "3", "type": "limit", "limit_price": "1",
                "time_in_force": "day",
            ])
        }

        func stop(_ kind: CommandRecord.Kind = .flatten) async throws -> Identifier {
            let outcome = try await Halting(floor.context).halt(
                HaltRequest(reason: "drill", atBroker: kind), by: "user:oscar")
            guard let command = outcome.command else { throw Refusal.notFound("command") }
            return command.id
        }

        func command(_ id: Identifier) async throws -> CommandRecord {
            guard let command = try await Commanding(floor.context).list().first(where: { $0.id == id })
            else { throw Refusal.notFound("command") }
            return command
        }

        /// Steps until the command has ended, or so many rounds have passed.
        func finish(_ id: Identifier, _ worker: ExecutionWorker, rounds: Int = 60) async throws
            -> CommandRecord
        {
            for _ in 0..<rounds {
                await worker.step()
                if try await command(id).finishedAt != nil { break }
                clock.advance(seconds: 3)
            }
            return try await command(id)
        }

        func isFlat() async throws -> Bool {
            let positions = try await broker.positions()
            let orders = try await broker.openOrders()
            return positions.isEmpty && orders.isEmpty
        }
    }

    private func withHall(_ body: (Hall) async throws -> Void) async throws {
        try await GateFloor.with { floor in
            var configuration = BrokerSimulatorConfiguration(now: systemClock.now, seed: 3)
            configuration.port = 0
            configuration.multiplier = 2
            let simulator = try BrokerSimulator(configuration: configuration)
            try simulator.start()
            for symbol in ["NVDA", "AAPL", "MSFT"] { simulator.setPrice(symbol, ExactDecimal(118)) }
            let http = HTTPClient(
                configuration: HTTPClientConfiguration(
                    userAgent: "tests", egress: EgressPolicy().allowingLoopback))
            let alpaca = AlpacaConfiguration(
                keyID: "PK", secretKey: "s", tradingURL: simulator.url, dataURL: simulator.url)
            let broker = AlpacaClient(configuration: alpaca, http: http, now: systemClock.now)
            try await body(
                Hall(
                    floor: floor, simulator: simulator, broker: broker, http: http,
                    directory: TemporaryDirectory()))
            await simulator.stop()
        }
    }

    @Test func `long, short and resting orders end flat, and only then is it done`() async throws {
        try await withHall { hall in
            try await hall.fill()
            let worker = hall.worker()
            await worker.step()
            let id = try await hall.stop()
            #expect(try await hall.stop() == id)
            let command = try await hall.finish(id, worker)
            #expect(command.state == .done, "\(command)")
            #expect(try await hall.isFlat())
            let kinds = try await hall.floor.steps(of: command.id)
            #expect(kinds.first == "command.issued" && kinds.last == "command.done", "\(kinds)")
        }
    }

    @Test func `exits are spared where only entries are cancelled`() async throws {
        try await withHall { hall in
            try await hall.fill()
            let worker = hall.worker()
            await worker.step()
            let command = try await hall.finish(try await hall.stop(.cancelEntries), worker)
            #expect(command.state == .done)
            let left = try await hall.broker.openOrders()
            #expect(left.map(\.symbol) == ["NVDA"], "\(left)")
            #expect(try await hall.broker.positions().count == 2)
        }
    }

    @Test func `one strategy's entries are cancelled, and nobody else's`() async throws {
        try await withHall { hall in
            try await hall.fill()
            hall.simulator.setPrice("NVDA", ExactDecimal(130))
            let worker = hall.worker()
            await worker.step()
            let order = try await hall.floor.release()
            for _ in 0..<3 { await worker.step() }
            let before = try await hall.broker.openOrders()
            let name = try #require(before.first { $0.clientOrderID.hasPrefix("cs-") }?.clientOrderID)
            let strategy = try await hall.floor.strategy(of: order)
            let outcome = try await Halting(hall.floor.context).halt(
                HaltRequest(
                    scope: .strategy, target: strategy, reason: "drill", atBroker: .cancelEntries),
                by: "user:oscar")
            let command = try await hall.finish(try #require(outcome.command).id, worker)
            #expect(command.state == .done)
            let left = try await hall.broker.openOrders().map(\.clientOrderID)
            #expect(!left.contains(name) && left.count == before.count - 1, "\(left)")
        }
    }

    @Test func `partial fills of the closing orders are waited for and finished`() async throws {
        try await withHall { hall in
            try await hall.fill()
            let worker = hall.worker()
            await worker.step()
            let id = try await hall.stop()
            try await hall.sim("partial-fills", ["qty": "4", "symbol": "NVDA", "hold_rest": true])
            for _ in 0..<6 {
                await worker.step()
                hall.clock.advance(seconds: 3)
            }
            let waiting = try await hall.command(id)
            #expect(waiting.state == .running)
            #expect(waiting.progress["positions"]?[0]?["qty"] == "6", "\(waiting.progress.serialized())")
            #expect(try await hall.broker.openOrders().count == 1)
            let rest = try #require(try await hall.broker.openOrders().first)
            try await hall.sim("orders/\(rest.id)/release", [:])
            #expect(try await hall.finish(id, worker).state == .done)
            #expect(try await hall.isFlat())
        }
    }

    @Test func `a close that the broker refuses is told once and tried again`() async throws {
        try await withHall { hall in
            try await hall.fill()
            let worker = hall.worker()
            await worker.step()
            try await hall.sim(
                "faults",
                [
                    "kind": "answer", "status": 403, "method": "DELETE", "path": "/v2/positions/AAPL",
                    "times": 3, "body": ["code": 40_310_000, "message": "asset is halted"],
                ])
            let id = try await hall.stop()
            let command = try await hall.finish(id, worker)
            #expect(command.state == .done)
            #expect(try await hall.isFlat())
            let kinds = try await hall.floor.steps(of: id)
            #expect(kinds.filter { $0 == "command.trouble" }.count == 1, "\(kinds)")
        }
    }

    @Test func `a closed market is waited for`() async throws {
        try await withHall { hall in
            try await hall.fill()
            try await hall.sim("market", ["open": false])
            let worker = hall.worker()
            await worker.step()
            let id = try await hall.stop()
            for _ in 0..<4 { await worker.step() }
            let waiting = try await hall.command(id)
            #expect(waiting.state == .waiting)
            #expect(waiting.progress["next_open"]?.stringValue != nil)
            #expect(try await hall.broker.positions().count == 2)
            try await hall.sim("market", ["open": true])
            #expect(try await hall.finish(id, worker).state == .done)
            #expect(try await hall.isFlat())
        }
    }

    @Test func `taken back, nothing more is closed, and it may not be while its halt stands`() async throws {
        try await withHall { hall in
            try await hall.fill()
            try await hall.sim("market", ["open": false])
            let worker = hall.worker()
            await worker.step()
            let id = try await hall.stop()
            await worker.step()
            let oscar = Caller.person(
                Person(id: GateFloor.identifier(9), name: "oscar", role: .operator_), method: .session,
                keyID: nil)
            let halting = Halting(hall.floor.context)
            await #expect(throws: Refusal.self) {
                try await halting.resume(ResumeRequest(reason: "x"), by: oscar)
            }
            await #expect(throws: (any Error).self) {
                try await hall.floor.run(
                    "UPDATE halts SET cleared_at = now(), cleared_by = 'x', clear_reason = 'y'")
            }
            let taken = try await Commanding(hall.floor.context).withdraw(id, reason: "keep it", by: oscar)
            #expect(taken.state == .withdrawn)
            try await hall.sim("market", ["open": true])
            for _ in 0..<3 { await worker.step() }
            #expect(try await hall.broker.positions().count == 2)
            #expect(try await halting.resume(ResumeRequest(reason: "x"), by: oscar).count == 1)
        }
    }

    /// The worker dies at its first, second, … word with the broker; the next one finishes, and closes nothing twice.
    @Test(arguments: 1...14, FaultPlan.Moment.allCases)
    func `a worker that dies anywhere is carried on by the next`(
        call: Int, moment: FaultPlan.Moment
    ) async throws {
        try await withHall { hall in
            try await hall.fill()
            await hall.worker("w0").step()
            let id = try await hall.stop()
            try await hall.floor.run("UPDATE worker_lease SET expires_at = clock_timestamp()")
            let dying = hall.worker("w1", plan: FaultPlan(at: call, moment, kills: true))
            for _ in 0..<4 { await dying.step() }
            try await hall.floor.run("UPDATE worker_lease SET expires_at = clock_timestamp()")
            let command = try await hall.finish(id, hall.worker("w2"))
            #expect(command.state == .done)
            #expect(try await hall.isFlat())
        }
    }
}

extension GateFloor {
    fileprivate func strategy(of order: Identifier) async throws -> String {
        try await context.pool.withSession { session in
            try session.query(
                """
                SELECT p.strategy
                FROM orders o
                JOIN proposals p ON p.id = o.proposal_id
                WHERE o.id = $1
                """, [order.postgresValue]
            ).only().text("strategy")
        }
    }

    /// What the journal says of a command, in order.
    fileprivate func steps(of command: Identifier) async throws -> [String] {
        try await context.pool.withSession { session in
            try session.query(
                "SELECT kind FROM journal WHERE subject = $1 ORDER BY id", [.text("command:\(command)")]
            ).map { row in try row.text("kind") }
        }
    }
}
