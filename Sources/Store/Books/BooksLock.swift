package import Domain
package import Postgres

/// The lock of the books, held until the transaction ends: whoever enters executions, flows or days holds it alone.
///
/// It is the last lock that a transaction takes: after it neither the account's lock nor the row of an order or a
/// proposal may be waited for.
package enum BooksLock {
    private static let key: Int64 = 0x436F_756E_7465_7202

    /// Waits until nobody else holds the lock.
    package static func take(in session: PostgresSession) throws(PostgresError) {
        _ = try session.query("SELECT pg_advisory_xact_lock($1)", [.int(key)])
    }

    /// Since when the books are kept; nil before the first account was reported.
    package static func startedAt(in session: PostgresSession) throws(PostgresError) -> Timestamp? {
        try session.query("SELECT started_at FROM books").first
            .map { (row) throws(PostgresError) in try row.timestamp("started_at") }
    }

    /// Begins the books.
    package static func start(at instant: Timestamp, in session: PostgresSession) throws(PostgresError) {
        _ = try session.execute("INSERT INTO books (started_at) VALUES ($1)", [instant.postgresValue])
    }
}
