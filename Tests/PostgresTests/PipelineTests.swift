import Postgres
import Support
import Testing

@Suite(.emptyDatabase)
struct PipelineTests {
    @Test func `answers come back in order`() async throws {
        try await TestDatabase.pool.withSession { session in
            let rows = try session.pipeline(
                (0..<100).map { ("SELECT $1::int + \($0 % 3) AS n", [.int(Int64($0))]) })
            #expect(try rows.map { try $0.only().int("n") } == (0..<100).map { $0 + $0 % 3 })
            #expect(try session.pipeline([]).isEmpty)
            #expect(try session.pipeline([("SELECT 1 AS n", [])])[0].only().int("n") == 1)
        }
    }

    @Test func `what fails behind a finished pipeline does not make it run again`() async throws {
        let pool = try TestDatabase.pool
        var configuration = pool.configuration
        configuration.statementCacheSize = 1
        let session = try PostgresSession.standalone(configuration)
        try session.script("CREATE TABLE finished (n int)")
        try session.query("SELECT 1")
        // What the session takes for prepared is not: dropping it, which makes room, fails.
        try session.script("DEALLOCATE ALL")
        #expect(try session.pipeline([("INSERT INTO finished VALUES (1)", [])])[0].affectedRows == 1)
        let stored = try await pool.withSession { try $0.query("SELECT FROM finished").count }
        #expect(stored == 1)
    }

