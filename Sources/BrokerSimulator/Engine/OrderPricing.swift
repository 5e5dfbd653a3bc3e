import Domain

/// The constants of Alpaca's price protection and reservations.
enum OrderPricing {
    static let half = decimal("0.5")
    private static let fifty = ExactDecimal(50)
    private static let shortMarkup = decimal("1.03")
    private static let wideCollar = decimal("1.04")
    private static let narrowCollar = decimal("1.025")

    /// The limit that a triggered buy stop, or a market purchase's reservation, reaches to: 4 % under $50,
    /// 2.5 % from there.
    static func collar(_ price: ExactDecimal) -> ExactDecimal {
        (price * (price < fifty ? wideCollar : narrowCollar)).rounded(scale: price >= .one ? 2 : 4)
    }

    /// The price by which opening an order reserves buying power.
    static func reservationPrice(
        side: SimulatedOrder.Side, kind: SimulatedOrder.Kind, limit: ExactDecimal?, stop: ExactDecimal?,
        quote: SimulatedQuote
    ) -> ExactDecimal {
        let market = quote.ask.isPositive ? quote.ask : quote.last
        switch side {
        case .buy: return limit ?? collar(stop ?? market)
        case .sell: return max(limit ?? .zero, (market * shortMarkup).rounded(scale: 4))
        }
    }

    private static func decimal(_ text: String) -> ExactDecimal { ExactDecimal(text) ?? .one }
}
