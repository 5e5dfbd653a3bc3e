// The words of an order, spelled as the broker's API and ours spell them.

/// Whether an order buys or sells.
package enum Side: String, Sendable, Hashable, CaseIterable {
    case buy
    case sell

    /// The other side.
    package var opposite: Side { self == .buy ? .sell : .buy }
    /// The side in capitals, as people read it: `BUY`.
    package var word: String { rawValue.uppercased() }
}

/// What sets an order off and what price it accepts.
package enum OrderType: String, Sendable, Hashable, CaseIterable {
    case market
    case limit
    case stop
    case stopLimit = "stop_limit"

    /// Whether an order of this type carries a limit price.
    package var takesLimitPrice: Bool { self == .limit || self == .stopLimit }
    /// Whether an order of this type carries a stop price.
    package var takesStopPrice: Bool { self == .stop || self == .stopLimit }
}

/// How long an order stays in force.
package enum TimeInForce: String, Sendable, Hashable, CaseIterable {
    case day
    case gtc
    case ioc
    case fok
    case opg
    case cls

    /// The word in capitals, as people read it: `DAY`.
    package var word: String { rawValue.uppercased() }
}

/// Whether exits hang on an order: none, one (`oto`), or a stop loss and a take profit (`bracket`).
package enum OrderClass: String, Sendable, Hashable, CaseIterable {
    case simple
    case bracket
    case oto
}

/// The stop order that becomes active once its entry is filled.
package struct StopLoss: Sendable, Hashable {
    /// The price that sets the stop off.
    package let stopPrice: ExactDecimal
    /// The worst price it then accepts; nil for the market's.
    package let limitPrice: ExactDecimal?

    /// A stop at a price, with a limit or without.
    package init(stopPrice: ExactDecimal, limitPrice: ExactDecimal? = nil) {
        self.stopPrice = stopPrice
        self.limitPrice = limitPrice
    }
}
