import Console
import Cryptography
import Domain
import Gate
import HTTPServer
import JSON
import Logging
import Notifications
import Postgres
import Reports
import Store
import Web

/// The server, from its settings to its end.
struct ServerProcess {
    private static let poolSize = 16
    private static let graceSeconds = 8.0

    let settings: ServerSettings
    let logger: Logger

    /// Serves until the process is asked to stop.
    func run() async throws {
        let stop = try StopSignal()
        let ground = try await DatabaseGround.open(settings.database, applicationName: "countersign-server")
        try await migrate(ground)
        var gate = try await ground.gate(
            poolSize: Self.poolSize, hasWorkerWebhook: settings.workerURL != nil, isServer: true)
        try await ground.begin(gate)
        let drawing = ReportDrawing(program: settings.plotProgram)
        let deliveries = try deliveries(ground, gate, drawing)
        let sending = DeliveryLoop(deliveries)
        gate.push = { sending.push($0) }
        let metrics = MetricRegistry()
        gate.breakerStopwatch = Self.breakerStopwatch(metrics)
        var sessions = IdentitySettings()
        sessions.sessionSeconds = settings.sessionSeconds
        sessions.idleSeconds = settings.sessionIdleSeconds
        let identity = try Identity(context: gate, settings: sessions)
        let listener = PostgresListener(
            configuration: gate.pool.configuration,
            channels: [ProposalNotice.channel, DeliveryQueue.notificationChannel])
        let application = try application(
            ground, gate, metrics, identity, deliveries, drawing, listener)
        let server = try HTTPServer(
            configuration: application.serverConfiguration(
                host: settings.listen.host, port: settings.listen.port)
        ) { request in await application.respond(to: request) }
        application.start()
        let background = ServerLoops(
            gate: gate, identity: identity, logger: logger, cluster: cluster,
            sending: sending, listener: listener)
        let loops = Task { await background.run() }
        announce(port: server.port)
        await stop.wait()
        logger.info("server.stopping")
        await application.stop()
        await server.stop(graceSeconds: Self.graceSeconds)
        loops.cancel()
        await loops.value
        listener.stop()
        await gate.pool.close()
        logger.info("server.stopped")
    }

    private var cluster: PrivateCluster? {
        guard case .embedded(let directory) = settings.database.database else { return nil }
        return DatabaseGround.cluster(directory)
    }

    private func migrate(_ ground: DatabaseGround) async throws {
        do {
            let applied = try await ground.migrate()
            if !applied.isEmpty {
                logger.info("database.migrated", ["files": .array(applied.map { .string($0.fileName) })])
            }
        } catch let error as MigrationError where error.cause?.sqlState == "42501" {
            throw CommandFailure(
                "The database is not set up for this version, and the role of COUNTERSIGN_DATABASE_URL may not"
                    + " change it. Run countersign migrate as the role that owns the database.")
        }
    }

    /// Takes the time of each look at the breakers, reading what they look at included.
    private static func breakerStopwatch(
        _ metrics: MetricRegistry
    ) -> @Sendable () -> @Sendable () -> Void {
        let seconds = metrics.histogram(
            "countersign_breaker_seconds", help: "One look at all breakers, with all that is read for it.",
            buckets: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1])
        return {
            let begun = ContinuousClock.now
            return { seconds.observe((ContinuousClock.now - begun) / .seconds(1)) }
        }
    }

    private func application(
        _ ground: DatabaseGround, _ gate: GateContext, _ metrics: MetricRegistry, _ identity: Identity,
        _ deliveries: DeliveryContext, _ drawing: ReportDrawing,
        _ listener: PostgresListener
    ) throws -> WebApplication {
        let reading = DeliveryReading(
            pool: gate.pool, links: MessageLinks(publicURL: settings.publicURL, key: gate.secrets.linkKey))
        let deadLetters = DeadLetters(gate)
        var dependencies = WebDependencies(
            gate: gate, identity: identity, admission: Admission(gate), logger: logger,
            metrics: metrics, publicURL: settings.publicURL,
            templateDirectory: ground.resources.templates, staticDirectory: ground.resources.staticFiles,
            version: Countersign.version, now: { SystemClock.now() }, migrations: ground.migrations,
            outbox: Outbox(
                texts: { records in try await reading.previews(records) },
                retry: { id, actor in _ = try await deadLetters.retry(id, by: actor) }),
            listenHost: settings.listen.host, trustedProxies: settings.trustedProxies)
        dependencies.drawing = drawing
        dependencies.listener = listener
        dependencies.testChannel = { name in try await ChannelTest(deliveries).send(channel: name) }
        return try WebApplication(dependencies)
    }

    private func deliveries(
        _ ground: DatabaseGround, _ gate: GateContext, _ drawing: ReportDrawing
    ) throws -> DeliveryContext {
        var worker: WorkerWebhook?
        if let url = settings.workerURL, let secret = settings.workerSecret {
            worker = try WorkerWebhook(
                url: url, secret: secret, signingKey: gate.secrets.signingKey, egress: settings.egress,
                authoritiesFile: settings.authoritiesFile)
        }
        return try DeliveryContext(
            gate: gate, resources: ground.resources, settings: settings, worker: worker,
            drawing: drawing, logger: logger)
    }

    private func announce(port: Int) {
        let address = ListenAddress(host: settings.listen.host, port: port)
        Output.print(
            "countersign serves \(settings.database.mode.rawValue) trading on \(address.url), for people at"
                + " \(settings.publicURL)")
        logger.info(
            "server.started",
            [
                "mode": .string(settings.database.mode.rawValue), "listen": .string(address.description),
                "version": .string(Countersign.version),
            ])
    }
}
