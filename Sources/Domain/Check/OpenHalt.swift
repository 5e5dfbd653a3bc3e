/// A halt in force, as far as the checks need to know it.
package struct OpenHalt: Sendable, Hashable {
    /// What a halt stops.
    package enum Scope: String, Sendable, Hashable, CaseIterable {
        case account
        case strategy
        case symbol
        case bot
    }

    package let id: String
    package let scope: Scope
    /// The strategy, symbol or bot; nil for the account.
    package let target: String?
    /// Whether orders that only make a position smaller may pass.
    package let allowsReducing: Bool
    package let reason: String

    /// A halt.
    package init(id: String, scope: Scope, target: String?, allowsReducing: Bool, reason: String) {
        self.id = id
        self.scope = scope
        self.target = target
        self.allowsReducing = allowsReducing
        self.reason = reason
    }

    /// Whether the halt concerns an order in that symbol by that bot for that strategy.
    package func concerns(symbol: String, strategy: String, bot: String) -> Bool {
        switch scope {
        case .account: true
        case .strategy: target == strategy
        case .symbol: target == symbol
        case .bot: target == bot
        }
    }

    /// What is stopped, for people.
    var words: String {
        switch scope {
        case .account: "all trading"
        case .strategy: "strategy \(target ?? "?")"
        case .symbol: target ?? "?"
        case .bot: "bot \(target ?? "?")"
        }
    }
}
