package import Domain
package import JSON
package import Postgres

/// Something the worker is to do at the broker.
package struct CommandRecord: Sendable, Hashable {
    /// What is to be done.
    package enum Kind: String, Sendable, CaseIterable {
        /// Cancel every order that does not only reduce a position: everywhere, in one symbol, or of one strategy.
        case cancelEntries = "cancel_entries"
        /// Cancel every order and close every position.
        case flatten
        /// Cancel the orders in one symbol and close its position.
        case closePosition = "close_position"

        /// Whether it sells what is held, not only what was ordered.
        package var closesPositions: Bool { self != .cancelEntries }
    }

    /// How far it is.
    package enum State: String, Sendable, CaseIterable {
        case issued, running
        /// The market is closed; it goes on when it opens.
        case waiting
        case done, withdrawn
    }

    package let id: Identifier
    package let kind: Kind
    package let symbol: String?
    package let strategy: String?
    package let reason: String
    /// The halt that asked for it first.
    package let haltID: Identifier?
    package let state: State
    /// What the worker reported last.
    package let progress: JSONValue
    package let issuedAt: Timestamp
    package let issuedBy: String
    package let startedAt: Timestamp?
    package let lastReportAt: Timestamp?
    package let workerID: String?
    package let finishedAt: Timestamp?
    package let finishedBy: String?
}

