package import Domain
package import Postgres

/// The one clock that counts: the database's, the same for every server.
package enum DatabaseClock {
    /// What time it is now, not when the transaction began.
    package static func now(in session: PostgresSession) throws(PostgresError) -> Timestamp {
        try session.read(now)
    }

    /// `now`, among other statements.
    package static var now: PostgresReading<Timestamp> {
        PostgresReading("SELECT clock_timestamp() AS now") { (rows) throws(PostgresError) in
            try rows.only().timestamp("now")
        }
    }
}
