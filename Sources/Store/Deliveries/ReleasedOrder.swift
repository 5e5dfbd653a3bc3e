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
