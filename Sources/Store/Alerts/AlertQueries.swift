package import Domain
package import Postgres

/// Which alerts a list shows.
package struct AlertFilter: Sendable, Hashable {
    /// What a list may be narrowed to: a state, or everything that is not over.
    package enum Standing: String, Sendable, Hashable, CaseIterable {
        case open, raised, acknowledged, resolved
    }

    package var standing: Standing?
    package var priority: AlertPriority?
    package var type: String?
    package var source: String?

    /// All alerts, unless narrowed.
    package init(
        standing: Standing? = nil, priority: AlertPriority? = nil, type: String? = nil, source: String? = nil
    ) {
        self.standing = standing
        self.priority = priority
        self.type = type
        self.source = source
    }
}

/// Lists alerts, and tells where they go.
package enum AlertQueries {
    /// Alerts from the newest to the oldest.
    package static func list(
        _ filter: AlertFilter, before sequence: Int?, limit: Int, in session: PostgresSession
    ) throws(PostgresError) -> [AlertRecord] {
        try session.query(
            """
            SELECT \(AlertRecord.columns)
            FROM alerts
            WHERE ($1::text IS NULL OR state = $1 OR $1 = 'open' AND state <> 'resolved')
              AND ($2::text IS NULL OR priority = $2)
              AND ($3::text IS NULL OR type = $3)
              AND ($4::text IS NULL OR source = $4)
              AND ($5::bigint IS NULL OR sequence < $5)
            ORDER BY sequence DESC
            LIMIT $6
            """,
            [
                .optional(filter.standing?.rawValue), .optional(filter.priority?.rawValue),
                .optional(filter.type), .optional(filter.source), .optional(sequence), .int(Int64(limit)),
            ]
        ).map { (row) throws(PostgresError) in try AlertRecord(row) }
    }

    /// The alerts that nobody took note of, to be asked among other statements; counted no further than anybody reads.
    package static var waiting: PostgresReading<WaitingAlerts> {
        PostgresReading(
            """
            SELECT count(*) AS count, coalesce(bool_or(priority IN ('critical', 'emergency')), false) AS is_pressing
            FROM (
                SELECT priority
                FROM alerts
                WHERE state = 'raised'
                ORDER BY sequence DESC
                LIMIT $1) AS newest
            """, [.int(Int64(WaitingAlerts.limit))]
        ) { (rows) throws(PostgresError) in
            let row = try rows.only()
            return WaitingAlerts(count: try row.int("count"), isPressing: try row.bool("is_pressing"))
        }
    }

    /// The channels in use, as routes look at them.
    package static func destinations(
        in session: PostgresSession
    ) throws(PostgresError) -> [AlertDestination] {
        try session.query(
            """
            SELECT c.id, c.name, c.kind, u.name AS owner
            FROM channels c
            LEFT JOIN users u ON u.id = c.user_id
            WHERE c.disabled_at IS NULL
            ORDER BY c.id
            """
        ).map { (row) throws(PostgresError) in
            AlertDestination(
                id: try row.identifier("id"), name: try row.text("name"), kind: try row.word("kind"),
                owner: try row.optionalText("owner"))
        }
    }

    /// The channels in use to which messages about a subject were given; with `changeable`, only those where one stands
    /// that can be changed without a sound.
    package static func told(
        _ subject: String, changeable: Bool, in session: PostgresSession
    ) throws(PostgresError) -> [Identifier] {
        try session.query(
            """
            SELECT c.id
            FROM channels c
            WHERE c.disabled_at IS NULL
              AND EXISTS (
                SELECT 1
                FROM deliveries d
                WHERE d.subject = $1 AND (d.subject LIKE 'alert:%' OR d.subject LIKE 'halt:%')
                  AND d.channel_id = c.id)
              AND (NOT $2 OR EXISTS (
                SELECT 1
                FROM posts p
                WHERE p.channel_id = c.id AND p.subject = $1 AND p.is_editable))
            ORDER BY c.id
            """, [.text(subject), .bool(changeable)]
        ).map { (row) throws(PostgresError) in try row.identifier("id") }
    }

    /// The channels in use that have taken nothing for so many minutes, with their last error.
    package static func failingChannels(
        minutes: Int, in session: PostgresSession
    ) throws(PostgresError) -> [FailingChannel] {
        try session.query(
            """
            SELECT c.id, c.name, c.kind, c.failures, c.failing_since,
                (SELECT d.last_error
                    FROM deliveries d
                    WHERE d.destination = c.id::text AND d.state = 'queued' AND d.last_error IS NOT NULL
                    ORDER BY d.sequence
                    LIMIT 1) AS last_error
            FROM channels c
            WHERE c.disabled_at IS NULL AND c.failing_since <= clock_timestamp() - make_interval(mins => $1)
            ORDER BY c.id
            """, [.int(Int64(minutes))]
        ).map { (row) throws(PostgresError) in
            FailingChannel(
                id: try row.identifier("id"), name: try row.text("name"), failures: try row.int("failures"),
                since: try row.timestamp("failing_since"), lastError: try row.optionalText("last_error"))
        }
    }

    /// The channels that are out of use.
    package static func disabledChannels(in session: PostgresSession) throws(PostgresError) -> [Identifier] {
        try session.query("SELECT id FROM channels WHERE disabled_at IS NOT NULL").map {
            (row) throws(PostgresError) in try row.identifier("id")
        }
    }

    /// The orders whose outcome has not been known for so many seconds, with what they are.
    package static func unknownOrders(
        seconds: Int, in session: PostgresSession
    ) throws(PostgresError) -> [(id: Identifier, symbol: String, side: String, qty: ExactDecimal)] {
        try session.query(
            """
            SELECT o.id, o.symbol, o.side, o.qty
            FROM orders o
            WHERE o.state = 'unknown' AND o.claimed_at IS NOT NULL
              AND o.claimed_at <= clock_timestamp() - make_interval(secs => $1)
            ORDER BY o.claimed_at
            LIMIT 50
            """, [.int(Int64(seconds))]
        ).map { (row) throws(PostgresError) in
            (
                try row.identifier("id"), try row.text("symbol"), try row.text("side"),
                try row.decimal("qty")
            )
        }
    }

    /// Executions of the last day that no order's own message told and no alert yet: exits, and what was not made here and
    /// has had a minute to turn out to be an order's.
    package static func untoldExecutions(
        in session: PostgresSession
    ) throws(PostgresError) -> [UntoldExecution] {
        try session.query(
            """
            SELECT e.symbol, e.side, e.qty, e.price, e.part, e.order_id, e.strategy, e.executed_at, e.received_at,
                coalesce(e.broker_order_id, e.execution_id) AS identity
            FROM executions e
            WHERE e.part <> 'entry' AND e.kind = 'fill' AND e.received_at > clock_timestamp() - interval '1 day'
              AND (e.part = 'exit' OR e.received_at < clock_timestamp() - interval '1 minute')
              AND NOT EXISTS (
                SELECT 1
                FROM alerts a
                WHERE a.source = 'system'
                  AND a.dedup_key = 'execution:' || coalesce(e.broker_order_id, e.execution_id))
            ORDER BY e.received_at
            LIMIT 50
            """
        ).map { (row) throws(PostgresError) in try UntoldExecution(row) }
    }

    /// Whether this server alone looks at alerts now, until the transaction ends.
    package static func tryWatching(in session: PostgresSession) throws(PostgresError) -> Bool {
        try session.query("SELECT pg_try_advisory_xact_lock($1) AS taken", [.int(lockKey)]).only().bool(
            "taken")
    }

    private static let lockKey: Int64 = 0x436F_756E_7465_7210
}

