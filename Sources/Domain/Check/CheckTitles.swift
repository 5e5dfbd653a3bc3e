extension CheckCode {
    /// What the check looks at, for people.
    package var title: String {
        switch self {
        case .halt: "Halts"
        case .accountStatus: "State of the account"
        case .maxSnapshotAge: "Age of the account figures"
        case .symbolKnown: "The broker knows the symbol"
        case .orderShape: "The broker's rules for such an order"
        case .availableQty: "Shares free to sell"
        case .maxPositionUSD: "Largest position in dollars"
        case .maxPositionPct: "Largest position as part of equity"
        case .minPositionUSD: "Smallest position"
        case .maxOpenPositions: "Number of open positions"
        case .maxNewPositionsPerDay: "New positions today"
        case .maxNewPositionsPerWeek: "New positions this week"
        case .stopLossRequired: "Stop loss"
        case .stopLossBand: "Distance of the stop loss"
        case .minConfidence: "Confidence"
        case .minCatalystScore: "Catalyst score"
        case .buyingPower: "Buying power"
        case .cashReserve: "Cash reserve"
        case .tradingHours: "Trading hours"
        case .duplicateWindow: "Repeated proposals"
        case .washTrade: "Trading against an own order"
        case .maxQuoteAge: "Age of the price"
        case .maxSlippage: "Drift of the price"
        }
    }
}