/// Keeps what the worker is told to do.
package enum CommandStore {
    private static let columns = """
        id, kind, symbol, strategy, reason, halt_id, state, progress, issued_at, issued_by, started_at,
        last_report_at, worker_id, finished_at, finished_by
        """

    /// Issues a command; nil where one like it is open already.
    package static func issue(
        id: Identifier, _ kind: CommandRecord.Kind, symbol: String? = nil, strategy: String? = nil,
        reason: String, haltID: Identifier?, by actor: String, in session: PostgresSession
    ) throws(PostgresError) -> CommandRecord? {
        try session.query(
            """
            INSERT INTO commands (id, kind, symbol, strategy, reason, halt_id, state, issued_by)
            VALUES ($1, $2, $3, $4, $5, $6, 'issued', $7)
            ON CONFLICT DO NOTHING
            RETURNING \(columns)
            """,
            [
                id.postgresValue, .text(kind.rawValue), .optional(symbol), .optional(strategy), .text(reason),
                .optional(haltID), .text(actor),
            ]
        ).first.map { (row) throws(PostgresError) in try CommandRecord(row) }
    }

    /// Notes that a halt asked for a command.
    package static func link(
        _ id: Identifier, to haltID: Identifier, in session: PostgresSession
    ) throws(PostgresError) {
        _ = try session.execute(
            """
            INSERT INTO command_halts (command_id, halt_id)
            VALUES ($1, $2)
            ON CONFLICT DO NOTHING
            """, [id.postgresValue, haltID.postgresValue])
    }

    /// What is not finished and was asked for by any of these halts.
    package static func open(
        under haltIDs: [Identifier], in session: PostgresSession
    ) throws(PostgresError) -> [CommandRecord] {
        try session.query(
            """
            SELECT \(columns)
            FROM commands
            WHERE finished_at IS NULL
              AND id IN (SELECT command_id FROM command_halts WHERE halt_id = ANY ($1::uuid[]))
            ORDER BY sequence
            """, [.texts(haltIDs)]
        ).map { (row) throws(PostgresError) in try CommandRecord(row) }
    }

    /// What is not finished and was asked for by halts of which none is open any more.
    package static func orphaned(in session: PostgresSession) throws(PostgresError) -> [CommandRecord] {
        try session.query(
            """
            SELECT \(columns)
            FROM commands c
            WHERE c.finished_at IS NULL AND c.halt_id IS NOT NULL
              AND NOT EXISTS (
                SELECT 1
                FROM command_halts l
                JOIN halts h ON h.id = l.halt_id
                WHERE l.command_id = c.id AND h.cleared_at IS NULL)
            ORDER BY c.sequence
            """
        ).map { (row) throws(PostgresError) in try CommandRecord(row) }
    }

    /// The names at the broker of what a strategy has, or may have, open there.
    package static func clientOrderIDs(
        ofStrategy strategy: String, in session: PostgresSession
    ) throws(PostgresError) -> [String] {
        try session.query(
            """
            SELECT o.client_order_id
            FROM orders o
            JOIN proposal_terms p ON p.id = o.proposal_id
            WHERE o.finished_at IS NULL AND o.state <> 'released' AND p.strategy = $1
            ORDER BY o.client_order_id
            """, [.text(strategy)]
        ).map { (row) throws(PostgresError) in try row.text("client_order_id") }
    }

    /// What is not finished, the oldest first.
    package static func open(in session: PostgresSession) throws(PostgresError) -> [CommandRecord] {
        try session.query(
            "SELECT \(columns) FROM commands WHERE finished_at IS NULL ORDER BY sequence"
        ).map { (row) throws(PostgresError) in try CommandRecord(row) }
    }

    /// Commands from the newest to the oldest.
    package static func list(limit: Int, in session: PostgresSession) throws(PostgresError) -> [CommandRecord]
    {
        try session.query(
            "SELECT \(columns) FROM commands ORDER BY sequence DESC LIMIT $1", [.int(Int64(limit))]
        ).map { (row) throws(PostgresError) in try CommandRecord(row) }
    }

    /// One command, its row locked until the transaction ends.
    package static func lock(_ id: Identifier, in session: PostgresSession) throws(PostgresError)
        -> CommandRecord?
    {
        try session.query("SELECT \(columns) FROM commands WHERE id = $1 FOR UPDATE", [id.postgresValue])
            .first.map { (row) throws(PostgresError) in try CommandRecord(row) }
    }

    /// Notes how far the worker is.
    package static func note(
        _ id: Identifier, _ state: CommandRecord.State, progress: JSONValue, workerID: String,
        in session: PostgresSession
    ) throws(PostgresError) {
        _ = try session.execute(
            """
            UPDATE commands
            SET state = $2, progress = $3, worker_id = $4, last_report_at = clock_timestamp(),
                started_at = coalesce(started_at, clock_timestamp()),
                finished_at = CASE WHEN $2 = 'done' THEN clock_timestamp() END,
                finished_by = CASE WHEN $2 = 'done' THEN 'worker:' || $4 END
            WHERE id = $1
            """,
            [id.postgresValue, .text(state.rawValue), progress.postgresValue, .text(workerID)])
    }

    /// Takes a command back.
    package static func withdraw(
        _ id: Identifier, by actor: String, in session: PostgresSession
    ) throws(PostgresError) {
        _ = try session.execute(
            """
            UPDATE commands
            SET state = 'withdrawn', finished_at = clock_timestamp(), finished_by = $2
            WHERE id = $1
            """, [id.postgresValue, .text(actor)])
    }

    /// Orders whose sending is under way or in doubt: in one symbol, or in any where none is named.
    package static func ordersInDoubt(
        symbol: String?, in session: PostgresSession
    ) throws(PostgresError) -> Int {
        try session.query(
            """
            SELECT count(*) AS doubtful
            FROM orders
            WHERE finished_at IS NULL AND state IN ('submitting', 'unknown') AND ($1::text IS NULL OR symbol = $1)
            """, [.optional(symbol)]
        ).only().int("doubtful")
    }
}

extension CommandRecord {
    fileprivate init(_ row: PostgresRow) throws(PostgresError) {
        id = try row.identifier("id")
        kind = try row.word("kind")
        symbol = try row.optionalText("symbol")
        strategy = try row.optionalText("strategy")
        reason = try row.text("reason")
        haltID = try row.optionalIdentifier("halt_id")
        state = try row.word("state")
        progress = try row.json("progress")
        issuedAt = try row.timestamp("issued_at")
        issuedBy = try row.text("issued_by")
        startedAt = try row.optionalTimestamp("started_at")
        lastReportAt = try row.optionalTimestamp("last_report_at")
        workerID = try row.optionalText("worker_id")
        finishedAt = try row.optionalTimestamp("finished_at")
        finishedBy = try row.optionalText("finished_by")
    }
}
