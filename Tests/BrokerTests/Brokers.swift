import Broker
import BrokerSimulator
import Domain
import HTTPClient
import HTTPServer
import Synchronization

/// The instant at which these tests take place.
let testNow = Timestamp(seconds: 1_795_000_000)

private let sharedClient = HTTPClient(
    configuration: HTTPClientConfiguration(
        userAgent: "countersign-tests", egress: EgressPolicy().allowingLoopback))

func alpaca(at url: String, timeoutSeconds: Double = 60) -> AlpacaClient {
    let configuration = AlpacaConfiguration(
        keyID: "PKTEST", secretKey: "secret-of-the-test", tradingURL: url, dataURL: url,
        timeoutSeconds: timeoutSeconds)
    return AlpacaClient(configuration: configuration, http: sharedClient, now: { testNow })
}

/// A simulated broker on a socket.
func withSimulator(
    _ change: (inout BrokerSimulatorConfiguration) -> Void = { _ in },
    _ body: (BrokerSimulator, AlpacaClient) async throws -> Void
) async throws {
    var configuration = BrokerSimulatorConfiguration(now: { testNow }, seed: 7)
    configuration.port = 0
    change(&configuration)
    let simulator = try BrokerSimulator(configuration: configuration)
    try simulator.start()
    try await body(simulator, alpaca(at: simulator.url))
    await simulator.stop()
}

/// A server that answers everything alike and remembers what it was asked.
final class CannedServer: Sendable {
    private final class Record: Sendable { let requests = Mutex<[HTTPRequest]>([]) }

    private let server: HTTPServer
    private let record = Record()

    init(_ answer: @escaping @Sendable (HTTPRequest) async -> HTTPResponse) throws {
        server = try HTTPServer(configuration: HTTPServerConfiguration()) { [record] request in
            record.requests.withLock { $0.append(request) }
            return await answer(request)
        }
    }

    var url: String { "http://127.0.0.1:\(server.port)" }
    var requests: [HTTPRequest] { record.requests.withLock { $0 } }
    func stop() async { await server.stop(graceSeconds: 0) }
}

func decimal(_ text: String) throws -> ExactDecimal {
    struct NoDecimal: Error { let text: String }
    guard let value = ExactDecimal(text) else { throw NoDecimal(text: text) }
    return value
}