/// How many alerts nobody took note of yet.
package struct WaitingAlerts: Sendable, Hashable {
    static let limit = 100

    /// At most `limit`.
    package let count: Int
    /// Whether one of them is critical or an emergency.
    package let isPressing: Bool

    /// The number for people: `3`, or `99+` where there are more; empty where there is none.
    package var text: String { count == 0 ? "" : count >= Self.limit ? "\(Self.limit - 1)+" : "\(count)" }
}

/// A channel that is in use and takes nothing.
package struct FailingChannel: Sendable, Hashable {
    package let id: Identifier
    package let name: String
    package let failures: Int
    package let since: Timestamp
    package let lastError: String?
}

/// An execution that nobody was told of.
package struct UntoldExecution: Sendable, Hashable {
    /// The order at the broker, or the execution itself where that is not known.
    package let identity: String
    package let symbol: String
    package let side: Side
    package let qty: ExactDecimal
    package let price: ExactDecimal
    package let part: Execution.Part
    package let orderID: Identifier?
    package let strategy: String?
    package let executedAt: Timestamp
    package let receivedAt: Timestamp

    init(_ row: PostgresRow) throws(PostgresError) {
        identity = try row.text("identity")
        symbol = try row.text("symbol")
        side = try row.word("side")
        qty = try row.decimal("qty")
        price = try row.decimal("price")
        part = try row.word("part")
        orderID = try row.optionalIdentifier("order_id")
        strategy = try row.optionalText("strategy")
        executedAt = try row.timestamp("executed_at")
        receivedAt = try row.timestamp("received_at")
    }
}
