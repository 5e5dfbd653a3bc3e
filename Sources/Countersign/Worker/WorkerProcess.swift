import Broker
import Console
import Cryptography
import Domain
import Execution
import Glibc
import HTTPClient
import HTTPServer
import JSON
import Logging

/// The execution worker, from its settings to its end.
struct WorkerProcess {
    let settings: WorkerSettings
    let logger: Logger

    private var directory: String { "\(settings.stateDirectory)/worker" }
    private var brokerURL: String { Self.brokerURL(settings) }

    private static func brokerURL(_ settings: WorkerSettings) -> String {
        settings.brokerURL ?? TradingHost.defaultURL(mode: settings.mode)
    }

    /// Works until the process is asked to stop.
    func run() async throws {
        let stop = try StopSignal()
        let identity = try WorkerIdentity(directory: directory, given: settings.workerID)
        let configuration = try configuration(identity)
        let worker = ExecutionWorker(
            configuration: configuration, broker: broker, server: link,
            clock: WorkerClock(now: { SystemClock.now() }, uptimeSeconds: { SystemClock.uptimeSeconds() }),
            random: { SecureRandom.bytes($0) }, log: logger)
        let endpoint = try WorkerEndpoint(
            secret: settings.workerSecret, worker: worker, mode: settings.mode, now: { SystemClock.now() })
        let server = try HTTPServer(
            configuration: HTTPServerConfiguration(host: settings.listen.host, port: settings.listen.port),
            router: endpoint.router())
        announce(configuration, port: server.port)
        let work = Task { await worker.run() }
        await stop.wait()
        logger.info("worker.stopping")
        await worker.stop()
        await work.value
        await server.stop(graceSeconds: 2)
        logger.info("worker.stopped")
        withExtendedLifetime(identity) {}
    }

    private func configuration(_ identity: WorkerIdentity) throws -> WorkerConfiguration {
        let look = Self.look(at: settings)
        guard look.problems.isEmpty else { throw ConfigurationError(look.problems) }
        for note in look.notes { logger.warning("worker.odd_key", ["detail": .string(note)]) }
        var configuration = Self.configuration(settings, workerID: identity.name, directory: directory)
        configuration.serverKey = try settings.serverPublicKey.map(PinnedKey.parse)
        return configuration
    }

    private static func configuration(
        _ settings: WorkerSettings, workerID: String, directory: String
    ) -> WorkerConfiguration {
        var configuration = WorkerConfiguration(
            workerID: workerID, mode: settings.mode, tradingURL: brokerURL(settings),
            stateDirectory: directory)
        configuration.isLiveTradingEnabled = settings.isLiveTradingEnabled
        return configuration
    }

    /// What keeps a worker with these settings from starting, and what is odd about them.
    static func look(at settings: WorkerSettings) -> (problems: [String], notes: [String]) {
        var problems: [String] = []
        if let text = settings.serverPublicKey {
            do {
                _ = try PinnedKey.parse(text)
            } catch {
                problems.append(error.description)
            }
        }
        let configuration = configuration(settings, workerID: "", directory: settings.stateDirectory)
        if let objection = configuration.objection { problems.append(objection) }
        let warning = TradingHost.warning(aboutKeyID: settings.brokerKey, mode: settings.mode)
        return (problems, [warning].compactMap(\.self))
    }

    private var http: HTTPClient {
        HTTPClient(
            configuration: HTTPClientConfiguration(
                userAgent: "Countersign", egress: settings.egress.allowingLoopback))
    }

    private var broker: AlpacaClient {
        AlpacaClient(
            configuration: AlpacaConfiguration(
                keyID: settings.brokerKey, secretKey: settings.brokerSecret, tradingURL: brokerURL,
                dataURL: settings.brokerDataURL ?? AlpacaConfiguration.defaultDataURL),
            http: http, now: { SystemClock.now() })
    }

    private var link: ServerClient {
        ServerClient(baseURL: settings.serverURL, apiKey: settings.apiKey, http: http)
    }

    private func announce(_ configuration: WorkerConfiguration, port: Int) {
        let address = ListenAddress(host: settings.listen.host, port: port)
        Output.print(
            "countersign works as \(configuration.workerID) for \(settings.serverURL), trades \(settings.mode.rawValue)"
                + " at \(brokerURL), and listens on \(address.url)")
        logger.info(
            "worker.started",
            ["worker_id": .string(configuration.workerID), "mode": .string(settings.mode.rawValue)])
    }
}
