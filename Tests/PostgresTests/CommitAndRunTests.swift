// A transaction that is committed by the message that brings the next one: what happens where either of them fails.

import Postgres
import Support
import Synchronization
import Testing

@Suite(.emptyDatabase, .timeLimit(.minutes(10)))
struct CommitAndRunTests {
    /// The tables and locks of one test: the tests of a suite share a database.
    private struct Scene: Sendable {
        let pool: PostgresPool
        let number: Int

        var key: Int64 { 1000 + Int64(number) }
        /// Something that a statement waits for until the test lets it.
        var gate: Int64 { 2000 + Int64(number) }

        /// `kept` is what transactions store, a value twice only until the COMMIT; `ran` counts statements, also those undone.
        init(_ number: Int) async throws {
            pool = try TestDatabase.pool
            self.number = number
            try await pool.withSession { session in
                try session.script(
                    """
                    CREATE TABLE kept_\(number) (n int UNIQUE DEFERRABLE INITIALLY DEFERRED);
                    CREATE SEQUENCE ran_\(number)
                    """)
            }
        }

        func watcher() throws -> PostgresSession { try PostgresSession.standalone(pool.configuration) }

        /// Waits until somebody waits for a lock.
        func untilAwaited(_ key: Int64, by watcher: PostgresSession) throws {
            let sql = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = $1 AND NOT granted"
            while try watcher.query(sql, [.int(key)]).isEmpty {}
        }

        func insert(_ n: Int) -> String { "INSERT INTO kept_\(number) VALUES (\(n))" }
        var count: String { "SELECT nextval('ran_\(number)')" }
        var wait: String { "SELECT pg_advisory_xact_lock(\(gate))" }

        func stored() async throws -> [Int] {
            try await pool.withSession { session in
                try session.query("SELECT n FROM kept_\(number) ORDER BY n").map { try $0.int("n") }
            }
        }

        /// How many statements ran that count.
        func ran() async throws -> Int {
            try await pool.withSession { session in
                try session.query(
                    "SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS n FROM ran_\(number)"
                ).only().int("n")
            }
        }

        func untilFree() throws {
            let other = try watcher()
            try other.query("SELECT pg_advisory_lock($1)", [.int(key)])
        }
    }

    private static func batch(_ sql: [String]) -> PostgresBatch {
        var batch = PostgresBatch()
        for statement in sql { batch.add(PostgresReading<Void>(statement)) }
        return batch
    }

    private struct Stop: Error {}

    /// What became of it: the error, how often it was told that the first is stored, and whether the answers were looked at.
    private struct Outcome: Sendable {
        var error: PostgresError?
        var committed = 0
        var wasAnswered = false
        /// The connection that it was done by.
        var process = 0
    }

    /// Stores 1, commits and goes on with the two batches.
    private func goOn(
        _ scene: Scene, storing: [Int] = [1], before: [String] = [], _ first: [String], and second: [String],
        isReady: Bool = false, committed: @escaping @Sendable () throws -> Void = {},
        meanwhile: @escaping @Sendable () throws -> Void = {}
    ) async throws -> Outcome {
        let outcome = Mutex(Outcome())
        do {
            try await scene.pool.transaction { session in
                outcome.withLock { $0.process = session.processID }
                try session.query("SELECT pg_advisory_xact_lock($1)", [.int(scene.key)])
                for n in storing { try session.execute(scene.insert(n)) }
                for statement in before { try session.query(statement) }
                var batches = (Self.batch(first), Self.batch(second))
                if isReady {
                    try batches.0.makeReady()
                    try batches.1.makeReady()
                }
                var failure: (any Error)?
                _ = try session.commitAndRun(
                    keepingLock: scene.key, batches.0, and: batches.1,
                    committed: {
                        outcome.withLock { $0.committed += 1 }
                        do { try committed() } catch { failure = error }
                    },
                    meanwhile: { _ in
                        outcome.withLock { $0.wasAnswered = true }
                        if let failure { throw failure }
                        try meanwhile()
                    })
            }
        } catch let error as PostgresError {
            outcome.withLock { $0.error = error }
        } catch is Stop {}
        return outcome.withLock { $0 }
    }

