import Postgres
import Support
import Testing

@Suite(.emptyDatabase)
struct SessionTests {
    private func run<R: Sendable>(_ body: @escaping @Sendable (PostgresSession) throws -> R) async throws -> R
    {
        try await TestDatabase.pool.withSession(body)
    }

    @Test func `every session speaks UTC, ISO dates and hex`() async throws {
        try await run { session in
            let row = try session.query(
                """
                SELECT current_setting('TimeZone') AS zone, '2026-11-21 12:00:00+05'::timestamptz AS at,
                       '\\x00ff'::bytea AS raw, current_setting('statement_timeout') AS timeout
                """
            ).only()
            #expect(try row.text("zone") == "UTC")
            #expect(try row.text("at") == "2026-11-21 07:00:00+00")
            #expect(try row.text("raw") == "\\x00ff")
            #expect(try row.text("timeout") == "1min")
            try session.requireServer()
            #expect(throws: PostgresError.self) { try session.requireServer(major: 99) }
        }
    }

    @Test func `errors carry state, constraint and detail, and the log text leaves the detail out`()
        async throws
    {
        try await run { session in
            try session.script(
                """
                CREATE TABLE people (
                    name text CONSTRAINT people_name_once UNIQUE,
                    age int CONSTRAINT people_age_sane CHECK (age >= 0))
                """)
            try session.execute("INSERT INTO people VALUES ($1, $2)", ["secret-name", 1])
            let unique = try #require(throws: PostgresError.self) {
                try session.execute("INSERT INTO people VALUES ($1, $2)", ["secret-name", 2])
            }
            #expect(unique.sqlState == "23505" && unique.isUniqueViolation)
            #expect(unique.constraint == "people_name_once" && unique.table == "people")
            #expect(unique.detail?.contains("secret-name") == true)
            #expect(!unique.description.contains("secret-name"))
            let check = try #require(throws: PostgresError.self) {
                try session.execute("INSERT INTO people VALUES ($1, $2)", ["b", -1])
            }
            #expect(check.isCheckViolation && check.constraint == "people_age_sane")
            #expect(check.kind == .server && !check.isConnectionFailure)
        }
    }

    @Test func `a changed table does not break a prepared statement`() async throws {
        try await run { session in
            try session.script("CREATE TABLE shape (a int); INSERT INTO shape VALUES (1)")
            #expect(try session.query("SELECT * FROM shape").columnNames == ["a"])
            try session.script("ALTER TABLE shape ADD b text")
            #expect(try session.query("SELECT * FROM shape").columnNames == ["a", "b"])
            try session.script("DEALLOCATE ALL")
            #expect(try session.query("SELECT * FROM shape").count == 1)
        }
    }

    @Test func `a changed table inside a pooled transaction runs the body once more`() async throws {
        try await withEmptyTestDatabase(poolSize: 1) { pool in
            try await pool.withSession { try $0.script("CREATE TABLE shape (a int)") }
            let columns: @Sendable (PostgresSession) throws -> [String] = {
                try $0.query("SELECT * FROM shape").columnNames
            }
            #expect(try await pool.transaction(columns) == ["a"])
            try await pool.withSession { try $0.script("ALTER TABLE shape ADD b text") }
            #expect(try await pool.transaction(columns) == ["a", "b"])
        }
    }

    @Test func `the server keeps a bounded number of prepared statements`() async throws {
        var configuration = try TestDatabase.pool.configuration
        configuration.statementCacheSize = 4
        let session = try PostgresSession.standalone(configuration)
        for number in 0..<20 { try session.query("SELECT \(number)") }
        try session.query("SELECT 19")
        let count = try session.query("SELECT count(*)::int AS n FROM pg_prepared_statements").only().int("n")
        #expect(count <= 5 && count >= 4)
        // Inside a failed transaction nothing can be dropped; afterwards it is.
        #expect(throws: PostgresError.self) {
            try session.transaction { try session.query("SELECT 1 / 0") }
        }
        #expect(try session.query("SELECT 19 AS n").only().int("n") == 19)
    }

    @Test func `a session is of no use after its body`() async throws {
        final class Leak: @unchecked Sendable { var session: PostgresSession? }
        let leak = Leak()
        let pool = try TestDatabase.pool
        try await pool.withSession { leak.session = $0 }
        let error = try #require(throws: PostgresError.self) { try leak.session?.query("SELECT 1") }
        #expect(error.kind == .misuse)
    }

    @Test func `SQL with NUL, COPY and malformed parameters are refused`() async throws {
        try await run { session in
            for attempt in ["SELECT 1\0; SELECT 2"] {
                #expect(throws: PostgresError.self) { try session.query(attempt) }
                #expect(throws: PostgresError.self) { try session.script(attempt) }
            }
            let nul = try #require(throws: PostgresError.self) {
                try session.query("SELECT $1::text AS t", ["a\0b"])
            }
            #expect(nul.kind == .parameter)
            let many = [PostgresValue](repeating: .int(1), count: 65_536)
            let tooMany = try #require(throws: PostgresError.self) { try session.query("SELECT 1", many) }
            #expect(tooMany.kind == .parameter)
            #expect(throws: PostgresError.self) { try session.query("SELECT $1::int", ["1; DROP TABLE x"]) }
        }
        await #expect(throws: PostgresError.self) {
            try await self.run { try $0.script("COPY (SELECT 1) TO STDOUT") }
        }
        #expect(try await run { try $0.query("SELECT 1 AS one").only().int("one") } == 1)
    }

    @Test func `a role given to the session holds for its statements`() async throws {
        let role = "cs_role_\(UInt32.random(in: .min ... .max)) \"x"
        try await run { try $0.script("CREATE ROLE \(SQLText.identifier(role))") }
        var configuration = try TestDatabase.pool.configuration
        configuration.sessionRole = role
        let pool = PostgresPool(configuration: configuration, size: 1, acquireTimeoutSeconds: 60)
        let user = try await pool.withSession { try $0.query("SELECT current_user AS u").only().text("u") }
        #expect(user == role)
        await #expect(throws: PostgresError.self) {
            try await pool.withSession { try $0.script("CREATE ROLE cs_never") }
        }
        await pool.close()
        try await run { try $0.script("DROP ROLE \(SQLText.identifier(role))") }
    }
}
