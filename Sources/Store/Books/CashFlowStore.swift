package import Domain
package import Postgres

/// Keeps what moved cash without an execution.
package enum CashFlowStore {
    private static let columns = """
        activity_id, activity_type, class, amount, symbol, description, activity_date, effective_at
        """

    /// Stores flows that are not known yet; tells which were new.
    package static func insert(
        _ flows: [CashFlow], in session: PostgresSession
    ) throws(PostgresError) -> Set<String> {
        guard !flows.isEmpty else { return [] }
        let rows = try session.query(
            """
            INSERT INTO cash_flows (\(columns))
            SELECT \(columns)
            FROM unnest($1::text[], $2::text[], $3::text[], $4::numeric[], $5::text[], $6::text[], $7::text[],
                $8::timestamptz[]) AS flow (\(columns))
            ON CONFLICT (activity_id) DO NOTHING
            RETURNING activity_id
            """,
            [
                .texts(flows.map(\.id)), .texts(flows.map(\.type)), .texts(flows.map(\.flowClass.rawValue)),
                .texts(flows.map(\.amount)), .textArray(flows.map(\.symbol)),
                .textArray(flows.map(\.description)), .textArray(flows.map(\.date)),
                .texts(flows.map(\.effectiveAt)),
            ])
        return Set(try rows.map { (row) throws(PostgresError) in try row.text("activity_id") })
    }

    /// Flows that came into effect after one instant (or ever) and until another, in their order.
    package static func between(
        _ start: Timestamp?, _ end: Timestamp?, in session: PostgresSession
    ) throws(PostgresError) -> [CashFlow] {
        try session.query(
            """
            SELECT \(columns)
            FROM cash_flows
            WHERE ($1::timestamptz IS NULL OR effective_at > $1)
              AND ($2::timestamptz IS NULL OR effective_at <= $2)
            ORDER BY effective_at, activity_id COLLATE "C"
            """, [.optional(start), .optional(end)]
        ).map { (row) throws(PostgresError) in
            CashFlow(
                id: try row.text("activity_id"), type: try row.text("activity_type"),
                amount: try row.decimal("amount"), symbol: try row.optionalText("symbol"),
                description: try row.optionalText("description"),
                date: try row.optionalText("activity_date"), effectiveAt: try row.timestamp("effective_at"))
        }
    }
}
