package import Domain
package import Gate
package import Logging
package import Postgres

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

    /// Dependencies.
    package init(
        gate: GateContext, identity: Identity, admission: Admission, logger: Logger, metrics: MetricRegistry,
        publicURL: String, templateDirectory: String, staticDirectory: String, version: String,
        now: @escaping @Sendable () -> Timestamp, migrations: Migrations? = nil,
        outbox: Outbox? = nil
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
    }
}

/// Why the web side cannot be set up.
package struct WebSetupError: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String
}
