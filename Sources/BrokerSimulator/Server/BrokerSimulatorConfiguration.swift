package import Domain

/// What a simulated broker is started with.
package struct BrokerSimulatorConfiguration: Sendable {
    /// Which hours the market keeps.
    package enum Clock: String, Sendable, CaseIterable {
        case alwaysOpen = "always-open"
        case market
    }

    /// The address to listen on.
    package var host = "127.0.0.1"
    /// The port to listen on; 0 takes any free one.
    package var port = 9300
    package var clock = Clock.alwaysOpen
    /// The account number.
    package var account = "SIM1"
    /// Cash in dollars at the first start.
    package var cash = ExactDecimal(100_000)
    /// Buying power as a multiple of equity: 1, 2 or 4.
    package var multiplier = 1
    /// Whether the account may sell short; by default where the multiplier allows margin.
    package var isShortingEnabled: Bool?
    /// Whether one order may close a position and open the opposite one; Alpaca refuses that.
    package var allowsPositionFlips = false
    /// Whether a touched stop becomes a new order with an id of its own, as has been seen at Alpaca.
    package var replacesTouchedStops = false
    /// How many of a hundred orders fill in two steps; Alpaca's paper accounts: 10.
    package var partialFillPercent = 0
    /// How far prices wander around their base, in basis points.
    package var walkBasisPoints = 0
    /// From acceptance to the first possible fill.
    package var fillDelayMilliseconds = 0
    /// From a cancel request to the cancellation.
    package var cancelDelayMilliseconds = 0
    /// Refuse more requests than that in a minute with 429; nil never refuses.
    package var requestsPerMinute: Int?
    /// Where every command is written before it is done, so that a restarted simulator knows its orders.
    package var stateFile: String?
    /// How often time is looked at without a request.
    package var tickMilliseconds = 250
    /// The hours of `Clock.market`, where they shall not be New York's; for tests.
    package var hours: (any MarketHours)?
    /// The time.
    package let now: @Sendable () -> Timestamp
    /// The seed of everything drawn: identifiers and partial fills.
    package let seed: UInt64

    /// A configuration of defaults, with the clock and randomness that the simulator shall use.
    package init(now: @escaping @Sendable () -> Timestamp, seed: UInt64) {
        self.now = now
        self.seed = seed
    }

    var settings: ExchangeSettings {
        ExchangeSettings(
            accountNumber: account, cash: cash, multiplier: multiplier,
            isShortingEnabled: isShortingEnabled ?? (multiplier > 1),
            allowsPositionFlips: allowsPositionFlips,
            replacesTouchedStops: replacesTouchedStops,
            seed: seed, walkBasisPoints: walkBasisPoints, partialFillPercent: partialFillPercent,
            fillDelayMicroseconds: Int64(fillDelayMilliseconds) * 1000,
            cancelDelayMicroseconds: Int64(cancelDelayMilliseconds) * 1000)
    }
}

/// Why a simulated broker cannot start.
package struct BrokerSimulatorError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: Sendable {
        case stateFile, listening
    }

    package let code: Code
    /// What happened, what it means, what to do.
    package let message: String
    package var description: String { message }
}
