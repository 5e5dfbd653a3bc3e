/// Whether real money is at stake.
package enum TradingMode: String, Sendable, Hashable, CaseIterable {
    case paper, live
}

/// Whether orders may go out.
package enum TradingState: String, Sendable, Hashable, CaseIterable {
    /// No halt is open on the account.
    case active
    /// Only orders that reduce a position go out.
    case reducing
    /// Nothing goes out.
    case halted
}
