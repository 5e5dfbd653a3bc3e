import Postgres
import Support
import Testing

/// Waking listeners: in the transaction, or behind it on the pool's own connection.
struct NoticeTests {
    private func heard(
        _ notifiesAfterCommit: Bool,
        _ body: (PostgresPool, inout AsyncStream<PostgresListenerEvent>.Iterator) async throws -> Void
    ) async throws {
        try await withEmptyTestDatabase { plain in
            let pool = PostgresPool(
                configuration: plain.configuration, size: 2, notifiesAfterCommit: notifiesAfterCommit)
            let listener = PostgresListener(
                configuration: plain.configuration, channels: ["odd \"name\"", "other"])
            var events = listener.events().makeAsyncIterator()
            #expect(await events.next() == .listening)
            try await body(pool, &events)
            listener.stop()
            await pool.close()
        }
    }

    private func event(_ name: String) -> PostgresListenerEvent {
        .notification(PostgresNotification(channel: name, payload: ""))
    }

    @Test(.timeLimit(.minutes(10)), arguments: [false, true])
    func `a commit wakes, once for many wishes, and a rollback does not`(afterCommit: Bool) async throws {
        struct Stop: Error {}
        try await heard(afterCommit) { pool, events in
            await #expect(throws: Stop.self) {
                try await pool.transaction { session in
                    try session.query("SELECT 1")
                    try session.notify("odd \"name\"")
                    throw Stop()
                }
            }
            // The session that rolled back has forgotten it.
            try await pool.transaction { session in
                try session.query("SELECT 1")
                for _ in 1...3 { try session.notify("other") }
            }
            #expect(await events.next() == event("other"))
            try await pool.transaction { session in
                try session.query("SELECT 1")
                try session.notify("odd \"name\"")
            }
            #expect(await events.next() == event("odd \"name\""))
        }
    }

    @Test(.timeLimit(.minutes(10)), arguments: [false, true])
    func `a commit that goes on wakes once, and one that fails does not`(afterCommit: Bool) async throws {
        try await heard(afterCommit) { pool, events in
            try await pool.withSession {
                try $0.script("CREATE TABLE waking (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)")
            }
            @Sendable func hasWoken(_ watcher: PostgresSession) throws -> Bool {
                try !watcher.query(
                    "SELECT FROM pg_stat_activity WHERE query LIKE '%NOTIFY%' AND pid <> pg_backend_pid()"
                        + " AND datname = current_database()"
                ).isEmpty
            }
            @Sendable func goOn(_ session: PostgresSession, waking name: String? = nil) throws {
                var second = PostgresBatch()
                let reading = PostgresReading<Void>("SELECT 1")
                second.add(name.map { reading.notifying($0) } ?? reading)
                _ = try session.commitAndRun(
                    keepingLock: 1, PostgresBatch(), and: second, committed: {}, meanwhile: { _ in })
            }
            await #expect(throws: PostgresError.self) {
                try await pool.transaction { session in
                    try session.execute("INSERT INTO waking VALUES (1), (1)")
                    try session.notify("odd \"name\"")
                    try goOn(session)
                }
            }
            try await pool.transaction { session in
                try session.query("SELECT 1")
                for _ in 1...3 { try session.notify("other") }
                try goOn(session)
                // What was sent behind the commit would be sent twice here, not merged into one.
                let watcher = try PostgresSession.standalone(pool.configuration)
                while try afterCommit && !hasWoken(watcher) {}
                try goOn(session)
            }
            #expect(await events.next() == event("other"))
            try await pool.transaction { session in
                try session.query("SELECT 1")
                try goOn(session, waking: "odd \"name\"")
            }
            #expect(await events.next() == event("odd \"name\""))
        }
    }

    @Test(.timeLimit(.minutes(10)), arguments: [false, true])
    func `outside a transaction it wakes at once`(afterCommit: Bool) async throws {
        try await heard(afterCommit) { pool, events in
            try await pool.withSession { session in try session.notify("other") }
            #expect(await events.next() == event("other"))
        }
    }

    @Test(.timeLimit(.minutes(10))) func `a statement that returns nothing wakes nobody`() async throws {
        try await heard(true) { pool, events in
            try await pool.transaction { session in
                let none = PostgresReading<Void>("SELECT 1 WHERE false").notifying("odd \"name\"")
                let some = PostgresReading<Void>("SELECT 1").notifying("other")
                var batch = PostgresBatch()
                batch.add(none)
                batch.add(some)
                _ = try session.run(batch)
                try session.read(none)
            }
            #expect(await events.next() == event("other"))
        }
    }

    @Test(.timeLimit(.minutes(10))) func `what could not be sent is sent once the database is back`()
        async throws
    {
        try await heard(true) { pool, events in
            try await pool.transaction { session in
                try session.query("SELECT 1")
                try session.notify("other")
            }
            #expect(await events.next() == event("other"))
            try await pool.transaction { session in
                // The notifier's connection is the one whose last statement notified.
                try session.query(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE query LIKE '%NOTIFY%'"
                        + " AND pid <> pg_backend_pid() AND datname = current_database()")
                try session.notify("other")
            }
            #expect(await events.next() == event("other"))
        }
    }

    @Test(.timeLimit(.minutes(10))) func `closing the pool sends what still waits`() async throws {
        try await withEmptyTestDatabase { plain in
            let listener = PostgresListener(configuration: plain.configuration, channels: ["other"])
            var events = listener.events().makeAsyncIterator()
            #expect(await events.next() == .listening)
            let pool = PostgresPool(configuration: plain.configuration, size: 1, notifiesAfterCommit: true)
            try await pool.transaction { session in
                try session.query("SELECT 1")
                try session.notify("other")
            }
            await pool.close()
            #expect(await events.next() == event("other"))
            listener.stop()
        }
    }
}
