/// What moved cash without an execution.
package struct CashFlow: Sendable, Hashable {
    /// What it means for profit and loss.
    package enum Class: String, Sendable, CaseIterable {
        /// Money put in or taken out: neither profit nor loss.
        case capital
        /// Dividends and interest: part of the profit.
        case income
        /// What the broker or an authority charges: part of the loss.
        case fee
        /// A type we do not know: money that came counts as put in, money that went as lost, so that no unknown entry
        /// can hide a loss.
        case other

        /// The class of a type in Alpaca's words.
        package init(activityType: String) {
            switch activityType {
            case "CSD", "CSW", "JNLC", "JNLS", "JNL", "TRANS", "ACATC", "ACATS": self = .capital
            case "FEE", "CFEE", "DIVFEE", "PTC": self = .fee
            case "INT", "PTR", "CIL": self = .income
            case let type where type.hasPrefix("DIV") || type.hasPrefix("INT"): self = .income
            default: self = .other
            }
        }
    }

    /// The broker's identity of the entry.
    package let id: String
    /// The broker's word for what it is: `CSD`.
    package let type: String
    /// USD; below nought where money went.
    package let amount: ExactDecimal
    package let symbol: String?
    package let description: String?
    /// The date that the broker gives it.
    package let date: String?
    /// From when on the account's equity has it.
    package let effectiveAt: Timestamp

    /// A cash flow.
    package init(
        id: String, type: String, amount: ExactDecimal, symbol: String? = nil, description: String? = nil,
        date: String? = nil, effectiveAt: Timestamp
    ) {
        self.id = id
        self.type = type
        self.amount = amount
        self.symbol = symbol
        self.description = description
        self.date = date
        self.effectiveAt = effectiveAt
    }

    /// What it means for profit and loss.
    package var flowClass: Class { Class(activityType: type) }

    /// The part of it that was put in (or, below nought, taken out).
    package var capital: ExactDecimal {
        switch flowClass {
        case .capital: amount
        case .other: max(amount, .zero)
        case .income, .fee: .zero
        }
    }
}
