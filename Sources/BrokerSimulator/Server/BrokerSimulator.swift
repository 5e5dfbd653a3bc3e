package import Domain
package import HTTPServer
package import JSON
import Synchronization

/// A broker that speaks Alpaca's HTTP interface and trades with nobody.
///
/// Orders, positions and cash live in memory, and in a state file where one is configured. Any pair of keys
/// is accepted. Scripts may reach in over `/sim` (see ControlRoutes) or by the methods here.
package final class BrokerSimulator: Sendable {
    private struct Running {
        let server: HTTPServer
        let ticker: Task<Void, Never>
    }

    private let core: SimulatorCore
    /// Every route, for tests that need no socket.
    package let router: Router
    private let running = Mutex<Running?>(nil)

    /// Makes a simulator, or brings one back from its state file; it does not listen yet.
    package init(configuration: BrokerSimulatorConfiguration) throws(BrokerSimulatorError) {
        core = try SimulatorCore(configuration: configuration, hours: configuration.marketHours)
        var router = Router(errorBody: Self.errorBody)
        let responder = BrokerResponder(core: core)
        responder.addTradingRoutes(to: &router)
        responder.addMarketDataRoutes(to: &router)
        ControlRoutes(core: core).add(to: &router)
        self.router = router
    }

    deinit { running.withLock { $0?.ticker.cancel() } }

    /// Starts to listen.
    package func start() throws(BrokerSimulatorError) {
        var settings = HTTPServerConfiguration(
            host: core.configuration.host, port: core.configuration.port)
        settings.errorBody = Self.errorBody
        try running.withLock { (running) throws(BrokerSimulatorError) in
            guard running == nil else { return }
            do throws(HTTPServerError) {
                let server = try HTTPServer(configuration: settings, router: router)
                running = Running(server: server, ticker: Self.tick(core))
            } catch {
                throw BrokerSimulatorError(code: .listening, message: error.message)
            }
        }
    }

    /// The port it listens on; the configured one before it does.
    package var port: Int { running.withLock { $0?.server.port } ?? core.configuration.port }

    /// Where clients find it.
    package var url: String { "http://\(core.configuration.host):\(port)" }

    /// Stops listening; what was asked for is answered first.
    package func stop() async {
        let stopping = running.withLock { running in
            defer { running = nil }
            return running
        }
        stopping?.ticker.cancel()
        await stopping?.server.stop(graceSeconds: 2)
    }

    /// Answers a request as the server would.
    package func respond(to request: HTTPRequest) async -> HTTPResponse { await router.respond(to: request) }

    /// Orders also fill and expire while nobody asks.
    private static func tick(_ core: SimulatorCore) -> Task<Void, Never> {
        let interval = max(10, core.configuration.tickMilliseconds)
        return Task { [weak core] in
            while !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(interval))
                _ = try? core?.read { _, _ in }
            }
        }
    }

    private static let errorBody: HTTPErrorBody = { status, _ in
        let message = status == 404 ? "endpoint not found." : errorTitle(of: status).lowercased()
        return BrokerResponder.response(
            BrokerRejection(status: status, code: status * 100_000 + 10_000, message: message))
    }
}

// Scripts from the same process.
extension BrokerSimulator {
    /// Arms a fault.
    package func arm(_ fault: Fault) { core.add(fault) }

    /// Disarms every fault.
    package func disarmFaults() { core.removeFaults() }

    /// Every POST to /v2/orders that ever came in.
    package var receivedOrders: [ReceivedOrder] { core.received }

    /// Puts bid and ask a tick either side of a price, or wherever the body says (see POST /sim/prices).
    package func setPrice(_ symbol: String, _ price: ExactDecimal) {
        _ = try? core.perform(ExchangeCommand(.price, symbol, ["price": .string(price.description)]))
    }

    /// Opens the market, closes it with its day, or gives it back to its hours.
    package func setMarketOpen(_ open: Bool?) {
        _ = try? core.perform(ExchangeCommand(.market, "", ["open": open.map { .bool($0) } ?? .null]))
    }

    /// Sets the simulated time; nil goes back to the real one.
    package func setTime(_ instant: Timestamp?, frozen: Bool = false) {
        if let instant { core.setTime(instant, frozen: frozen) } else { core.resetTime() }
    }

    /// Does what a POST to that path under `/sim` does; nil where it is refused.
    @discardableResult
    package func script(_ path: String, _ body: JSONValue = [:]) async -> JSONValue? {
        guard let request = try? HTTPRequest(.post, "/sim/" + path, body: body.bytes()) else { return nil }
        let response = await router.respond(to: request)
        return response.status == 200 ? try? JSONParser.parse(response.bodyBytes) : nil
    }

    /// The order of a client order id, legs included, as the interface shows it.
    package func order(clientOrderID: String) -> JSONValue? {
        try? core.read { exchange, _ in
            exchange.byClientOrderID[clientOrderID].flatMap { exchange.orders[$0] }
                .map { exchange.json($0, nested: true) }
        }
    }
}

extension BrokerSimulatorConfiguration {
    fileprivate var marketHours: any MarketHours {
        switch clock {
        case .alwaysOpen: AlwaysOpenHours()
        case .market: hours ?? NewYorkHours()
        }
    }
}