    /// The other transaction waits for what is only let go when the first is known to be stored, or when its answers are read.
    @Test(arguments: [false, true])
    func `who waits is told that it is stored while the next still works`(isReady: Bool) async throws {
        for place in [0, 1] {
            let scene = try await Scene((isReady ? 10 : 20) + place)
            let holder = try scene.watcher()
            try holder.query("SELECT pg_advisory_lock($1)", [.int(scene.gate)])
            let holding = holder.processID
            let seen = Mutex(-1)
            @Sendable func look(_ isPlace: Bool) throws {
                guard isPlace else { return }
                let watcher = try scene.watcher()
                try scene.untilAwaited(scene.gate, by: watcher)
                let count = try watcher.query("SELECT count(*) FROM kept_\(scene.number)").only().int("count")
                seen.withLock { $0 = count }
                try watcher.query("SELECT pg_terminate_backend($1)", [.int(Int64(holding))])
            }
            let outcome = try await goOn(
                scene, [scene.insert(2)], and: [scene.wait, scene.insert(3)], isReady: isReady,
                committed: { try look(place == 0) }, meanwhile: { try look(place == 1) })
            #expect(outcome.error == nil && outcome.committed == 1 && outcome.wasAnswered)
            #expect(seen.withLock { $0 } == 1)
            #expect(try await scene.stored() == [1, 2, 3])
        }
    }

    @Test func `a COMMIT that fails stores nothing, and nothing of what comes behind it runs`() async throws {
        let scene = try await Scene(30)
        try await scene.pool.withSession { session in
            try session.script(
                """
                CREATE TABLE refused (n int);
                CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
                CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON refused DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION refuse()
                """)
        }
        for (storing, before, state) in [
            ([1, 1], [], "23505"), ([1], ["INSERT INTO refused VALUES (1)"], "P0001"),
        ] {
            let outcome = try await goOn(
                scene, storing: storing, before: before, [scene.count, scene.insert(2)],
                and: [scene.count, scene.insert(3)])
            let error = try #require(outcome.error)
            #expect(error.sqlState == state && error.kind == .server && !error.isOutcomeUnknown)
            #expect(outcome.committed == 0 && !outcome.wasAnswered)
            #expect(try await scene.stored() == [])
            #expect(try await scene.ran() == 0)
            // It may still hold the lock for its session: it is given up, and with it the lock.
            try scene.untilFree()
            while try await isAlive(outcome.process, scene) {}
        }
    }

    /// Whether a connection is still there.
    private func isAlive(_ process: Int, _ scene: Scene) async throws -> Bool {
        let watcher = try scene.watcher()
        return try !watcher.query(
            "SELECT FROM pg_stat_activity WHERE pid = $1", [.int(Int64(process))]
        ).isEmpty
    }

    @Test func `what fails behind the COMMIT undoes the next transaction alone`() async throws {
        struct Case {
            let first: [String]
            let second: [String]
            var stops = false
            let state: String?
            let ran: Int
        }
        let scene = try await Scene(40)
        let fine = [scene.count, scene.insert(2)]
        var ran = 0
        for (number, it) in [
            Case(first: fine + ["SELECT 1 / 0"], second: [scene.count], state: "22012", ran: 1),
            Case(first: ["SELEC 1"], second: [scene.count], state: "42601", ran: 0),
            Case(first: fine, second: [scene.count, "SELECT 1 / 0"], state: "22012", ran: 2),
            Case(first: fine, second: [scene.count, scene.insert(3)], stops: true, state: nil, ran: 2),
            Case(first: fine, second: [scene.insert(2)], state: "23505", ran: 1),
        ].enumerated() {
            let outcome = try await goOn(
                scene, storing: [100 + number], it.first, and: it.second,
                meanwhile: { if it.stops { throw Stop() } })
            #expect(outcome.error?.sqlState == it.state && outcome.error?.isOutcomeUnknown != true)
            #expect(outcome.committed == 1)
            ran += it.ran
            #expect(try await scene.ran() == ran)
            #expect(try await scene.stored() == (0...number).map { 100 + $0 })
            try scene.untilFree()
        }
    }

