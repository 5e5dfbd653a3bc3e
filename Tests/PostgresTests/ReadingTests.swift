import Postgres
import Support
import Testing

@Suite(.emptyDatabase)
struct PostgresReadingTests {
    private func number(_ sql: String) -> PostgresReading<Int> {
        PostgresReading(sql) { (rows) throws(PostgresError) in try rows.only().int("n") }
    }

    @Test func `statements sent together are read each by its own question`() async throws {
        try await TestDatabase.pool.withSession { session in
            var batch = PostgresBatch()
            let one = batch.add(number("SELECT 1 AS n"))
            batch.add(PostgresReading("CREATE TEMPORARY TABLE made (n int)"))
            let text = batch.add(
                PostgresReading("SELECT $1 || '!' AS t", ["hear"]) { (rows) throws(PostgresError) in
                    try rows.only().text("t")
                })
            let answers = try session.run(batch)
            #expect(try one(answers) == 1)
            #expect(try text(answers) == "hear!")
            #expect(try session.read(number("SELECT count(*) AS n FROM made")) == 0)
            #expect(throws: PostgresError.self) { try number("SELECT 1 AS m").only(in: session) }
        }
    }

    @Test func `a statement behind a lock in one batch sees what the lock was waited for`() async throws {
        let pool = try TestDatabase.pool
        try await pool.withSession { try $0.script("CREATE TABLE seen (n int)") }
        let locked = AsyncStream.makeStream(of: Void.self)
        async let found = {
            for await _ in locked.stream { break }
            return try await pool.transaction { session in
                var batch = PostgresBatch()
                batch.add(PostgresReading("SELECT pg_advisory_xact_lock(7)"))
                let count = batch.add(number("SELECT count(*) AS n FROM seen"))
                return try count(try session.run(batch))
            }
        }()
        try await pool.transaction { session in
            try session.query("SELECT pg_advisory_xact_lock(7)")
            locked.continuation.finish()
            let waiting = number(
                """
                SELECT count(*) AS n
                FROM pg_locks, pg_sleep(0.01)
                WHERE locktype = 'advisory' AND NOT granted AND database = (
                    SELECT oid FROM pg_database WHERE datname = current_database())
                """)
            var rounds = 0
            while rounds < 6000, try session.read(waiting) == 0 { rounds += 1 }
            try session.execute("INSERT INTO seen VALUES (1)")
        }
        #expect(try await found == 1)
    }
}

extension PostgresReading {
    fileprivate func only(in session: PostgresSession) throws(PostgresError) { _ = try session.read(self) }
}
