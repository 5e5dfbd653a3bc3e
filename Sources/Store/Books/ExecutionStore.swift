package import Domain
package import Postgres

/// Keeps executions, and which of our orders they belong to.
package enum ExecutionStore {
    static let columns = """
        execution_id, kind, broker_order_id, order_id, strategy, part, symbol, side, qty, price, commission, executed_at
        """

    /// Stores executions that are not known yet; tells which were new.
    package static func insert(
        _ executions: [Execution], in session: PostgresSession
    ) throws(PostgresError) -> Set<String> {
        guard !executions.isEmpty else { return [] }
        let rows = try session.query(
            """
            INSERT INTO executions (\(columns))
            SELECT \(columns)
            FROM unnest($1::text[], $2::text[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[],
                $9::numeric[], $10::numeric[], $11::numeric[], $12::timestamptz[]) AS execution (\(columns))
            ON CONFLICT (execution_id) DO NOTHING
            RETURNING execution_id
            """,
            [
                .texts(executions.map(\.id)), .texts(executions.map(\.kind.rawValue)),
                .textArray(executions.map(\.brokerOrderID)), .textArray(executions.map { $0.orderID?.text }),
                .textArray(executions.map(\.strategy)), .texts(executions.map(\.part.rawValue)),
                .texts(executions.map(\.symbol)), .texts(executions.map(\.side.rawValue)),
                .texts(executions.map(\.qty)), .texts(executions.map(\.price)),
                .texts(executions.map(\.commission)), .texts(executions.map(\.executedAt)),
            ])
        return Set(try rows.map { (row) throws(PostgresError) in try row.text("execution_id") })
    }

    /// Those of these identities that are known.
    package static func find(
        _ ids: [String], in session: PostgresSession
    ) throws(PostgresError) -> [Execution] {
        try session.query(
            """
            SELECT \(columns)
            FROM executions
            WHERE execution_id = ANY ($1::text[])
            """, [.texts(ids)]
        ).map(execution)
    }

    /// Executions of a symbol after a place (from the first where none is given), in their order.
    package static func of(
        _ symbol: String, after place: BookPlace?, in session: PostgresSession
    ) throws(PostgresError) -> [Execution] {
        try session.query(
            """
            SELECT \(columns)
            FROM executions
            WHERE symbol = $1
              AND ($2::timestamptz IS NULL OR (executed_at, execution_id) > ($2, $3))
            ORDER BY executed_at, execution_id
            """, [.text(symbol), .optional(place?.at), .text(place?.executionID ?? "")]
        ).map(execution)
    }

    /// Executions of our orders, the newest first.
    package static func list(
        limit: Int, symbol: String? = nil, in session: PostgresSession
    ) throws(PostgresError) -> [Execution] {
        try session.query(
            """
            SELECT \(columns)
            FROM executions
            WHERE $2::text IS NULL OR symbol = $2
            ORDER BY executed_at DESC, execution_id DESC
            LIMIT $1
            """, [.int(Int64(limit)), .optional(symbol)]
        ).map(execution)
    }

    /// A part of all executions, in their order: those after a place.
    package static func slice(
        after place: BookPlace?, limit: Int, in session: PostgresSession
    ) throws(PostgresError) -> [Execution] {
        try session.query(
            """
            SELECT \(columns)
            FROM executions
            WHERE $1::timestamptz IS NULL OR (executed_at, execution_id) > ($1, $2)
            ORDER BY executed_at, execution_id
            LIMIT $3
            """, [.optional(place?.at), .text(place?.executionID ?? ""), .int(Int64(limit))]
        ).map(execution)
    }

    /// When the newest execution was; nil before the first.
    package static func newest(in session: PostgresSession) throws(PostgresError) -> Timestamp? {
        try session.query("SELECT max(executed_at) AS newest FROM executions WHERE kind = 'fill'").only()
            .optionalTimestamp("newest")
    }

    private static func execution(_ row: PostgresRow) throws(PostgresError) -> Execution {
        Execution(
            id: try row.text("execution_id"), kind: try row.word("kind"),
            brokerOrderID: try row.optionalText("broker_order_id"),
            orderID: try row.optionalIdentifier("order_id"), strategy: try row.optionalText("strategy"),
            part: try row.word("part"), symbol: try row.text("symbol"), side: try row.word("side"),
            qty: try row.decimal("qty"), price: try row.decimal("price"),
            commission: try row.decimal("commission"), executedAt: try row.timestamp("executed_at"))
    }
}
