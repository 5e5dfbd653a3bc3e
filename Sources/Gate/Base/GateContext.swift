package import Domain
package import Postgres
package import Store

/// What every use case stands on.
package struct GateContext: Sendable {
    package let pool: PostgresPool
    package let mode: TradingMode
    package let secrets: GateSecrets
    /// Random bytes, as many as asked for.
    package let random: @Sendable (Int) -> [UInt8]
    let policies = PolicyMemory()
    /// Whether released orders are pushed to a worker's webhook, besides standing in its sync.
    package let hasWorkerWebhook: Bool
    /// Takes released orders that are committed, to send them to the worker at once; nil where the outbox alone does it.
    package var push: (@Sendable (PushedRelease) -> Void)?

    /// Begins to take the time of one look at the breakers; what it gives back ends that.
    ///
    /// Nil where nobody wants to know.
    package var breakerStopwatch: (@Sendable () -> @Sendable () -> Void)?

    /// For how long a pushed release is left to this process before others send it.
    package static let pushLeaseSeconds = 15

    /// The ground for use cases.
    package init(
        pool: PostgresPool, mode: TradingMode, secrets: GateSecrets,
        random: @escaping @Sendable (Int) -> [UInt8], hasWorkerWebhook: Bool
    ) {
        self.pool = pool
        self.mode = mode
        self.secrets = secrets
        self.random = random
        self.hasWorkerWebhook = hasWorkerWebhook
    }

    /// A new identity, ordered by time.
    package func newIdentifier(at time: Timestamp) -> Identifier {
        Identifier(at: time, random: random(10))
    }
}
