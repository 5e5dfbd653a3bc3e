package import Domain
package import Postgres

/// An order at the broker that belongs to one of ours.
package struct OrderPart: Sendable, Hashable {
    package let orderID: Identifier
    package let strategy: String
    package let part: Execution.Part
}

/// Keeps which orders at the broker belong to which of ours.
package enum OrderLegStore {
    /// What these orders at the broker are to us; those that are nothing to us are left out.
    package static func parts(
        of brokerOrderIDs: [String], in session: PostgresSession
    ) throws(PostgresError) -> [String: OrderPart] {
        guard !brokerOrderIDs.isEmpty else { return [:] }
        let rows = try session.query(
            """
            SELECT o.broker_order_id, o.id, p.strategy, 'entry' AS part
            FROM orders o
            JOIN proposal_terms p ON p.id = o.proposal_id
            WHERE o.broker_order_id = ANY ($1::text[])
            UNION ALL
            SELECT l.broker_order_id, l.order_id, p.strategy, 'exit'
            FROM order_legs l
            JOIN orders o ON o.id = l.order_id
            JOIN proposal_terms p ON p.id = o.proposal_id
            WHERE l.broker_order_id = ANY ($1::text[])
            """, [.texts(brokerOrderIDs)])
        var parts: [String: OrderPart] = [:]
        for row in rows {
            let name = try row.text("broker_order_id")
            guard parts[name] == nil else { continue }
            parts[name] = OrderPart(
                orderID: try row.identifier("id"), strategy: try row.text("strategy"),
                part: try row.word("part"))
        }
        return parts
    }

    /// What our order itself is.
    package static func entry(
        of orderID: Identifier, in session: PostgresSession
    ) throws(PostgresError) -> OrderPart? {
        try session.query(
            """
            SELECT p.strategy
            FROM orders o
            JOIN proposal_terms p ON p.id = o.proposal_id
            WHERE o.id = $1
            """, [orderID.postgresValue]
        ).first.map { (row) throws(PostgresError) in
            OrderPart(orderID: orderID, strategy: try row.text("strategy"), part: .entry)
        }
    }

    /// Our orders by the identity that we gave them at the broker.
    package static func orders(
        clientOrderIDs: [String], in session: PostgresSession
    ) throws(PostgresError) -> [String: Identifier] {
        guard !clientOrderIDs.isEmpty else { return [:] }
        let rows = try session.query(
            "SELECT client_order_id, id FROM orders WHERE client_order_id = ANY ($1::text[])",
            [.texts(clientOrderIDs)])
        var orders: [String: Identifier] = [:]
        for row in rows { orders[try row.text("client_order_id")] = try row.identifier("id") }
        return orders
    }

    /// The order that was filled last of the one strategy that holds a symbol; symbols that several hold, or that were
    /// bought elsewhere too, are left out.
    package static func soleHolders(
        of symbols: Set<String>, in session: PostgresSession
    ) throws(PostgresError) -> [String: Identifier] {
        let rows = try session.query(
            """
            SELECT held.symbol, entry.order_id
            FROM (
                SELECT symbol, min(target) AS strategy, sum(qty) AS qty
                FROM positions
                WHERE scope = 'strategy' AND qty <> 0 AND symbol = ANY ($1::text[])
                GROUP BY symbol
                HAVING count(*) = 1) AS held
            CROSS JOIN LATERAL (
                SELECT order_id
                FROM executions
                WHERE symbol = held.symbol AND strategy = held.strategy AND part = 'entry'
                ORDER BY executed_at DESC, execution_id DESC
                LIMIT 1) AS entry
            WHERE NOT EXISTS (
                SELECT FROM positions
                WHERE scope = 'external' AND symbol = held.symbol AND sign(qty) = sign(held.qty))
            """, [.texts(symbols.sorted())])
        var owners: [String: Identifier] = [:]
        for row in rows { owners[try row.text("symbol")] = try row.identifier("order_id") }
        return owners
    }

    /// Notes legs; tells which were new.
    package static func insert(
        _ legs: [String: Identifier], in session: PostgresSession
    ) throws(PostgresError) -> [String] {
        guard !legs.isEmpty else { return [] }
        let sorted = legs.sorted { $0.key < $1.key }
        let rows = try session.query(
            """
            INSERT INTO order_legs (broker_order_id, order_id)
            SELECT leg.broker_order_id, leg.order_id
            FROM unnest($1::text[], $2::uuid[]) AS leg (broker_order_id, order_id)
            WHERE NOT EXISTS (SELECT 1 FROM order_legs l WHERE l.broker_order_id = leg.broker_order_id)
              AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.broker_order_id = leg.broker_order_id)
            ON CONFLICT (broker_order_id) DO NOTHING
            RETURNING broker_order_id
            """, [.texts(sorted.map(\.key)), .texts(sorted.map(\.value))])
        return try rows.map { (row) throws(PostgresError) in try row.text("broker_order_id") }
    }

    /// Gives executions that belonged to nothing to the orders they turn out to belong to; tells where the first of
    /// each symbol stands.
    package static func adopt(
        _ brokerOrderIDs: [String], in session: PostgresSession
    ) throws(PostgresError) -> [(symbol: String, strategy: String, first: BookPlace)] {
        guard !brokerOrderIDs.isEmpty else { return [] }
        let rows = try session.query(
            """
            UPDATE executions e
            SET order_id = found.id, strategy = found.strategy, part = found.part
            FROM (
                SELECT o.broker_order_id AS name, o.id, p.strategy, 'entry' AS part
                FROM orders o
                JOIN proposal_terms p ON p.id = o.proposal_id
                WHERE o.broker_order_id = ANY ($1::text[])
                UNION ALL
                SELECT l.broker_order_id, l.order_id, p.strategy, 'exit'
                FROM order_legs l
                JOIN orders o ON o.id = l.order_id
                JOIN proposal_terms p ON p.id = o.proposal_id
                WHERE l.broker_order_id = ANY ($1::text[])) AS found
            WHERE e.broker_order_id = found.name AND e.order_id IS NULL
            RETURNING e.symbol, e.strategy, e.executed_at, e.execution_id
            """, [.texts(brokerOrderIDs)])
        return try rows.map { (row) throws(PostgresError) in
            let place = BookPlace(
                at: try row.timestamp("executed_at"), executionID: try row.text("execution_id"))
            return (try row.text("symbol"), try row.text("strategy"), place)
        }
    }
}
