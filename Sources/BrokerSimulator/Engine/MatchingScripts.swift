import Domain

/// What tests have ordered the market to do with the next orders.
struct MatchingScripts: Sendable, Hashable {
    /// One fill smaller than the order.
    struct PartialFill: Sendable, Hashable {
        /// Shares of the first fill; nil draws a number.
        let quantity: ExactDecimal?
        /// Whether the rest waits until a script fills or releases it.
        let holdsRest: Bool
        /// Only orders of this symbol; nil takes the next of any.
        let symbol: String?
    }

    /// More shares than were ordered, executed with the rest of an order.
    struct Overfill: Sendable, Hashable {
        let quantity: ExactDecimal
        /// Only orders of this symbol; nil takes the next of any.
        let symbol: String?
    }

    /// Overfills still to be given out, first come first served.
    var overfills: [Overfill] = []
    /// Partial fills still to be given out, first come first served.
    var partialFills: [PartialFill] = []
    /// How many of the next orders are accepted and then rejected by the market.
    var rejectionsAfterAcceptance = 0

    mutating func takePartialFill(for symbol: String) -> PartialFill? {
        guard let place = partialFills.firstIndex(where: { $0.symbol == nil || $0.symbol == symbol }) else {
            return nil
        }
        return partialFills.remove(at: place)
    }

    /// How much too much the order that fills now is to get; nought for nearly all.
    mutating func takeOverfill(for symbol: String) -> ExactDecimal {
        guard let place = overfills.firstIndex(where: { $0.symbol == nil || $0.symbol == symbol }) else {
            return .zero
        }
        return overfills.remove(at: place).quantity
    }
}
