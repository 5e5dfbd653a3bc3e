import Broker
package import Cryptography
package import Domain

/// How a worker works.
package struct WorkerConfiguration: Sendable {
    /// Unlike that of any other process: the lease and every claim go by it.
    package var workerID: String
    package var mode: TradingMode
    /// Whether trading with real money was switched on by its own setting.
    package var isLiveTradingEnabled = false
    package var tradingURL: String
    /// The server's key, where it is not pinned at first contact.
    package var serverKey: PublicKey?
    /// Where the server's key is pinned.
    package var stateDirectory: String
    /// How often the worker says that it is there.
    package var syncSeconds = 1.0
    /// How often it reads the account while nothing happens.
    package var snapshotSeconds = 5.0
    /// How long after it asked for a claim it may still send the order.
    package var claimFreshSeconds = 10.0
    /// What it takes to believe that an order never reached the broker.
    package var proof = AbsenceProof()

    /// When the broker's not knowing an order is proof that it never will.
    package struct AbsenceProof: Sendable, Hashable {
        package var tries = 5
        package var seconds = 30
        /// The claim must be older than a send can take: freshness and the broker's timeout together.
        package var claimAgeSeconds = 60
    }

    /// A configuration of defaults.
    package init(workerID: String, mode: TradingMode, tradingURL: String, stateDirectory: String) {
        self.workerID = workerID
        self.mode = mode
        self.tradingURL = tradingURL
        self.stateDirectory = stateDirectory
    }

    /// Why this worker must not start; nil where it may.
    package var objection: String? {
        if mode == .live, !isLiveTradingEnabled {
            return "COUNTERSIGN_MODE is live, but LIVE_TRADING_ENABLED is not true. "
                + "Set it to true if real money is meant."
        }
        return TradingHost.objection(to: tradingURL, mode: mode)
    }
}

/// The clocks of a worker.
package struct WorkerClock: Sendable {
    /// The time of day.
    package let now: @Sendable () -> Timestamp
    /// Seconds on a clock that is never set.
    package let uptimeSeconds: @Sendable () -> Double

    /// Clocks.
    package init(now: @escaping @Sendable () -> Timestamp, uptimeSeconds: @escaping @Sendable () -> Double) {
        self.now = now
        self.uptimeSeconds = uptimeSeconds
    }
}