    @Test func `a connection lost before COMMIT is answered leaves open what became of it`() async throws {
        let scene = try await Scene(50)
        try await scene.pool.withSession { session in
            try session.script(
                """
                CREATE TABLE slow (n int);
                CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS
                    $$ BEGIN PERFORM pg_advisory_xact_lock(\(scene.gate)); RETURN NULL; END $$;
                CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON slow DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION wait()
                """)
        }
        let killer = Task {
            let killer = try scene.watcher()
            try killer.query("SELECT pg_advisory_lock($1)", [.int(scene.gate)])
            try scene.untilAwaited(scene.gate, by: killer)
            try killer.query(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE objid = $1 AND NOT granted",
                [.int(scene.gate)])
        }
        // The killer has the gate.
        let watcher = try scene.watcher()
        while try watcher.query("SELECT FROM pg_locks WHERE objid = $1 AND granted", [.int(scene.gate)])
            .isEmpty
        {}
        let outcome = try await goOn(
            scene, before: ["INSERT INTO slow VALUES (1)"], [scene.count], and: [scene.count])
        try await killer.value
        let error = try #require(outcome.error)
        #expect(error.isOutcomeUnknown && error.isConnectionFailure)
        #expect(outcome.committed == 0 && !outcome.wasAnswered)
        #expect(try await scene.stored() == [])
        #expect(try await scene.ran() == 0)
        try scene.untilFree()
    }

    @Test func `a connection lost behind COMMIT is lost, and what was stored is known`() async throws {
        let scene = try await Scene(60)
        let holder = try scene.watcher()
        try holder.query("SELECT pg_advisory_lock($1)", [.int(scene.gate)])
        let outcome = try await goOn(
            scene, [scene.insert(2)], and: [scene.wait, scene.insert(3)],
            committed: {
                let watcher = try scene.watcher()
                try scene.untilAwaited(scene.gate, by: watcher)
                try watcher.query(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE objid = $1 AND NOT granted",
                    [.int(scene.gate)])
            })
        let error = try #require(outcome.error)
        #expect(error.isConnectionFailure && !error.isOutcomeUnknown)
        #expect(outcome.committed == 1)
        #expect(try await scene.stored() == [1])
        try scene.untilFree()
    }

    @Test func `only an open transaction that is whole is committed so`() async throws {
        let scene = try await Scene(70)
        func misused(_ body: @escaping @Sendable (PostgresSession) throws -> Void) async throws {
            let error = await #expect(throws: PostgresError.self) { try await scene.pool.withSession(body) }
            #expect(error?.kind == .misuse)
        }
        let counting = [scene.count]
        @Sendable func goOn(_ session: PostgresSession) throws {
            _ = try session.commitAndRun(
                keepingLock: scene.key, Self.batch(counting), and: Self.batch(counting), committed: {},
                meanwhile: { _ in })
        }
        try await misused { session in try goOn(session) }
        try await misused { session in try session.transaction { try goOn(session) } }
        try await misused { session in
            try session.transaction {
                try session.execute(scene.insert(1))
                try session.savepoint { try goOn(session) }
            }
        }
        try await misused { session in
            try session.transaction {
                try session.execute(scene.insert(1))
                _ = try? session.query("SELECT 1 / 0")
                try goOn(session)
            }
        }
        try await misused { session in
            try session.transaction {
                try session.script("COMMIT")
                try goOn(session)
            }
        }
        // What is asked ahead of another batch wakes nobody.
        try await misused { session in
            try session.transaction {
                try session.execute(scene.insert(1))
                var first = PostgresBatch()
                first.add(PostgresReading<Void>(scene.count).notifying("other"))
                _ = try session.commitAndRun(
                    keepingLock: scene.key, first, and: PostgresBatch(), committed: {}, meanwhile: { _ in })
            }
        }
        // What cannot be sent is found before the COMMIT is.
        let unsendable = await #expect(throws: PostgresError.self) {
            try await scene.pool.transaction { session in
                try session.execute(scene.insert(1))
                var second = PostgresBatch()
                second.add(PostgresReading<Void>("SELECT $1::text", ["\0"]))
                _ = try session.commitAndRun(
                    keepingLock: scene.key, PostgresBatch(), and: second, committed: {}, meanwhile: { _ in })
            }
        }
        #expect(unsendable?.kind == .parameter && unsendable?.statementIndex == 0)
        #expect(try await scene.stored() == [])
        #expect(try await scene.ran() == 0)
    }
}
