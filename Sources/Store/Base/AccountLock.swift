package import Postgres

/// The lock of the account, held until the transaction ends.
///
/// Whoever changes how much is at stake, or whether trading goes on at all (admission, claim, halt, resume,
/// a new policy), holds it alone. Whoever only spends what was reserved (decide, release) shares it, so that a halt
/// waits for decisions under way and every later decision sees the halt.
package enum AccountLock {
    private static let key: Int64 = 0x436F_756E_7465_7201

    /// Waits until nobody else holds the lock.
    package static func exclusive(in session: PostgresSession) throws(PostgresError) {
        try session.read(exclusive)
    }

    /// Waits until nobody holds the lock alone.
    package static func shared(in session: PostgresSession) throws(PostgresError) {
        try session.read(shared)
    }

    /// `exclusive`, to stand first among statements that are sent together.
    package static var exclusive: PostgresReading<Void> {
        PostgresReading("SELECT pg_advisory_xact_lock($1)", [.int(key)])
    }

    /// `shared`, to stand first among statements that are sent together.
    package static var shared: PostgresReading<Void> {
        PostgresReading("SELECT pg_advisory_xact_lock_shared($1)", [.int(key)])
    }

    /// Whether somebody waits for the lock.
    package static var isAwaited: PostgresReading<Bool> {
        PostgresReading(
            """
            SELECT EXISTS (
                SELECT FROM pg_locks
                WHERE locktype = 'advisory' AND NOT granted AND (classid::bigint << 32 | objid::bigint) = $1::bigint
                  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS is_awaited
            """, [.int(key)]
        ) { (rows) throws(PostgresError) in try rows.only().bool("is_awaited") }
    }

    /// Commits, holds the lock alone in the transaction that follows too, so that nobody else has it in between, and does there
    /// what `PostgresSession.commitAndRun` says of these batches.
    package static func commitAndKeepExclusive<R>(
        in session: PostgresSession, _ first: PostgresBatch, and second: PostgresBatch, committed: () -> Void,
        meanwhile: (PostgresAnswers) throws -> R
    ) throws -> (R, PostgresAnswers) {
        try session.commitAndRun(
            keepingLock: key, first, and: second, committed: committed, meanwhile: meanwhile)
    }

    /// Limits how long each statement of this transaction waits for any lock.
    package static func limitWaiting(milliseconds: Int, in session: PostgresSession) throws(PostgresError) {
        _ = try session.query(
            "SELECT set_config('lock_timeout', $1, true)", [.text("\(milliseconds)ms")])
    }
}
