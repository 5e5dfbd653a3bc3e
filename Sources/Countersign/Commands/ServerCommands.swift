import BrokerSimulator
import Console
import Cryptography
import Domain
import Logging

/// `serve`, `worker`, `broker`: the processes that stay.
enum ServerCommands {
    static let all = [serve, worker, broker]

    private static let serve = Command(
        CommandShape(
            "serve", "Runs the server: API, pages and background work.",
            notes: """
                Without COUNTERSIGN_DATABASE_URL a private database is made and started under var/postgres. Pending migrations
                are applied. The log goes to standard error, one JSON object a line. Ctrl-C or SIGTERM stops it after the
                requests under way.

                It listens at COUNTERSIGN_LISTEN (127.0.0.1:8080). countersign config check looks at the settings, and its --help
                lists them.
                """)
    ) { call in
        let settings = try call.settings(ServerSettings.init)
        try await ServerProcess(settings: settings, logger: call.logger(settings.logLevel)).run()
        return .done
    }

    private static let worker = Command(
        CommandShape(
            "worker", "Runs the execution worker, which alone holds the broker's keys.",
            notes: """
                It claims released orders from COUNTERSIGN_SERVER_URL, sends them to the broker and reports what comes of
                them. COUNTERSIGN_LISTEN (127.0.0.1:8090) is where it takes the server's webhook. One worker is active at
                a time; others stand by.

                It needs COUNTERSIGN_API_KEY (a key of scope work), ALPACA_API_KEY and ALPACA_SECRET_KEY; with the server's
                COUNTERSIGN_WORKER_SECRET it hears of orders at once. countersign config check --for worker looks at the settings.
                """)
    ) { call in
        let settings = try call.settings(WorkerSettings.init)
        try await WorkerProcess(settings: settings, logger: call.logger(settings.logLevel)).run()
        return .done
    }

    private static let broker = Command(
        CommandShape(
            "broker", "Runs a simulated broker that speaks Alpaca's interface.",
            options: [
                .init("listen", "HOST:PORT", "where to listen (127.0.0.1:9300)"),
                .init("clock", "WORD", "always-open (default) or market: New York's hours"),
                .init("account", "NUMBER", "the account's number (SIM1)"),
                .init("cash", "USD", "cash at the first start (100000)"),
                .init("multiplier", "NUMBER", "buying power as a multiple of equity: 1 (default), 2 or 4"),
                .init("partial-fills", "PERCENT", "how many of a hundred orders fill in two steps (0)"),
                .init("walk", "BASIS-POINTS", "how far prices wander around their base (0)"),
                .init("fill-delay-ms", "MILLISECONDS", "from acceptance to the first fill (0)"),
                .init("state", "FILE", "keep orders and positions in this file"),
                .init("seed", "NUMBER", "the seed of all that is drawn, to replay a run"),
            ],
            notes: "Any pair of keys is accepted. Nothing leaves this machine.")
    ) { call in
        // It takes no setting of the configuration, and a name in it that is none is a mistake all the same.
        try call.settings { _ in }
        let stop = try StopSignal()
        let simulator = try BrokerSimulator(configuration: try call.brokerConfiguration())
        try simulator.start()
        Output.print("countersign simulates a broker on \(simulator.url)")
        await stop.wait()
        await simulator.stop()
        return .done
    }
}

extension Call {
    /// A logger to standard error that leaves out every secret of the configuration.
    func logger(_ level: LogLevel) -> Logger {
        Logger(minimum: level, redactor: Redactor(secrets: rawSettings.secrets)) { SystemClock.now().rfc3339 }
    }

    fileprivate func brokerConfiguration() throws -> BrokerSimulatorConfiguration {
        let seed = try invocation.integer("seed", in: 0...Int.max)
        let drawn = SecureRandom.bytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        var configuration = BrokerSimulatorConfiguration(
            now: { SystemClock.now() }, seed: seed.map(UInt64.init) ?? drawn)
        if let text = invocation.value("listen") {
            guard let address = ListenAddress(text) else {
                throw UsageError(
                    "--listen takes HOST:PORT such as 127.0.0.1:9300, not \(text).", command: "broker")
            }
            configuration.host = address.host
            configuration.port = address.port
        }
        configuration.clock =
            try invocation.word("clock", as: BrokerSimulatorConfiguration.Clock.self) ?? configuration.clock
        configuration.account = invocation.value("account") ?? configuration.account
        configuration.cash = try decimal("cash") ?? configuration.cash
        configuration.multiplier = try invocation.integer("multiplier", in: 1...4) ?? 1
        configuration.partialFillPercent = try invocation.integer("partial-fills", in: 0...100) ?? 0
        configuration.walkBasisPoints = try invocation.integer("walk", in: 0...5000) ?? 0
        configuration.fillDelayMilliseconds = try invocation.integer("fill-delay-ms", in: 0...3_600_000) ?? 0
        configuration.stateFile = invocation.value("state")
        return configuration
    }
}
