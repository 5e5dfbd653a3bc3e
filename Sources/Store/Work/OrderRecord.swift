package import Domain
package import JSON

/// An order as it is stored.
package struct OrderRecord: Sendable, Hashable {
    package let id: Identifier
    package let sequence: Int
    package let proposalID: Identifier
    package let clientOrderID: String
    package let state: OrderState
    package let symbol: String
    package let side: Side
    package let qty: ExactDecimal
    package let notional: ExactDecimal
    package let isReducing: Bool
    package let orderHash: String
    /// The canonical JSON of `{order, approval}` whose bytes were signed.
    package let document: String
    package let keyID: String
    package let signature: [UInt8]
    package let approvedPrice: ExactDecimal?
    package let releasedAt: Timestamp
    package let validUntil: Timestamp
    package let claimGeneration: Int
    package let claimedBy: String?
    package let claimedAt: Timestamp?
    package let claimChecks: JSONValue?
    package let submittedAt: Timestamp?
    package let brokerOrderID: String?
    /// The broker's newest word for its state.
    package let brokerStatus: String?
    package let filledQty: ExactDecimal
    package let filledAvgPrice: ExactDecimal?
    package let lastReportAt: Timestamp?
    package let finishedAt: Timestamp?
    package let reason: String?
    /// When it was seen at the broker after it had been held never to have arrived; nil where that did not happen.
    package let turnedUpAt: Timestamp?

    /// Whether it turned up after all and the broker may still do something with it.
    package var isAstray: Bool {
        turnedUpAt != nil && brokerStatus.flatMap(BrokerStatus.init)?.isFinal != true
    }
}

/// An order that waits for a worker.
package struct ClaimableOrder: Sendable, Hashable {
    package let id: Identifier
    package let symbol: String
    package let validUntil: Timestamp
}

/// One execution of an order.
package struct FillRecord: Sendable, Hashable {
    /// The broker's own identity of the execution.
    package let executionID: String
    package let orderID: Identifier
    package let qty: ExactDecimal
    package let price: ExactDecimal
    package let executedAt: Timestamp

    /// An execution.
    package init(
        executionID: String, orderID: Identifier, qty: ExactDecimal, price: ExactDecimal,
        executedAt: Timestamp
    ) {
        self.executionID = executionID
        self.orderID = orderID
        self.qty = qty
        self.price = price
        self.executedAt = executedAt
    }
}
