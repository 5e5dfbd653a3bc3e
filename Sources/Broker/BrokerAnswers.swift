package import Domain
package import JSON

// What a broker tells beside orders. Of what goes on to the server only the members it reads are kept, in the
// broker's own spelling: numbers stay the text they were.

/// The account as the broker shows it.
package struct BrokerAccount: Sendable, Hashable {
    /// The number that tells one account from another.
    package let accountNumber: String
    /// What the server needs of the broker's own words.
    package let json: JSONValue

    /// An account of these members.
    package init(accountNumber: String, json: JSONValue) {
        self.accountNumber = accountNumber
        self.json = json
    }
}

/// A holding as the broker shows it.
package struct BrokerPosition: Sendable, Hashable {
    package let symbol: String
    /// What the server needs of the broker's own words.
    package let json: JSONValue

    /// A holding of these members.
    package init(symbol: String, json: JSONValue) {
        self.symbol = symbol
        self.json = json
    }
}

/// An entry of the account's statement, in the broker's own words.
package struct BrokerActivity: Sendable, Hashable {
    /// Which entries are asked for.
    package enum Kind: Sendable, Hashable, CaseIterable {
        /// Executions.
        case fills
        /// Everything else that moves cash or shares.
        case cash
    }

    /// The broker's identity of the entry.
    package let id: String
    package let kind: Kind
    /// The broker's identity of the order, of executions.
    package let orderID: String?
    /// What the server needs of the broker's own words.
    package let json: JSONValue

    /// An entry of these members.
    package init(id: String, kind: Kind, orderID: String?, json: JSONValue) {
        self.id = id
        self.kind = kind
        self.orderID = orderID
        self.json = json
    }
}

/// One thing that the broker would not do, among several that it was asked for at once.
package struct BrokerRefusal: Sendable, Hashable {
    /// The order or symbol.
    package let what: String
    /// The broker's own words.
    package let message: String

    /// A refusal.
    package init(what: String, message: String) {
        self.what = what
        self.message = message
    }
}

/// One execution, by the broker's own identity of it.
package struct BrokerFill: Sendable, Hashable {
    package let executionID: String
    /// The broker's identity of the order.
    package let orderID: String
    package let symbol: String
    /// The shares of this execution alone.
    package let qty: ExactDecimal
    package let price: ExactDecimal
    package let executedAt: Timestamp

    /// An execution.
    package init(
        executionID: String, orderID: String, symbol: String, qty: ExactDecimal, price: ExactDecimal,
        executedAt: Timestamp
    ) {
        self.executionID = executionID
        self.orderID = orderID
        self.symbol = symbol
        self.qty = qty
        self.price = price
        self.executedAt = executedAt
    }
}

/// One day of the market's calendar, in New York's time.
package struct BrokerDay: Sendable, Hashable {
    /// Such as `2026-11-27`.
    package let date: String
    /// Such as `09:30`.
    package let open: String
    /// Such as `13:00`.
    package let close: String

    /// A day with its hours.
    package init(date: String, open: String, close: String) {
        self.date = date
        self.open = open
        self.close = close
    }
}

extension BrokerClock {
    /// The reading as the broker writes it.
    package var json: JSONValue {
        var object: JSONObject = ["timestamp": .string(timestamp.rfc3339), "is_open": .bool(isOpen)]
        object["next_open"] = nextOpen.map { .string($0.rfc3339) }
        object["next_close"] = nextClose.map { .string($0.rfc3339) }
        return .object(object)
    }
}
