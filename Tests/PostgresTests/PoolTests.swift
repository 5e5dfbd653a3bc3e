import Dispatch
import Postgres
import Support
import Testing

/// Holds the bodies that enter it until it is opened.
private final class Barrier: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    private let entered = Counter()

    func enter() {
        entered.add()
        semaphore.wait()
    }

    func open(_ count: Int) { for _ in 0..<count { semaphore.signal() } }
    func awaitEntered(_ count: Int) async { await until { self.entered.value >= count } }
}

/// Lets others run until the condition holds.
func until(_ condition: () -> Bool) async {
    while !condition() { await Task.yield() }
}

struct PoolTests {
    private func pool(size: Int, timeoutSeconds: Double = 30, maxWaiting: Int = 100) throws -> PostgresPool {
        PostgresPool(
            configuration: try TestDatabase.server(), size: size, acquireTimeoutSeconds: timeoutSeconds,
            maxWaiting: maxWaiting)
    }

    @Test(.timeLimit(.minutes(10))) func `a pool never uses more connections than its size`() async throws {
        let pool = try pool(size: 3)
        let backends = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<60 {
                group.addTask {
                    try await pool.withSession { session in
                        try session.query("SELECT pg_backend_pid() AS pid, pg_sleep(0.001)").only().int("pid")
                    }
                }
            }
            return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
        }
        #expect(backends.count <= 3)
        #expect(pool.load == PostgresPool.Load(size: 3, idle: 3, waiting: 0))
        await pool.close()
    }

    @Test(.timeLimit(.minutes(10)))
    func `background work takes no warm connection while there is another`() async throws {
        let pool = try pool(size: 3)
        let backend: @Sendable (PostgresSession) throws -> Int = { $0.processID }
        let warm = try await pool.withSession(backend)
        for _ in 0..<3 {
            let other = try await PostgresPool.$isInBackground.withValue(true) {
                // Also in what it starts.
                async let nested = pool.withSession(backend)
                return try await nested
            }
            #expect(other != warm)
            #expect(try await pool.withSession(backend) == warm)
        }
        // With a pool of one there is no other.
        let small = try self.pool(size: 1)
        let only = try await small.withSession(backend)
        let background = try await PostgresPool.$isInBackground.withValue(true) {
            try await small.withSession(backend)
        }
        #expect(background == only)
        await small.close()
        await pool.close()
    }

    @Test(.timeLimit(.minutes(10)))
    func `who waits too long is told that the pool is exhausted`() async throws {
        let pool = try pool(size: 1, timeoutSeconds: 0.05)
        let barrier = Barrier()
        async let holder: Void = pool.withSession { _ in barrier.enter() }
        await barrier.awaitEntered(1)
        for _ in 0..<2 {
            let error = try await #require(throws: PostgresError.self) { try await pool.ping() }
            #expect(error.kind == .poolExhausted)
        }
        barrier.open(1)
        try await holder
        try await pool.ping()
        await pool.close()
    }

    @Test(.timeLimit(.minutes(10))) func `the line has an end`() async throws {
        let pool = try pool(size: 1, maxWaiting: 1)
        let barrier = Barrier()
        async let holder: Void = pool.withSession { _ in barrier.enter() }
        await barrier.awaitEntered(1)
        async let waiter: Void = pool.ping()
        await until { pool.load.waiting == 1 }
        let error = try await #require(throws: PostgresError.self) { try await pool.ping() }
        #expect(error.kind == .poolExhausted)
        barrier.open(1)
        try await holder
        try await waiter
        await pool.close()
    }

    @Test(.timeLimit(.minutes(10))) func `waiters are served in the order they came`() async throws {
        let pool = try pool(size: 1)
        let barrier = Barrier()
        let served = Record<Int>()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await pool.withSession { _ in barrier.enter() } }
            await barrier.awaitEntered(1)
            for number in 0..<20 {
                group.addTask { try await pool.withSession { _ in served.add(number) } }
                await until { pool.load.waiting == number + 1 }
            }
            barrier.open(1)
            try await group.waitForAll()
        }
        #expect(served.all == Array(0..<20))
        await pool.close()
    }

    @Test(.timeLimit(.minutes(10))) func `a cancelled waiter leaves the line and takes no connection`()
        async throws
    {
        let pool = try pool(size: 1)
        let barrier = Barrier()
        async let holder: Void = pool.withSession { _ in barrier.enter() }
        await barrier.awaitEntered(1)
        let ran = Counter()
        let cancelled = Task { try await pool.withSession { _ in ran.add() } }
        await until { pool.load.waiting == 1 }
        async let next: Void = pool.ping()
        await until { pool.load.waiting == 2 }
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        barrier.open(1)
        try await holder
        try await next
        #expect(ran.value == 0)
        #expect(pool.load == PostgresPool.Load(size: 1, idle: 1, waiting: 0))
        await pool.close()
    }

    @Test(.timeLimit(.minutes(10))) func `cancelling at any moment loses no connection`() async throws {
        let pool = try pool(size: 2)
        var random = SplitMix64.announced()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<300 {
                let task = Task { try await pool.ping() }
                let yields = Int.random(in: 0..<20, using: &random)
                group.addTask {
                    for _ in 0..<yields { await Task.yield() }
                    task.cancel()
                    _ = try? await task.value
                }
            }
        }
        #expect(pool.load == PostgresPool.Load(size: 2, idle: 2, waiting: 0), "seed \(random.seed)")
        try await pool.ping()
        await pool.close()
    }

    @Test(.timeLimit(.minutes(10))) func `a terminated connection is replaced by itself`() async throws {
        let pool = try pool(size: 2)
        let victim = try await pool.withSession { $0.processID }
        try await terminate(victim)
        #expect(try await pool.withSession { try $0.query("SELECT 1 AS one").only().int("one") } == 1)
        #expect(try await pool.withSession { $0.processID } != victim)
        let error = try await #require(throws: PostgresError.self) {
            try await pool.transaction { session in
                try session.query("SELECT pg_terminate_backend(pg_backend_pid())")
            }
        }
        #expect(error.isConnectionFailure)
        try await pool.ping()
        await pool.close()
    }

    private func terminate(_ processID: Int) async throws {
        let killer = try pool(size: 1)
        try await killer.withSession { session in
            try session.query("SELECT pg_terminate_backend($1, 5000)", [.int(Int64(processID))])
        }
        await killer.close()
    }

    @Test(.timeLimit(.minutes(10))) func `without a server requests fail at once with kind connection`()
        async throws
    {
        var configuration = PostgresConfiguration(
            connectionString: "postgresql://nobody:hidden-word@127.0.0.1:1/none")
        configuration.connectBackoffMilliseconds = 60_000
        let pool = PostgresPool(configuration: configuration, size: 2)
        for _ in 0..<50 {
            let error = try await #require(throws: PostgresError.self) { try await pool.ping() }
            #expect(error.isConnectionFailure && !error.description.contains("hidden-word"))
        }
        await pool.close()
    }

    @Test func `a malformed connection string is not repeated in the error`() throws {
        for string in [
            "postgresql://u:hidden-word@[::1/x", "postgresql://u:hidden-word@h/x?sslmodus=1", "hidden-word",
        ] {
            let configuration = PostgresConfiguration(connectionString: string)
            let error = try #require(throws: PostgresError.self) { try configuration.validate() }
            #expect(!"\(error)\(error.detail ?? "")".contains("hidden-word"))
        }
    }

    @TaskLocal private static var request = "none"

    @Test func `task-local values reach the body`() async throws {
        let pool = try pool(size: 1)
        let seen = try await Self.$request.withValue("r-1") {
            try await pool.withSession { _ in Self.request }
        }
        #expect(seen == "r-1")
        await pool.close()
    }

    @Test(.timeLimit(.minutes(10))) func `closing waits for bodies, refuses newcomers and wakes waiters`()
        async throws
    {
        let pool = try pool(size: 1)
        let barrier = Barrier()
        async let holder: Int = pool.withSession { session in
            barrier.enter()
            return try session.query("SELECT 7 AS n").only().int("n")
        }
        await barrier.awaitEntered(1)
        let waiter = Task { try await pool.ping() }
        await until { pool.load.waiting == 1 }
        async let closing: Void = pool.close()
        let woken = try await #require(throws: PostgresError.self) { try await waiter.value }
        #expect(woken.kind == .closed)
        barrier.open(1)
        #expect(try await holder == 7)
        await closing
        let error = try await #require(throws: PostgresError.self) { try await pool.ping() }
        #expect(error.kind == .closed)
    }
}
