package import Domain
package import Postgres

/// Limits that are lowered for a while.
package struct LimitReduction: Sendable, Hashable {
    package let factor: ExactDecimal
    package let reason: String
    package let setBy: String
    package let setAt: Timestamp
    package let expiresAt: Timestamp
}

/// Keeps how far limits are lowered, by the database's clock.
package enum LimitReductionStore {
    private static let columns = "factor, reason, set_by, set_at, expires_at"

    /// What counts now; nil where limits are as the policy has them.
    package static func current(in session: PostgresSession) throws(PostgresError) -> LimitReduction? {
        try session.read(current)
    }

    /// `current`, among other statements.
    package static var current: PostgresReading<LimitReduction?> {
        PostgresReading(
            """
            SELECT \(columns)
            FROM (
                SELECT \(columns)
                FROM limit_reductions
                WHERE expires_at > clock_timestamp()
                ORDER BY set_at DESC
                LIMIT 1) AS newest
            WHERE factor < 1
            """
        ) { (rows) throws(PostgresError) in try rows.first.map(reduction) }
    }

    /// Lowers the limits for so many hours from now.
    package static func insert(
        id: Identifier, factor: ExactDecimal, hours: Int, reason: String, by actor: String,
        in session: PostgresSession
    ) throws(PostgresError) -> LimitReduction {
        try reduction(
            session.query(
                """
                INSERT INTO limit_reductions (id, factor, reason, set_by, set_at, expires_at)
                SELECT $1, $2, $3, $4, now.at, now.at + make_interval(hours => $5)
                FROM (SELECT clock_timestamp() AS at) AS now
                RETURNING \(columns)
                """,
                [
                    id.postgresValue, factor.postgresValue, .text(reason), .text(actor), .int(Int64(hours)),
                ]
            ).only())
    }

    private static func reduction(_ row: PostgresRow) throws(PostgresError) -> LimitReduction {
        LimitReduction(
            factor: try row.decimal("factor"), reason: try row.text("reason"), setBy: try row.text("set_by"),
            setAt: try row.timestamp("set_at"), expiresAt: try row.timestamp("expires_at"))
    }
}
