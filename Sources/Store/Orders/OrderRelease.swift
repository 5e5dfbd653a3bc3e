package import Domain
package import Postgres

/// An order about to be released.
package struct NewOrder: Sendable {
    package let id: Identifier
    package let proposalID: Identifier
    package let clientOrderID: String
    package let terms: OrderTerms
    package let notional: ExactDecimal
    package let isReducing: Bool
    /// Whether nothing is held in its symbol that it would add to or reduce.
    package let opensPosition: Bool
    package let orderHash: String
    /// The canonical JSON of `{order, approval}` that is signed.
    package let document: String
    package let keyID: String
    package let signature: [UInt8]
    package let approvedPrice: ExactDecimal?
    package let validUntil: Timestamp

    /// An order.
    package init(
        id: Identifier, proposalID: Identifier, clientOrderID: String, terms: OrderTerms,
        notional: ExactDecimal,
        isReducing: Bool, opensPosition: Bool, orderHash: String, document: String, keyID: String,
        signature: [UInt8],
        approvedPrice: ExactDecimal?, validUntil: Timestamp
    ) {
        self.id = id
        self.proposalID = proposalID
        self.clientOrderID = clientOrderID
        self.terms = terms
        self.notional = notional
        self.isReducing = isReducing
        self.opensPosition = opensPosition
        self.orderHash = orderHash
        self.document = document
        self.keyID = keyID
        self.signature = signature
        self.approvedPrice = approvedPrice
        self.validUntil = validUntil
    }
}

/// Brings orders into being, and ends those that no worker has taken yet.
package enum OrderRelease {
    /// Stores released orders and tells when each was released.
    package static func insert(_ orders: [NewOrder]) -> PostgresReading<[Identifier: Timestamp]> {
        PostgresReading(insertSQL, parameters(orders)) { (rows) throws(PostgresError) in
            var times: [Identifier: Timestamp] = [:]
            for row in rows { times[try row.identifier("id")] = try row.timestamp("released_at") }
            return times
        }
    }

    private static let insertSQL = """
        INSERT INTO orders (id, proposal_id, client_order_id, state, symbol, side, qty, notional, is_reducing,
            order_hash, document, key_id, signature, approved_price, valid_until, opens_position)
        SELECT id::uuid, proposal_id::uuid, client_order_id, 'released', symbol, side, qty::numeric, notional::numeric,
            is_reducing, order_hash, document, key_id, signature, approved_price::numeric, valid_until::timestamptz,
            opens_position
        FROM unnest(
            $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::boolean[],
            $9::text[], $10::text[], $11::text[], $12::bytea[], $13::text[], $14::text[], $15::boolean[])
            WITH ORDINALITY AS new (
            id, proposal_id, client_order_id, symbol, side, qty, notional, is_reducing, order_hash, document,
            key_id, signature, approved_price, valid_until, opens_position, place)
        ORDER BY place
        RETURNING id, released_at
        """

    private static func parameters(_ orders: [NewOrder]) -> [PostgresValue] {
        [
            .packed(orders.map(\.id)), .packed(orders.map(\.proposalID)),
            .packed(orders.map(\.clientOrderID)), .packed(orders.map(\.terms.symbol)),
            .packed(orders.map(\.terms.side.rawValue)), .packed(orders.map(\.terms.qty)),
            .packed(orders.map(\.notional)), .boolArray(orders.map(\.isReducing)),
            .packed(orders.map(\.orderHash)), .packed(orders.map(\.document)),
            .packed(orders.map(\.keyID)), .bytesArray(orders.map(\.signature)),
            .packedDecimals(orders.map(\.approvedPrice)), .packed(orders.map(\.validUntil)),
            .boolArray(orders.map(\.opensPosition)),
        ]
    }

    /// Ends a released order that no worker has claimed; false where it is not in that state any more.
    package static func endUnclaimed(
        _ id: Identifier, as state: OrderState, reason: String, in session: PostgresSession
    ) throws(PostgresError) -> Bool {
        try session.execute(
            """
            UPDATE orders
            SET state = $2, reason = $3, finished_at = clock_timestamp()
            WHERE id = $1 AND state = 'released'
            """, [id.postgresValue, .text(state.rawValue), .text(reason)]) == 1
    }

    /// Cancels the unclaimed orders that the halt reaches, all or only that one; tells which, with their proposals.
    package static func cancelHalted(
        scope: String, target: String, allowsReducing: Bool, reason: String, only id: Identifier? = nil,
        in session: PostgresSession
    ) throws(PostgresError) -> [(orderID: Identifier, proposalID: Identifier)] {
        let rows = try session.query(
            """
            UPDATE orders
            SET state = 'cancelled', reason = $4, finished_at = clock_timestamp()
            FROM proposal_terms AS terms
            WHERE orders.state = 'released' AND terms.id = orders.proposal_id
              AND ($5::uuid IS NULL OR orders.id = $5)
              AND \(ProposalTransitions.reach)
            RETURNING orders.id, orders.proposal_id
            """, [.text(scope), .text(target), .bool(allowsReducing), .text(reason), .optional(id)])
        return try rows.map { (row) throws(PostgresError) in
            (try row.identifier("id"), try row.identifier("proposal_id"))
        }
    }

    /// The unclaimed orders that a halt would cancel.
    package static func reached(
        scope: String, target: String, allowsReducing: Bool, in session: PostgresSession
    ) throws(PostgresError) -> [Identifier] {
        let rows = try session.query(
            """
            SELECT orders.id
            FROM orders
            JOIN proposal_terms AS terms ON terms.id = orders.proposal_id
            WHERE orders.state = 'released' AND \(ProposalTransitions.reach)
            ORDER BY orders.id
            """, [.text(scope), .text(target), .bool(allowsReducing)])
        return try rows.map { (row) throws(PostgresError) in try row.identifier("id") }
    }
}
