package import Domain
package import Postgres

/// What the worker's webhook carries of an order.
package struct ReleasedOrder: Sendable, Hashable {
    package let state: OrderState
    /// The canonical JSON of `{order, approval}` whose UTF-8 bytes were signed.
    package let document: String
    package let keyID: String
    package let signature: [UInt8]
    package let releasedAt: Timestamp
    package let validUntil: Timestamp

    /// An order as it is released.
    package init(_ order: NewOrder, releasedAt: Timestamp) {
        self.init(
            state: .released, document: order.document, keyID: order.keyID, signature: order.signature,
            releasedAt: releasedAt, validUntil: order.validUntil)
    }

    init(
        state: OrderState, document: String, keyID: String, signature: [UInt8], releasedAt: Timestamp,
        validUntil: Timestamp
    ) {
        self.state = state
        self.document = document
        self.keyID = keyID
        self.signature = signature
        self.releasedAt = releasedAt
        self.validUntil = validUntil
    }

    /// The order of that identity.
    package static func find(
        _ id: Identifier, in session: PostgresSession
    ) throws(PostgresError) -> ReleasedOrder? {
        try session.query(
            """
            SELECT state, document, key_id, signature, released_at, valid_until
            FROM orders
            WHERE id = $1
            """, [id.postgresValue]
        ).first.map { (row) throws(PostgresError) in
            ReleasedOrder(
                state: try row.word("state"), document: try row.text("document"),
                keyID: try row.text("key_id"), signature: try row.bytes("signature"),
                releasedAt: try row.timestamp("released_at"), validUntil: try row.timestamp("valid_until"))
        }
    }
}

/// A released order whose message to the worker is taken by this process, to be sent as soon as it is committed.
package struct PushedRelease: Sendable, Hashable {
    package let orderID: Identifier
    package let order: ReleasedOrder
    package let record: DeliveryRecord

    /// An order and its message.
    package init(orderID: Identifier, order: ReleasedOrder, record: DeliveryRecord) {
        self.orderID = orderID
        self.order = order
        self.record = record
    }
}
