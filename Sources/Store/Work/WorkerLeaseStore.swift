package import Domain
package import Postgres

/// Which worker may act.
package struct WorkerLease: Sendable, Hashable {
    package let workerID: String
    /// Grows with every change of hands.
    package let generation: Int
    package let acquiredAt: Timestamp
    package let lastSeenAt: Timestamp
    package let expiresAt: Timestamp
    /// Whether it runs still, by the database's clock.
    package let isRunning: Bool
}

/// Keeps the one lease by the database's clock.
package enum WorkerLeaseStore {
    private static let columns = """
        worker_id, generation, acquired_at, last_seen_at, expires_at,
        expires_at > clock_timestamp() AS is_running
        """

    /// The lease as it stands.
    package static func read(in session: PostgresSession) throws(PostgresError) -> WorkerLease? {
        try session.query("SELECT \(columns) FROM worker_lease").first.map(lease)
    }

    /// Takes or prolongs the lease; nil where another worker has one that runs.
    ///
    /// With `mayAcquire` false only a worker that has it already gets it.
    package static func hold(
        _ workerID: String, seconds: Int, mayAcquire: Bool, in session: PostgresSession
    ) throws(PostgresError) -> WorkerLease? {
        let prolonged = try session.query(
            """
            UPDATE worker_lease
            SET last_seen_at = clock_timestamp(), expires_at = clock_timestamp() + make_interval(secs => $2)
            WHERE worker_id = $1
            RETURNING \(columns)
            """, [.text(workerID), .int(Int64(seconds))])
        if let row = prolonged.first { return try lease(row) }
        guard mayAcquire else { return nil }
        return try session.query(
            """
            INSERT INTO worker_lease (worker_id, generation, acquired_at, last_seen_at, expires_at)
            VALUES ($1, 1, clock_timestamp(), clock_timestamp(),
                clock_timestamp() + make_interval(secs => $2))
            ON CONFLICT (only_one) DO UPDATE
            SET worker_id = EXCLUDED.worker_id, generation = worker_lease.generation + 1,
                acquired_at = EXCLUDED.acquired_at, last_seen_at = EXCLUDED.last_seen_at,
                expires_at = EXCLUDED.expires_at
            WHERE worker_lease.expires_at <= clock_timestamp()
            RETURNING \(columns)
            """, [.text(workerID), .int(Int64(seconds))]
        ).first.map(lease)
    }

    /// Gives the lease back, so that another worker need not wait.
    package static func release(_ workerID: String, in session: PostgresSession) throws(PostgresError) {
        _ = try session.execute(
            """
            UPDATE worker_lease
            SET expires_at = least(expires_at, clock_timestamp())
            WHERE worker_id = $1
            """, [.text(workerID)])
    }

    private static func lease(_ row: PostgresRow) throws(PostgresError) -> WorkerLease {
        WorkerLease(
            workerID: try row.text("worker_id"), generation: try row.int("generation"),
            acquiredAt: try row.timestamp("acquired_at"), lastSeenAt: try row.timestamp("last_seen_at"),
            expiresAt: try row.timestamp("expires_at"), isRunning: try row.bool("is_running"))
    }
}
