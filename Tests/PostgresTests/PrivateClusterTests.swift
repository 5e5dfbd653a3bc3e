import FoundationEssentials
import Glibc
import Support
import Testing

@testable import Postgres

private let isRoot = geteuid() == 0

/// Runs the body with a cluster of its own, which is stopped afterwards.
private func withCluster(
    in directory: TemporaryDirectory, _ path: String = "var/postgres",
    _ body: (PrivateCluster) async throws -> Void
) async throws {
    let cluster = PrivateCluster(directory: "\(directory.path)/\(path)", databaseName: "product")
    do {
        try await body(cluster)
    } catch {
        try? await cluster.stop()
        throw error
    }
    try await cluster.stop()
}

private func processID(_ cluster: PrivateCluster) async throws -> Int {
    guard case .running(let processID, _) = try await cluster.status() else { return 0 }
    return processID
}

private func pool(_ connectionString: String, size: Int = 2) -> PostgresPool {
    var configuration = PostgresConfiguration(connectionString: connectionString)
    configuration.connectBackoffMilliseconds = 10
    return PostgresPool(configuration: configuration, size: size, acquireTimeoutSeconds: 60)
}

@Suite(.serialized, .timeLimit(.minutes(10)))
struct PrivateClusterTests {
    @Test func `it is made once, by whoever comes first, and left to the owner alone`() async throws {
        let directory = try TemporaryDirectory(isOpen: true)
        try await withCluster(in: directory) { cluster in
            #expect(try await cluster.status() == .absent)
            let strings = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<4 { group.addTask { try await cluster.start() } }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            let string = try #require(strings.first)
            #expect(strings.count == 1)
            #expect(
                try await cluster.status()
                    == .running(processID: try await processID(cluster), connectionString: string))

            let pool = pool(string)
            let settings = try await pool.withSession { session in
                try ["data_checksums", "fsync", "synchronous_commit", "listen_addresses", "server_encoding"]
                    .map {
                        try session.query("SELECT current_setting($1) AS v", [.text($0)]).only().text("v")
                    }
            }
            #expect(settings == ["on", "on", "on", "", "UTF8"])
            try await pool.withSession { try $0.requireServer() }
            await pool.close()

            var facts = stat()
            for path in ["data", "socket"] {
                #expect(stat("\(cluster.directory)/\(path)", &facts) == 0 && facts.st_mode & 0o077 == 0)
                #expect(facts.st_uid != 0)
            }
            try await cluster.stop()
            #expect(try await cluster.status() == .stopped)
            try await cluster.stop()
        }
    }

    @Test func `a pool and a listener outlive a restart, and requests meanwhile fail at once`() async throws {
        let directory = try TemporaryDirectory(isOpen: true)
        try await withCluster(in: directory) { cluster in
            let string = try await cluster.start()
            let pool = pool(string)
            let listener = PostgresListener(configuration: pool.configuration, channels: ["c"])
            var events = listener.events().makeAsyncIterator()
            #expect(await events.next() == .listening)
            try await pool.ping()
            try await cluster.stop()
            for _ in 0..<20 {
                let error = try await #require(throws: PostgresError.self) { try await pool.ping() }
                #expect(error.isConnectionFailure)
            }
            #expect(try await cluster.start() == string)
            await until(everything: { try await pool.ping() })
            #expect(await events.next() == .reconnected)
            await pool.close()
        }
    }

    @Test func `after kill -9 it recovers what was committed`() async throws {
        let directory = try TemporaryDirectory(isOpen: true)
        try await withCluster(in: directory) { cluster in
            let string = try await cluster.start()
            let pool = pool(string)
            try await pool.withSession {
                try $0.script("CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)")
            }
            // A child busy at the time of the kill must not keep the next server from starting.
            async let busy: Void = pool.withSession { try $0.script("SELECT pg_sleep(600)") }
            await until(everything: {
                let isBusy = try await pool.withSession { session in
                    try session.query(
                        "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)' AND state = 'active'"
                    )
                    .count
                }
                guard isBusy > 0 else { throw CancellationError() }
            })
            #expect(kill(pid_t(try await processID(cluster)), SIGKILL) == 0)
            _ = try? await busy
            _ = try await cluster.start()
            await until(everything: { try await pool.ping() })
            #expect(try await pool.withSession { try $0.query("SELECT n FROM kept").count } == 1)
            await pool.close()
        }
    }

    @Test func `a process number that now belongs to another process does not block the start`() async throws
    {
        let directory = try TemporaryDirectory(isOpen: true)
        try await withCluster(in: directory) { cluster in
            _ = try await cluster.start()
            let file = "\(cluster.directory)/data/postmaster.pid"
            let note = try String(contentsOfFile: file, encoding: .utf8)
            try await cluster.stop()
            let owner = try ClusterOwner(dataOwner: nil)
            let other = try owner.shell("sleep 60 & echo $!", [], toDo: "start another process").lastLines(1)
            let rest = note.drop { $0 != "\n" }
            try owner.shell("cat > \"$1\"", [file], input: "\(other)\(rest)", toDo: "write the note")
            _ = try await cluster.start()
            #expect(try await processID(cluster) != Int(other))
            kill(try #require(pid_t(other)), SIGKILL)
        }
    }

    @Test func `a start that fails shows the log's last lines`() async throws {
        let directory = try TemporaryDirectory(isOpen: true)
        try await withCluster(in: directory) { cluster in
            _ = try await cluster.start()
            try await cluster.stop()
            let owner = try ClusterOwner(dataOwner: nil)
            let file = "\(cluster.directory)/data/postgresql.conf"
            try owner.shell("echo 'no_such_setting = 1' >> \"$1\"", [file], toDo: "break the settings")
            let error = try await #require(throws: ClusterError.self) { _ = try await cluster.start() }
            #expect(error.code == .startFailed && error.message.contains("no_such_setting"))
        }
    }

    @Test func `what an interrupted start left behind is cleared, and a long path is no obstacle`()
        async throws
    {
        let directory = try TemporaryDirectory(isOpen: true)
        let path = (1...4).map { "a_directory_with_a_long_name_\($0)" }.joined(separator: "/")
        try FileManager.default.createDirectory(
            atPath: "\(directory.path)/\(path)/data.new", withIntermediateDirectories: true)
        chmod("\(directory.path)/\(path)/data.new", 0o777)
        try await withCluster(in: directory, path) { cluster in
            let pool = pool(try await cluster.start())
            try await pool.ping()
            await pool.close()
            let socket = ClusterPlace(directory: "", root: cluster.directory).socketDirectory
            #expect(socket.utf8.count < 90)
            try await cluster.stop()
            try? FileManager.default.removeItem(atPath: socket)
        }
    }

    @Test(.enabled(if: isRoot, "only root may hand files to another user"))
    func `where the owner cannot pass, the files lie elsewhere and a note says where`() async throws {
        let directory = try TemporaryDirectory()
        try await withCluster(in: directory) { cluster in
            let string = try await cluster.start()
            let note = try String(contentsOfFile: "\(cluster.directory)/location", encoding: .utf8)
            let root = try #require(note.split(separator: "\n").first.map(String.init))
            defer { try? FileManager.default.removeItem(atPath: root) }
            #expect(root.hasPrefix("/var/lib/postgresql/private-") && string.contains(root))
            #expect(try await cluster.start() == string)

            // What an earlier life of the directory left is neither taken nor hidden.
            try FileManager.default.removeItem(atPath: "\(cluster.directory)/location")
            let left = try await refusal(cluster)
            #expect(left.code == .badDirectory)
            #expect(left.message.contains("echo \(root) > \(cluster.directory)/location"))
            try note.write(
                toFile: "\(cluster.directory)/location", atomically: true, encoding: .utf8)
            #expect(try await cluster.start() == string)
            try await cluster.stop()
        }
    }

    @Test(.enabled(if: isRoot, "only root may change the user"), arguments: ClusterOwner.Switch.allCases)
    func `commands run as the owner, with their arguments whole`(_ kind: ClusterOwner.Switch) throws {
        let owner = try ClusterOwner(dataOwner: nil, switches: [kind])
        #expect(owner.name == "postgres" && !owner.isOurselves)
        let outcome = try owner.run(
            ["/bin/sh", "-c", "id -un; cat; printf '%s|' \"$@\"", "sh", "a b", "", "-c", "$x'"], input: "in\n"
        )
        #expect(outcome.isSuccess && outcome.output == "postgres\nin\na b||-c|$x'|")
        #expect(try owner.run(["/bin/sh", "-c", "exit 7"]).status == 7)
    }

    @Test(.enabled(if: isRoot)) func `without a way to change the user the words say so`() throws {
        let error = try #require(throws: ClusterError.self) {
            _ = try ClusterOwner(dataOwner: nil, switches: [])
        }
        #expect(error.code == .noUserSwitch && error.message.contains("util-linux"))
    }

    @Test func `without PostgreSQL, or with another version than the data's, the words say what to do`()
        async throws
    {
        let directory = try TemporaryDirectory(isOpen: true)
        var cluster = PrivateCluster(directory: directory.path, databaseName: "product")
        let programs = cluster.programDirectories
        cluster.programDirectories = ["/nowhere", "relative"]
        let missing = try await refusal(cluster)
        #expect(missing.code == .notInstalled && missing.message.contains("apt-get install postgresql"))

        cluster.programDirectories = programs
        try FileManager.default.createDirectory(
            atPath: "\(directory.path)/data", withIntermediateDirectories: true)
        try directory.write("data/PG_VERSION", "9\n")
        let mismatch = try await refusal(cluster)
        #expect(mismatch.code == .versionMismatch && mismatch.message.contains("PostgreSQL 9"))
    }

    private func refusal(_ cluster: PrivateCluster) async throws -> ClusterError {
        try await #require(throws: ClusterError.self) { _ = try await cluster.start() }
    }

    @Test func `whoever is told to stop does not wait for a database that is coming up`() async throws {
        let directory = try TemporaryDirectory(isOpen: true)
        let cluster = PrivateCluster(directory: directory.path, databaseName: "x")
        let lock = try ClusterLock(path: ClusterPlace.lockPath(cluster.directory), timeoutSeconds: 1)
        let starting = Task { try await cluster.start() }
        starting.cancel()
        let error = await #expect(throws: ClusterError.self) { _ = try await starting.value }
        #expect(error?.code == .abandoned)
        _ = consume lock
    }

    @Test func `a lock held by another process is waited for only so long`() throws {
        let directory = try TemporaryDirectory()
        let lock = try ClusterLock(path: "\(directory.path)/lock", timeoutSeconds: 1)
        let error = try #require(throws: ClusterError.self) {
            _ = try ClusterLock(path: "\(directory.path)/lock", timeoutSeconds: 1)
        }
        #expect(error.code == .busy)
        _ = consume lock
        _ = try ClusterLock(path: "\(directory.path)/lock", timeoutSeconds: 1)
    }
}

/// Tries again, letting others run, until the body succeeds; the suite's time limit is the end.
private func until(everything body: () async throws -> Void) async {
    while (try? await body()) == nil { await Task.yield() }
}
