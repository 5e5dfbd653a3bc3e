import Postgres
import Support
import Testing

private struct Stop: Error, Equatable {}

@Suite(.emptyDatabase)
struct TransactionTests {
    private func table(_ name: String) async throws {
        try await TestDatabase.pool.withSession { try $0.script("CREATE TABLE \(name) (n int UNIQUE)") }
    }

    private func count(_ table: String) async throws -> Int {
        try await TestDatabase.pool.withSession { session in
            try session.query("SELECT count(*) AS n FROM \(table)").only().int("n")
        }
    }

    @Test func `what returns is kept and what throws is undone`() async throws {
        try await table("kept")
        let pool = try TestDatabase.pool
        try await pool.transaction { try $0.execute("INSERT INTO kept VALUES (1)") }
        await #expect(throws: Stop()) {
            try await pool.transaction { session in
                try session.execute("INSERT INTO kept VALUES (2)")
                throw Stop()
            }
        }
        #expect(try await count("kept") == 1)
    }

    @Test func `a swallowed error does not pass for a commit`() async throws {
        try await table("swallowed")
        let error = try await #require(throws: PostgresError.self) {
            try await TestDatabase.pool.transaction { session in
                try session.execute("INSERT INTO swallowed VALUES (1)")
                _ = try? session.execute("INSERT INTO swallowed VALUES (1)")
            }
        }
        #expect(error.kind == .misuse && error.sqlState == "25P02")
        #expect(try await count("swallowed") == 0)
    }

    @Test func `a constraint checked at COMMIT surfaces`() async throws {
        let pool = try TestDatabase.pool
        try await pool.withSession { session in
            try session.script("CREATE TABLE late (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)")
        }
        let error = try await #require(throws: PostgresError.self) {
            try await pool.transaction { try $0.execute("INSERT INTO late VALUES (1), (1)") }
        }
        #expect(error.isUniqueViolation && !error.isOutcomeUnknown)
        #expect(try await count("late") == 0)
    }

    @Test func `a transaction begins with its first statement, whatever that is`() async throws {
        try await table("begun")
        let pool = try TestDatabase.pool
        try await pool.transaction { _ in }
        try await pool.transaction { session in
            _ = try session.pipeline([
                ("INSERT INTO begun VALUES (1)", []), ("INSERT INTO begun VALUES (2)", []),
            ])
        }
        try await pool.transaction { try $0.script("INSERT INTO begun VALUES (3)") }
        try await pool.transaction { session in
            try session.savepoint { try session.execute("INSERT INTO begun VALUES (4)") }
        }
        #expect(try await count("begun") == 4)
        for first in ["SELEC", "INSERT INTO begun VALUES (1)"] {
            await #expect(throws: PostgresError.self) { try await pool.transaction { try $0.execute(first) } }
            await #expect(throws: PostgresError.self) {
                try await pool.transaction { session in
                    _ = try session.pipeline([("INSERT INTO begun VALUES (5)", []), (first, [])])
                }
            }
        }
        await #expect(throws: Stop()) { try await pool.transaction { _ in throw Stop() } }
        let isolation = try await pool.transaction(isolation: .serializable, readOnly: true) { session in
            try session.query("SHOW transaction_isolation").only().text("transaction_isolation")
        }
        #expect(isolation == "serializable")
        #expect(try await count("begun") == 4)
    }

    @Test func `a snapshot shows one moment to every statement and changes nothing`() async throws {
        try await table("moment")
        let pool = try TestDatabase.pool
        let counts = try await pool.withSnapshot { session in
            let other = try PostgresSession.standalone(pool.configuration)
            let before = try session.query("SELECT count(*) AS n FROM moment").only().int("n")
            try other.execute("INSERT INTO moment VALUES (1)")
            return [before, try session.query("SELECT count(*) AS n FROM moment").only().int("n")]
        }
        #expect(counts == [0, 0])
        #expect(try await count("moment") == 1)
        let error = await #expect(throws: PostgresError.self) {
            try await pool.withSnapshot { try $0.execute("INSERT INTO moment VALUES (2)") }
        }
        #expect(error?.sqlState == "25006")
        #expect(try await count("moment") == 1)
    }

    @Test func `transactions do not nest, and the refusal does not end the outer one`() async throws {
        try await table("outer_one")
        try await TestDatabase.pool.transaction { session in
            try session.execute("INSERT INTO outer_one VALUES (1)")
            let error = try #require(throws: PostgresError.self) { try session.transaction {} }
            #expect(error.kind == .misuse)
        }
        #expect(try await count("outer_one") == 1)
    }

    @Test func `a savepoint loses only its own part`() async throws {
        try await table("parts")
        try await TestDatabase.pool.transaction { session in
            for number in [1, 1, 2] {
                _ = try? session.savepoint {
                    try session.execute("INSERT INTO parts VALUES ($1)", [.int(Int64(number))])
                }
            }
            #expect(throws: Stop()) {
                try session.savepoint {
                    try session.savepoint { try session.execute("INSERT INTO parts VALUES (3)") }
                    throw Stop()
                }
            }
        }
        #expect(try await count("parts") == 2)
    }

    @Test func `a body that ends or leaves open a transaction is told`() async throws {
        try await table("stray")
        let pool = try TestDatabase.pool
        let ended = try await #require(throws: PostgresError.self) {
            try await pool.transaction { try $0.script("COMMIT") }
        }
        #expect(ended.kind == .misuse)
        let left = try await #require(throws: PostgresError.self) {
            try await pool.withSession { try $0.script("BEGIN; INSERT INTO stray VALUES (1)") }
        }
        #expect(left.kind == .misuse)
        #expect(try await count("stray") == 0)
    }

    @Test func `write skew is refused under SERIALIZABLE, and a second attempt goes through`() async throws {
        let pool = try TestDatabase.pool
        try await pool.withSession { session in
            try session.script("CREATE TABLE duty (who text PRIMARY KEY, is_on boolean)")
            try session.script("INSERT INTO duty VALUES ('a', true), ('b', true)")
        }
        let other = try PostgresSession.standalone(pool.configuration)
        let left = try PostgresSession.standalone(pool.configuration)
        let leave: (PostgresSession, PostgresValue) throws -> Void = { session, who in
            let on = try session.query("SELECT count(*) AS n FROM duty WHERE is_on").only().int("n")
            if on > 1 { try session.execute("UPDATE duty SET is_on = false WHERE who = $1", [who]) }
        }
        let error = try #require(throws: PostgresError.self) {
            try left.transaction(isolation: .serializable) {
                try leave(left, "a")
                try other.transaction(isolation: .serializable) { try leave(other, "b") }
            }
        }
        #expect(error.isSerializationFailure && error.sqlState == "40001")
        let on = try await pool.transaction(isolation: .serializable, attempts: 3) { session in
            try session.query("SELECT count(*) AS n FROM duty WHERE is_on").only().int("n")
        }
        #expect(on == 1)
    }

    @Test func `attempts run the body again after a serialization failure, and only so often`() async throws {
        let runs = Counter()
        let error = try await #require(throws: PostgresError.self) {
            try await TestDatabase.pool.transaction(attempts: 3) { session in
                runs.add()
                try session.script("DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$")
            }
        }
        #expect(error.isSerializationFailure && runs.value == 3)
    }

    @Test func `a read-only transaction refuses to write`() async throws {
        try await table("untouched")
        let error = try await #require(throws: PostgresError.self) {
            try await TestDatabase.pool.transaction(readOnly: true) {
                try $0.execute("INSERT INTO untouched VALUES (1)")
            }
        }
        #expect(error.sqlState == "25006")
    }

    @Test func `a connection lost during COMMIT says that the outcome is unknown`() async throws {
        let pool = try TestDatabase.pool
        try await pool.withSession { session in
            try session.script(
                """
                CREATE TABLE fatal (n int);
                CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(10); RETURN NULL; END $$;
                CREATE CONSTRAINT TRIGGER die AFTER INSERT ON fatal DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION die()
                """)
        }
        let error = try await #require(throws: PostgresError.self) {
            try await pool.transaction { try $0.execute("INSERT INTO fatal VALUES (1)") }
        }
        #expect(error.isConnectionFailure && error.isOutcomeUnknown)
        #expect(try await count("fatal") == 0)
    }
}
