package import Domain
package import JSON

/// An order as the broker shows it.
package struct BrokerOrder: Sendable, Hashable {
    package let id: String
    package let clientOrderID: String
    package let symbol: String
    /// The broker's word for the state, be it one we know or not.
    package let statusWord: String
    /// The shares filled so far.
    package let filledQty: ExactDecimal
    package let filledAvgPrice: ExactDecimal?
    package let submittedAt: Timestamp?
    /// The order that took this one's place, where one did.
    package let replacedBy: String?
    /// The order whose place this one took, where it did.
    package let replaces: String?
    /// The exits that hang on it.
    package let legs: [BrokerOrder]
    /// What the server needs of the broker's own words.
    package let json: JSONValue

    /// The state, where the word is known; an unknown word counts as open.
    package var status: BrokerStatus? { BrokerStatus(rawValue: statusWord) }
    /// Whether the broker will do nothing more with it.
    package var isFinal: Bool { status?.isFinal ?? false }

    /// An order of these members.
    package init(
        id: String, clientOrderID: String, symbol: String, statusWord: String,
        filledQty: ExactDecimal = .zero,
        filledAvgPrice: ExactDecimal? = nil, submittedAt: Timestamp? = nil, replacedBy: String? = nil,
        replaces: String? = nil,
        legs: [BrokerOrder] = [], json: JSONValue = [:]
    ) {
        self.id = id
        self.clientOrderID = clientOrderID
        self.symbol = symbol
        self.statusWord = statusWord
        self.filledQty = filledQty
        self.filledAvgPrice = filledAvgPrice
        self.submittedAt = submittedAt
        self.replacedBy = replacedBy
        self.replaces = replaces
        self.legs = legs
        self.json = json
    }
}
