import Broker
import BrokerSimulator
import Cryptography
import Domain
import Execution
import HTTPClient
import JSON
import Logging
import Support

private let sharedClient = HTTPClient(
    configuration: HTTPClientConfiguration(
        userAgent: "countersign-tests", egress: EgressPolicy().allowingLoopback))

/// A broker, a server and one order between them.
final class Bench: Sendable {
    let clock: TestClock
    let simulator: BrokerSimulator
    let server: FakeServer
    let broker: AlpacaClient
    let directory: TemporaryDirectory

    private init(_ server: FakeServer, _ clock: TestClock) throws {
        self.clock = clock
        self.server = server
        var configuration = BrokerSimulatorConfiguration(now: { clock.now }, seed: 3)
        configuration.port = 0
        simulator = try BrokerSimulator(configuration: configuration)
        try simulator.start()
        let alpaca = AlpacaConfiguration(
            keyID: "PK", secretKey: "secret", tradingURL: simulator.url, dataURL: simulator.url,
            timeoutSeconds: 60)
        broker = AlpacaClient(configuration: alpaca, http: sharedClient, now: { clock.now })
        directory = try TemporaryDirectory()
        simulator.setPrice("NVDA", ExactDecimal(118))
    }

    static func with(
        terms: OrderTerms? = nil, tamper: (@Sendable (JSONValue) -> JSONValue)? = nil,
        _ body: (Bench) async throws -> Void
    ) async throws {
        let clock = TestClock()
        let bench = try Bench(FakeServer(clock: clock, terms: terms, tamper: tamper), clock)
        try await body(bench)
        await bench.simulator.stop()
    }

    func worker(
        _ id: String = "w1", plan: FaultPlan? = nil, log: Logger = .silent,
        _ change: (inout WorkerConfiguration) -> Void = { _ in }
    ) -> ExecutionWorker {
        var configuration = WorkerConfiguration(
            workerID: id, mode: .paper, tradingURL: simulator.url, stateDirectory: directory.path)
        change(&configuration)
        let link: any ServerLink = plan.map { FaultyServer(server, $0) } ?? server
        let line: any Broker = plan.map { FaultyBroker(broker, $0) } ?? broker
        return ExecutionWorker(
            configuration: configuration, broker: line, server: link, clock: clock.worker,
            random: { SecureRandom.bytes($0) }, log: log)
    }

    /// Steps until the order is over and complete, or so many rounds have passed.
    func settle(_ worker: ExecutionWorker, rounds: Int = 40, until plan: FaultPlan? = nil) async {
        for _ in 0..<rounds {
            await worker.step()
            let state = server.snapshot
            if plan?.isDead == true { return }
            if state.order.isFinal, state.fills.values.reduce(.zero, +) >= state.filledQty { return }
            clock.advance(seconds: 3)
        }
    }

    /// How often the order arrived at the broker.
    var arrivals: Int { simulator.receivedOrders.count }

    var brokerStatus: String? {
        simulator.order(clientOrderID: FakeServer.clientOrderID)?["status"]?.stringValue
    }
}
