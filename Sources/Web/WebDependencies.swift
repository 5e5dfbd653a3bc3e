package import Domain
package import Gate
package import HTTPClient
package import Logging
package import Postgres
package import Reports

/// What the web side of the server stands on; everything from outside comes in here.
package struct WebDependencies: Sendable {
    package var gate: GateContext
    package var identity: Identity
    package var admission: Admission
    package var logger: Logger
    package var metrics: MetricRegistry
    /// Where the server is reached from outside, such as `https://desk.example.com`.
    package var publicURL: String
    package var templateDirectory: String
    package var staticDirectory: String
    package var version: String
    /// The time of this machine, for the age of forms; what counts otherwise is the database's clock.
    package var now: @Sendable () -> Timestamp
    /// Which migrations this program has, to tell whether the database is ready for it.
    package var migrations: Migrations?
    /// Who writes and sends messages; without it the page of deliveries shows no texts.
    package var outbox: Outbox?
    /// Sends a test message to the channel of that name; whether it arrived, and what the other side said.
    package var testChannel: (@Sendable (_ name: String) async throws -> (arrived: Bool, words: String))?
    /// Tells of what changed, also at other servers; without it changes are found every two seconds.
    package var listener: PostgresListener?
    /// Draws the charts of reports.
    package var drawing = ReportDrawing()
    /// The host that the server listens on, to know a request that means another.
    package var listenHost: String?
    /// Proxies that are believed when they say whom they speak for.
    package var trustedProxies: [CIDR]

    /// Dependencies.
    package init(
        gate: GateContext, identity: Identity, admission: Admission, logger: Logger, metrics: MetricRegistry,
        publicURL: String, templateDirectory: String, staticDirectory: String, version: String,
        now: @escaping @Sendable () -> Timestamp, migrations: Migrations? = nil,
        outbox: Outbox? = nil, listenHost: String? = nil, trustedProxies: [CIDR] = []
    ) {
        self.gate = gate
        self.identity = identity
        self.admission = admission
        self.logger = logger
        self.metrics = metrics
        self.publicURL = publicURL
        self.templateDirectory = templateDirectory
        self.staticDirectory = staticDirectory
        self.version = version
        self.now = now
        self.migrations = migrations
        self.outbox = outbox
        self.listenHost = listenHost
        self.trustedProxies = trustedProxies
    }
}

/// Why the web side cannot be set up.
package struct WebSetupError: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String
}
