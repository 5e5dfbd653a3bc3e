/// One thing that can be configured: its name, and what it means.
package struct Setting: Sendable, Hashable {
    package let name: String
    /// What it means, in a few words.
    package let help: String
    /// Whether its value must not be shown; then it may also be given as a file, by `NAME_FILE`.
    package let isSecret: Bool

    private init(_ name: String, _ help: String, isSecret: Bool = false) {
        self.name = name
        self.help = help
        self.isSecret = isSecret
    }

    static let mode = Setting("COUNTERSIGN_MODE", "paper (default) or live")
    static let databaseURL = Setting(
        "COUNTERSIGN_DATABASE_URL", "PostgreSQL 15 or newer; without it a private one is started",
        isSecret: true)
    static let listen = Setting(
        "COUNTERSIGN_LISTEN", "HOST:PORT to listen on (127.0.0.1:8080; the worker: 127.0.0.1:8090)")
    static let publicURL = Setting(
        "COUNTERSIGN_PUBLIC_URL", "where people reach the server; links begin with it")
    static let secretKey = Setting(
        "COUNTERSIGN_SECRET_KEY", "32 bytes as hexadecimal or Base64; all keys derive from it", isSecret: true
    )
    static let workerURL = Setting("COUNTERSIGN_WORKER_URL", "the worker's webhook")
    static let workerSecret = Setting(
        "COUNTERSIGN_WORKER_SECRET", "whsec_…, shared by server and worker", isSecret: true)
    static let allowPrivateTargets = Setting(
        "COUNTERSIGN_ALLOW_PRIVATE_TARGETS", "blocks that outgoing connections may reach besides public ones")
    static let authoritiesFile = Setting(
        "SSL_CERT_FILE", "authorities to trust besides the system's (PEM), as for a mail server of your own")
    static let trustedProxies = Setting(
        "COUNTERSIGN_TRUSTED_PROXIES", "blocks of proxies whose X-Forwarded-For is believed (none)")
    static let sessionHours = Setting(
        "COUNTERSIGN_SESSION_HOURS", "how long a login lasts at most: 1 to 24 (12)")
    static let sessionIdleMinutes = Setting(
        "COUNTERSIGN_SESSION_IDLE_MINUTES", "how long a login may lie unused: 5 to 1440 (120)")
    static let plotProgram = Setting(
        "COUNTERSIGN_PLOT_PROGRAM", "the gnuplot that draws charts (/usr/bin/gnuplot)")
    static let serverURL = Setting("COUNTERSIGN_SERVER_URL", "the server (http://127.0.0.1:8080)")
    static let apiKey = Setting("COUNTERSIGN_API_KEY", "a key or a personal token", isSecret: true)
    static let serverPublicKey = Setting(
        "COUNTERSIGN_SERVER_PUBLIC_KEY", "the key that orders are signed with; else kept from first contact")
    static let workerID = Setting(
        "COUNTERSIGN_WORKER_ID", "how this worker calls itself (the machine's name)")
    static let stateDirectory = Setting("COUNTERSIGN_STATE_DIRECTORY", "what the program keeps (var)")
    static let resources = Setting(
        "COUNTERSIGN_RESOURCES",
        "the folder with migrations, templates and static; else found from the program")
    static let logLevel = Setting("COUNTERSIGN_LOG_LEVEL", "debug, info (default), warning or error")
    static let brokerKey = Setting("ALPACA_API_KEY", "the broker's key", isSecret: true)
    static let brokerSecret = Setting("ALPACA_SECRET_KEY", "the broker's secret", isSecret: true)
    static let brokerURL = Setting("ALPACA_BASE_URL", "the broker's trading interface")
    static let brokerDataURL = Setting("ALPACA_DATA_URL", "the broker's market data")
    static let liveTrading = Setting("LIVE_TRADING_ENABLED", "true lets a worker in mode live trade (false)")

    /// Everything that can be configured.
    package static let all = [
        mode, databaseURL, listen, publicURL, secretKey, workerURL, workerSecret, allowPrivateTargets,
        authoritiesFile, trustedProxies, sessionHours, sessionIdleMinutes, plotProgram, serverURL,
        apiKey, serverPublicKey, workerID, stateDirectory, resources, logLevel, brokerKey, brokerSecret,
        brokerURL,
        brokerDataURL, liveTrading,
    ]
}
