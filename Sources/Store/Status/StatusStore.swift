package import Domain
package import Postgres

/// What the deployment is doing, in a few cheap numbers.
package struct DeploymentStatus: Sendable, Hashable {
    /// The worker that holds the lease, or held it last.
    package struct Worker: Sendable, Hashable {
        package let id: String
        /// Whether its lease runs.
        package let isActive: Bool
        package let lastSeenAt: Timestamp
    }

    package let now: Timestamp
    package let accountNumber: String?
    package let policyVersion: Int?
    package let pendingProposals: Int
    /// Orders released and not finished.
    package let openOrders: Int
    package let queuedDeliveries: Int
    /// When the worker last told of the account.
    package let accountReceivedAt: Timestamp?
    package let worker: Worker?
}

/// Reads how things stand; nothing here scans history.
package enum StatusStore {
    /// How things stand.
    package static func read(in session: PostgresSession) throws(PostgresError) -> DeploymentStatus {
        try session.read(read)
    }

    /// `read`, among other statements.
    package static var read: PostgresReading<DeploymentStatus> {
        PostgresReading(
            """
            SELECT clock_timestamp() AS now,
                (SELECT account_number FROM deployment) AS account_number,
                (SELECT max(version) FROM policies) AS policy_version,
                (SELECT count(*) FROM proposal_states WHERE state = 'pending') AS pending_proposals,
                (SELECT count(*) FROM orders WHERE finished_at IS NULL) AS open_orders,
                (SELECT count(*) FROM deliveries WHERE state = 'queued') AS queued_deliveries,
                (SELECT received_at FROM account_state) AS account_received_at,
                lease.worker_id, lease.expires_at > clock_timestamp() AS is_active, lease.last_seen_at
            FROM (SELECT) AS nothing
            LEFT JOIN worker_lease AS lease ON true
            """
        ) { (rows) throws(PostgresError) in try DeploymentStatus(try rows.only()) }
    }

    /// The newest migration that the database has.
    package static func schemaVersion(in session: PostgresSession) throws(PostgresError) -> Int {
        try session.query("SELECT coalesce(max(version), 0) AS version FROM schema_migrations").only()
            .int("version")
    }
}

extension DeploymentStatus {
    init(_ row: PostgresRow) throws(PostgresError) {
        now = try row.timestamp("now")
        accountNumber = try row.optionalText("account_number")
        policyVersion = try row.optionalInt("policy_version")
        pendingProposals = try row.int("pending_proposals")
        openOrders = try row.int("open_orders")
        queuedDeliveries = try row.int("queued_deliveries")
        accountReceivedAt = try row.optionalTimestamp("account_received_at")
        worker = try row.optionalText("worker_id").map { (id) throws(PostgresError) in
            Worker(id: id, isActive: try row.bool("is_active"), lastSeenAt: try row.timestamp("last_seen_at"))
        }
    }
}
