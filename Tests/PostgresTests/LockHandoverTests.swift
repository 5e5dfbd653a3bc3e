// A transaction that commits and goes on holds its advisory lock without a gap.

import Postgres
import Support
import Testing

@Suite(.emptyDatabase)
struct LockHandoverTests {
    private static let key: Int64 = 990
    private static var lock: PostgresReading<Void> {
        PostgresReading("SELECT pg_advisory_xact_lock($1)", [.int(key)])
    }

    private func stored() async throws -> [Int] {
        try await TestDatabase.pool.withSession { session in
            try session.query("SELECT n FROM handover ORDER BY n").map { try $0.int("n") }
        }
    }

    private func isFree() throws -> Bool {
        let other = try PostgresSession.standalone(try TestDatabase.pool.configuration)
        return try other.query("SELECT pg_try_advisory_lock($1) AS is_free", [.int(Self.key)]).only().bool(
            "is_free")
    }

    private func batch(_ sql: String...) -> PostgresBatch {
        var batch = PostgresBatch()
        for statement in sql { batch.add(PostgresReading<Void>(statement)) }
        return batch
    }

    /// Commits, and does in the next transaction what it is given.
    private func goOn(
        _ session: PostgresSession, key: Int64 = key, _ first: PostgresBatch = PostgresBatch(),
        and second: PostgresBatch = PostgresBatch(), committed: () -> Void = {},
        meanwhile: () throws -> Void = {}
    ) throws {
        _ = try session.commitAndRun(keepingLock: key, first, and: second, committed: committed) { _ in
            try meanwhile()
        }
    }

    @Test func `what was done is committed, the rest is not, and whoever waits comes last`() async throws {
        let pool = try TestDatabase.pool
        try await pool.withSession {
            try $0.script("CREATE TABLE handover (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)")
        }
        let waiting = try await pool.transaction { session in
            try session.read(Self.lock)
            try session.execute("INSERT INTO handover VALUES (1)")
            let waiting = Task { try await seenBySharer() }
            let watcher = try PostgresSession.standalone(pool.configuration)
            while try watcher.query("SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
                .isEmpty
            {}
            for n in 2...4 {
                try goOn(session)
                #expect(try watcher.query("SELECT count(*) FROM handover").only().int("count") == n - 1)
                #expect(try !isFree())
                try session.execute("INSERT INTO handover VALUES ($1)", [.int(Int64(n))])
            }
            return waiting
        }
        #expect(try await waiting.value == 4)
        struct Stop: Error {}
        await #expect(throws: Stop.self) {
            try await pool.transaction { session in
                try session.read(Self.lock)
                try session.execute("INSERT INTO handover VALUES (5)")
                try goOn(session)
                try session.execute("INSERT INTO handover VALUES (6)")
                throw Stop()
            }
        }
        #expect(try await stored() == [1, 2, 3, 4, 5])
        #expect(try isFree())
        // A commit that fails leaves no lock behind.
        await #expect(throws: PostgresError.self) {
            try await pool.transaction { session in
                try session.read(Self.lock)
                try session.execute("INSERT INTO handover VALUES (5)")
                try goOn(session)
            }
        }
        while try !isFree() {}
        #expect(try await stored() == [1, 2, 3, 4, 5])
    }

    /// A trigger that runs at COMMIT lets go of the lock, so that somebody else has it when the next transaction wants it.
    @Test func `what may be stored already is not reported as undone`() async throws {
        let pool = try TestDatabase.pool
        try await pool.withSession { session in
            try session.script(
                """
                CREATE TABLE taken (n int);
                CREATE FUNCTION let_go() RETURNS trigger LANGUAGE plpgsql AS
                    $$ BEGIN PERFORM pg_advisory_unlock(991); RETURN NULL; END $$;
                CREATE CONSTRAINT TRIGGER let_go AFTER INSERT ON taken DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION let_go()
                """)
        }
        let other = Task {
            try await pool.withSession { session in
                defer { session.discardAfterUse() }
                while try session.query("SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 991")
                    .isEmpty
                {}
                try session.query("SELECT pg_advisory_lock(991)")
                while try session.query("SELECT FROM taken").isEmpty {}
                while try !session.query("SELECT FROM pg_locks WHERE objid = 991 AND NOT granted").isEmpty {}
            }
        }
        let error = try await #require(throws: PostgresError.self) {
            try await pool.transaction { session in
                defer { session.discardAfterUse() }
                try session.script("SET lock_timeout = '300ms'")
                try session.query("SELECT pg_advisory_xact_lock(991)")
                try session.execute("INSERT INTO taken VALUES (1)")
                while try session.query("SELECT FROM pg_locks WHERE objid = 991 AND NOT granted").isEmpty {}
                try goOn(session, key: 991)
            }
        }
        #expect(error.isOutcomeUnknown && error.kind == .connection)
        try await other.value
        let stored = try await pool.withSession { try $0.query("SELECT FROM taken").count }
        #expect(stored == 1)
    }

    private func seenBySharer() async throws -> Int {
        try await TestDatabase.pool.transaction { session in
            try session.query("SELECT pg_advisory_xact_lock_shared($1)", [.int(Self.key)])
            return try session.query("SELECT count(*) FROM handover").only().int("count")
        }
    }
}
