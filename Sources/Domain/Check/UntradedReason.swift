/// Why the broker takes no order in a symbol, as the worker learnt from it.
package enum UntradedReason: String, Sendable, Hashable, CaseIterable {
    /// The broker does not know the symbol at all.
    case unknown
    /// The broker knows it and does not trade it.
    case notTradable = "not_tradable"

    /// What that means for an order, in a sentence for people.
    package func sentence(_ symbol: String) -> String {
        switch self {
        case .unknown:
            "The broker does not know \(symbol), so no order in it can be sent. Look whether the symbol is spelt right."
        case .notTradable: "The broker does not trade \(symbol), so no order in it can be sent."
        }
    }
}
