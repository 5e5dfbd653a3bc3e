import Domain

/// What the simulated exchange is told at its birth; the same settings and commands give the same state.
struct ExchangeSettings: Sendable, Hashable {
    var accountNumber = "SIM1"
    var cash = ExactDecimal(100_000)
    var multiplier = 1
    /// Whether the account may sell short at all.
    var isShortingEnabled = false
    /// Whether one order may close a position and open the opposite one; Alpaca refuses that.
    var allowsPositionFlips = false
    /// Whether a touched stop becomes a new order with an id of its own, as has been seen at Alpaca.
    var replacesTouchedStops = false
    var seed: UInt64 = 1
    var walkBasisPoints = 0
    /// How many of a hundred orders fill in two steps.
    var partialFillPercent = 0
    /// From acceptance to the first possible fill.
    var fillDelayMicroseconds: Int64 = 0
    /// From a partial fill to the next.
    var partialFillDelayMicroseconds: Int64 = 250_000
    /// From a cancel request to the cancellation; an order may still fill meanwhile.
    var cancelDelayMicroseconds: Int64 = 0
}
