package import Domain

/// What a broker's address and keys say about the kind of money behind them.
package enum TradingHost {
    /// Why the address must not be used in that mode; nil where nothing speaks against it.
    ///
    /// Addresses that are nobody's we know (a simulator, a proxy) are judged by the account number alone.
    package static func objection(to tradingURL: String, mode: TradingMode) -> String? {
        let host = host(of: tradingURL)
        switch mode {
        case .paper where host == liveHost:
            return "COUNTERSIGN_MODE is paper, but \(host) trades with real money. "
                + "Set ALPACA_BASE_URL to https://\(paperHost), or the mode to live if that is meant."
        case .live where host == paperHost:
            return "COUNTERSIGN_MODE is live, but \(host) is the paper account. "
                + "Set ALPACA_BASE_URL to https://\(liveHost), or the mode to paper."
        case .paper, .live: return nil
        }
    }

    /// What is odd about a key in that mode, by the prefixes that the broker is known to use.
    package static func warning(aboutKeyID keyID: String, mode: TradingMode) -> String? {
        switch mode {
        case .paper where keyID.hasPrefix("AK") || keyID.hasPrefix("CK"):
            "The key begins like one of a live account, and the mode is paper."
        case .live where keyID.hasPrefix("PK"):
            "The key begins like one of a paper account, and the mode is live."
        case .paper, .live: nil
        }
    }

    /// Where the broker is by default.
    package static func defaultURL(mode: TradingMode) -> String {
        switch mode {
        case .paper: "https://\(paperHost)"
        case .live: "https://\(liveHost)"
        }
    }

    private static let liveHost = "api.alpaca.markets"
    private static let paperHost = "paper-api.alpaca.markets"

    private static func host(of url: String) -> String {
        let rest = url.split(separator: "/", omittingEmptySubsequences: true).dropFirst().first ?? ""
        let withoutUser = rest.split(separator: "@").last ?? ""
        return (withoutUser.split(separator: ":").first ?? "").lowercased()
    }
}
