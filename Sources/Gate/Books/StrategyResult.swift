package import Domain
package import JSON
package import Postgres
import Store

/// What the orders of one strategy came to: profit taken and not yet taken.
package struct StrategyResult: Sendable {
    /// Nil for what was not made here.
    package let strategy: String?
    /// How many positions it holds a part of.
    package let positions: Int
    /// Profit not yet taken in USD, at the prices of the last report; nil where one of its positions has none there.
    package let unrealizedPnL: ExactDecimal?
    /// All profit ever taken in USD, before commissions.
    package let realizedPnL: ExactDecimal
    /// All commissions ever paid in USD.
    package let commission: ExactDecimal

    /// All of it in USD: taken and not yet taken, less commissions.
    package var total: ExactDecimal? { unrealizedPnL.map { realizedPnL + $0 - commission } }

    /// The result as the API shows it.
    package var json: JSONValue {
        [
            "strategy": .text(strategy), "positions": .integer(positions),
            "unrealized_pnl": .decimal(unrealizedPnL), "realized_pnl": .decimal(realizedPnL),
            "commission": .decimal(commission), "total": .decimal(total),
        ]
    }

    /// The results of every strategy that ever traded, by name, then of what was not made here.
    package static func all(
        of account: AccountView, in session: PostgresSession
    ) throws -> [StrategyResult] {
        let prices = Dictionary(account.positions.map { ($0.position.symbol, $0.price) }) { first, _ in first
        }
        let held = Dictionary(grouping: try PositionStore.held(in: session)) { $0.key.owner }
        return try PositionStore.taken(in: session).map { taken in
            let books = held[taken.key] ?? []
            let profits = books.compactMap { book in
                (prices[book.key.symbol] ?? nil).map { book.unrealizedPnL(at: $0) }
            }
            return StrategyResult(
                strategy: taken.key.scope == .strategy ? taken.key.target : nil, positions: books.count,
                unrealizedPnL: profits.count == books.count ? profits.reduce(.zero, +) : nil,
                realizedPnL: taken.realizedPnL, commission: taken.commission)
        }
    }
}

extension BookKey {
    /// Whose book it is, whatever the symbol.
    fileprivate var owner: BookKey { BookKey(scope, target, "") }
}