    @Test func `a failure in the middle names its statement and undoes them all`() async throws {
        try await TestDatabase.pool.withSession { session in
            try session.script("CREATE TABLE line (n int UNIQUE)")
            let insert = "INSERT INTO line VALUES ($1)"
            let error = try #require(throws: PostgresError.self) {
                _ = try session.pipeline([(insert, [1]), (insert, [2]), (insert, [1]), (insert, [3])])
            }
            #expect(error.isUniqueViolation && error.statementIndex == 2)
            #expect(try session.query("SELECT n FROM line").isEmpty)
            #expect(try session.pipeline([(insert, [1]), (insert, [2])]).map(\.affectedRows) == [1, 1])
        }
    }

    @Test func `a statement that cannot be prepared is named too`() async throws {
        try await TestDatabase.pool.withSession { session in
            for _ in 0..<2 {
                let error = try #require(throws: PostgresError.self) {
                    _ = try session.pipeline([("SELECT 1", []), ("SELEC 2", []), ("SELECT 3 AS three", [])])
                }
                #expect(error.sqlState == "42601" && error.statementIndex == 1)
            }
            #expect(try session.query("SELECT 3 AS three").only().int("three") == 3)
            let parameter = try #require(throws: PostgresError.self) {
                _ = try session.pipeline([("SELECT 1", []), ("SELECT $1::text", ["\0"])])
            }
            #expect(parameter.kind == .parameter && parameter.statementIndex == 1)
        }
    }

    @Test func `inside a transaction a failed pipeline rolls everything back`() async throws {
        let pool = try TestDatabase.pool
        try await pool.withSession { try $0.script("CREATE TABLE whole (n int UNIQUE)") }
        await #expect(throws: PostgresError.self) {
            try await pool.transaction { session in
                try session.execute("INSERT INTO whole VALUES (1)")
                _ = try session.pipeline([("INSERT INTO whole VALUES (2)", []), ("SELECT 1/0", [])])
            }
        }
        #expect(try await pool.withSession { try $0.query("SELECT n FROM whole").count } == 0)
    }

    @Test func `of two lots the first is answered while the second is under way`() async throws {
        let pool = try TestDatabase.pool
        let both = try await pool.transaction { session in
            let holder = try PostgresSession.standalone(pool.configuration)
            try holder.query("SELECT pg_advisory_lock(4711)")
            var first = PostgresBatch()
            let asked = first.add(
                PostgresReading("SELECT 7 AS n") { (rows) throws(PostgresError) in try rows.only().int("n") })
            var second = PostgresBatch()
            second.add(PostgresReading<Void>("SELECT pg_advisory_xact_lock(4711)"))
            let answer = second.add(
                PostgresReading("SELECT $1::int + 1 AS n", [1]) { (rows) throws(PostgresError) in
                    try rows.only().int("n")
                })
            // The second lot waits for a lock that only `meanwhile` frees.
            let (seven, answers) = try session.run(first, and: second) { answers in
                try holder.query("SELECT pg_advisory_unlock(4711)")
                return try asked(answers)
            }
            return [seven, try answer(answers)]
        }
        #expect(both == [7, 2])
    }

    @Test func `of two lots a failure in either, or in between, undoes both`() async throws {
        let pool = try TestDatabase.pool
        try await pool.withSession { try $0.script("CREATE TABLE lots (n int UNIQUE)") }
        struct Stop: Error {}
        func write(_ first: Int64, _ second: Int64, stops: Bool = false) async throws {
            try await pool.transaction { session in
                var lots = (PostgresBatch(), PostgresBatch())
                lots.0.add(PostgresReading<Void>("INSERT INTO lots VALUES ($1)", [.int(first)]))
                lots.1.add(PostgresReading<Void>("INSERT INTO lots VALUES ($1)", [.int(second)]))
                _ = try session.run(lots.0, and: lots.1) { _ in if stops { throw Stop() } }
            }
        }
        try await write(1, 2)
        await #expect(throws: PostgresError.self) { try await write(1, 3) }
        await #expect(throws: PostgresError.self) { try await write(3, 1) }
        await #expect(throws: Stop.self) { try await write(3, 4, stops: true) }
        let stored = try await pool.withSession { session in
            try session.query("SELECT n FROM lots ORDER BY n").map { try $0.int("n") }
        }
        #expect(stored == [1, 2])
        let outside = await #expect(throws: PostgresError.self) {
            try await pool.withSession { session in
                _ = try session.run(PostgresBatch(), and: PostgresBatch()) { _ in }
            }
        }
        #expect(outside?.kind == .misuse)
    }

    @Test func `what was made ready before is sent as it would have been`() async throws {
        try await TestDatabase.pool.withSession { session in
            func number(_ sql: String, _ value: Int64) -> PostgresReading<Int> {
                PostgresReading(sql, [.int(value)]) { (rows) throws(PostgresError) in
                    try rows.only().int("n")
                }
            }
            var batch = PostgresBatch()
            try batch.makeReady()
            let one = batch.add(number("SELECT $1::int AS n", 1))
            try batch.makeReady()
            let ready = try session.run(batch)
            #expect(try one(ready) == 1)
            // What is added later is sent too.
            let two = batch.add(number("SELECT $1::int + 1 AS n", 1))
            let later = try session.run(batch)
            #expect(try [one(later), two(later)] == [1, 2])

            batch.add(PostgresReading<Void>("SELECT $1::text", ["\0"]))
            let error = #expect(throws: PostgresError.self) { try batch.makeReady() }
            #expect(error?.kind == .parameter && error?.statementIndex == 2)
        }
    }

    @Test func `megabytes in both directions do not block each other`() async throws {
        try await TestDatabase.pool.withSession { session in
            let block = String(repeating: "x", count: 20_000)
            let rows = try session.pipeline((0..<1000).map { _ in ("SELECT $1::text AS t", [.text(block)]) })
            #expect(rows.count == 1000)
            #expect(try rows.allSatisfy { try $0.only().text("t").utf8.count == 20_000 })
        }
    }

    @Test func `a changed table between two pipelines is survived`() async throws {
        try await withEmptyTestDatabase(poolSize: 1) { pool in
            try await pool.withSession { session in
                try session.script("CREATE TABLE shape (a int)")
                _ = try session.pipeline([("SELECT * FROM shape", [])])
                try session.script("ALTER TABLE shape ADD b int")
                #expect(try session.pipeline([("SELECT * FROM shape", [])])[0].columnNames == ["a", "b"])
            }
        }
    }

    @Test func `a connection lost in the middle is a connection error, and the next use is fine`()
        async throws
    {
        let pool = try TestDatabase.pool
        let error = try await #require(throws: PostgresError.self) {
            try await pool.withSession { session in
                _ = try session.pipeline([
                    ("SELECT 1", []), ("SELECT pg_terminate_backend(pg_backend_pid())", []), ("SELECT 2", []),
                ])
            }
        }
        #expect(error.isConnectionFailure)
        try await pool.ping()
    }
}
