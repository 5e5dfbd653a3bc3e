/// One execution at the broker, or what takes its place in the books.
package struct Execution: Sendable, Hashable {
    /// Where it comes from.
    package enum Kind: String, Sendable, CaseIterable {
        /// The broker traded.
        case fill
        /// The account held it when the books were begun.
        case opening
        /// A person took over the broker's word where it differed from the books.
        case adjustment
    }

    /// What it is to the order that it belongs to.
    package enum Part: String, Sendable, CaseIterable {
        /// The order itself.
        case entry
        /// A stop or target that hangs on it.
        case exit
        /// None of our orders.
        case external
    }

    /// The broker's own identity of it.
    package let id: String
    package var kind: Kind
    package var brokerOrderID: String?
    /// Our order; nil for what was not made here.
    package var orderID: Identifier?
    /// The strategy of our order; nil for what was not made here.
    package var strategy: String?
    package var part: Part
    package let symbol: String
    package let side: Side
    /// Shares, above nought.
    package let qty: ExactDecimal
    /// USD a share.
    package let price: ExactDecimal
    /// USD, from nought.
    package let commission: ExactDecimal
    package let executedAt: Timestamp

    /// An execution.
    package init(
        id: String, kind: Kind = .fill, brokerOrderID: String? = nil, orderID: Identifier? = nil,
        strategy: String? = nil, part: Part = .external, symbol: String, side: Side, qty: ExactDecimal,
        price: ExactDecimal, commission: ExactDecimal = .zero, executedAt: Timestamp
    ) {
        self.id = id
        self.kind = kind
        self.brokerOrderID = brokerOrderID
        self.orderID = orderID
        self.strategy = strategy
        self.part = part
        self.symbol = symbol
        self.side = side
        self.qty = qty
        self.price = price
        self.commission = commission
        self.executedAt = executedAt
    }

    /// The shares, below nought for a sale.
    package var signedQty: ExactDecimal { side == .buy ? qty : -qty }

    /// Its place in the books: by time, and by identity where two share their time.
    package var place: BookPlace { BookPlace(at: executedAt, executionID: id) }

    /// The books it is entered in: the account's, and its strategy's or the one of what was not made here.
    package var keys: [BookKey] {
        let own =
            strategy.map { BookKey(.strategy, $0, symbol) } ?? BookKey(.external, "", symbol)
        return [BookKey(.account, "", symbol), own]
    }
}

/// Where an execution stands among the others of a book.
package struct BookPlace: Sendable, Hashable, Comparable {
    package let at: Timestamp
    package let executionID: String

    /// A place.
    package init(at: Timestamp, executionID: String) {
        self.at = at
        self.executionID = executionID
    }

    package static func < (left: BookPlace, right: BookPlace) -> Bool {
        if left.at != right.at { return left.at < right.at }
        return left.executionID.utf8.lexicographicallyPrecedes(right.executionID.utf8)
    }
}

/// Which book of which symbol.
package struct BookKey: Sendable, Hashable, Comparable {
    /// Whose book it is.
    package enum Scope: String, Sendable, CaseIterable {
        /// Everything, as the broker sees it.
        case account
        /// What one strategy's orders did.
        case strategy
        /// What was not made here.
        case external
    }

    package let scope: Scope
    /// The strategy's name; empty for the other scopes.
    package let target: String
    package let symbol: String

    /// A key.
    package init(_ scope: Scope, _ target: String, _ symbol: String) {
        self.scope = scope
        self.target = target
        self.symbol = symbol
    }

    package static func < (left: BookKey, right: BookKey) -> Bool {
        (left.scope.rawValue, left.target, left.symbol) < (right.scope.rawValue, right.target, right.symbol)
    }
}

extension Execution {
    /// How far ahead of the server's clock an execution may be dated, in seconds.
    ///
    /// Clocks differ by seconds, and a time zone that was left out by hours. What is dated later still would stand behind
    /// everything that comes after it in the books, and no later entry of the account's statement would be asked for.
    private static let maxSecondsAhead = 86_400

    /// Whether an execution is dated too far in the future to be entered.
    package static func isTooLate(_ executedAt: Timestamp, now: Timestamp) -> Bool {
        executedAt.microseconds > now.adding(seconds: maxSecondsAhead).microseconds
    }

    /// What is wrong with an execution that is dated too far in the future.
    package static let tooLateWords =
        "lies more than a day ahead of the server's clock; nothing can have been executed then"
}
