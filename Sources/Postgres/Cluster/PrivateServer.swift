import Dispatch
import FoundationEssentials
import Glibc

/// The steps of making, starting and stopping one cluster; the caller holds its lock.
struct PrivateServer {
    let place: ClusterPlace
    let programs: ServerPrograms
    let owner: ClusterOwner

    private static let superuser = "postgres"
    private static let port = 5432
    /// From here on the log of earlier runs is put aside at a start.
    private static let maxLogBytes = 10_000_000

    // MARK: making

    /// Makes the data directory beside its final place and moves it there once it is whole.
    func makeIfNeeded() throws(ClusterError) {
        guard access("\(place.data)/PG_VERSION", F_OK) != 0 else { return }
        let draft = "\(place.root)/data.new"
        try owner.shell("rm -rf \"$1\"", [draft], toDo: "clear what an interrupted start left in \(draft)")
        let outcome = try owner.run([
            programs.path("initdb"), "--pgdata=\(draft)", "--username=\(Self.superuser)",
            "--auth-local=trust",
            "--auth-host=reject", "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums",
            "--no-instructions",
        ])
        guard outcome.isSuccess else {
            throw ClusterError(
                .commandFailed,
                "The database could not be made in \(place.root): \(outcome.output.lastLines(3))")
        }
        try owner.shell(
            "cat >> \"$1/postgresql.conf\"; : > \"$1/private.conf\"; mv -T \"$1\" \"$2\"",
            [draft, place.data],
            input: "\n# Written anew at each start.\ninclude 'private.conf'\n",
            toDo: "put the database in place")
    }

    func makeDatabase(_ name: String) throws(ClusterError) {
        do {
            let session = try PostgresSession(configuration("postgres"))
            let found = try session.query("SELECT 1 FROM pg_database WHERE datname = $1", [.text(name)])
            if found.isEmpty { try session.script("CREATE DATABASE \(SQLText.identifier(name))") }
        } catch  where error.sqlState == "42P04" {
            return
        } catch {
            throw ClusterError(
                .startFailed, "The server runs, but the database \(name) cannot be made: \(error)")
        }
    }

    // MARK: running

    /// Starts the server unless it runs, and waits until it takes connections.
    func run(timeoutSeconds: Int) throws(ClusterError) {
        var lastFailure: ClusterError?
        let deadline = DispatchTime.now() + .seconds(timeoutSeconds)
        while DispatchTime.now() < deadline {
            if isReady { return }
            if try isProcessAlive() {
                // Starting, recovering or shutting down: it will say.
                usleep(100_000)
                continue
            }
            do {
                try launch(timeoutSeconds: timeoutSeconds)
            } catch {
                // After a kill -9 the server's children need a moment to notice and go.
                guard error.message.contains("still in use") else { throw error }
                lastFailure = error
                usleep(100_000)
            }
        }
        throw lastFailure
            ?? ClusterError(
                .startFailed, "The database did not come up in \(timeoutSeconds) s; see \(place.log).")
    }

    func stop() throws(ClusterError) {
        guard try isProcessAlive() else { return }
        let outcome = try owner.run([
            programs.path("pg_ctl"), "stop", "--pgdata=\(place.data)", "--mode=fast", "--wait",
            "--timeout=60",
            "--silent",
        ])
        guard outcome.isSuccess else {
            throw ClusterError(.commandFailed, "The database does not stop: \(outcome.output.lastLines(3))")
        }
    }

    /// True where the server answers on the socket.
    var isReady: Bool { ConnectionHandle.isServerReady(configuration("postgres")) }

    /// The server's process as it noted it, alive or not.
    var recordedProcessID: Int? { pidFile.first.flatMap { Int($0) } }

    func connectionString(_ database: String) -> String {
        // A running server may have been started with another directory for its socket.
        let recorded = pidFile.count > 4 && pidFile[4].hasPrefix("/") ? pidFile[4] : place.socketDirectory
        return PostgresConfiguration.words([
            ("host", recorded), ("port", "\(Self.port)"), ("user", Self.superuser), ("dbname", database),
        ])
    }

    private func configuration(_ database: String) -> PostgresConfiguration {
        var configuration = PostgresConfiguration(connectionString: connectionString(database))
        configuration.statementTimeoutMilliseconds = 0
        return configuration
    }

    private var pidFile: [String] { Self.lines("\(place.data)/postmaster.pid") }

    private static func lines(_ path: String) -> [String] {
        let text = try? String(contentsOfFile: path, encoding: .utf8)
        return text?.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) ?? []
    }

    /// Whether the noted process is there and is this cluster's server.
    ///
    /// PostgreSQL only looks whether a process has the noted number. After a restart of the machine or
    /// container that may be somebody else's, and where nobody collects the dead, the killed server's own:
    /// it would refuse to start for ever. Such notes are taken away. Should children of a killed server
    /// still be at work, the next one finds their shared memory and waits.
    private func isProcessAlive() throws(ClusterError) -> Bool {
        for note in ["\(place.data)/postmaster.pid", "\(place.socketDirectory)/.s.PGSQL.\(Self.port).lock"] {
            guard let processID = Self.lines(note).first.flatMap({ pid_t($0) }), processID > 0,
                kill(processID, 0) == 0 || errno == EPERM
            else { continue }
            // Asked as the owner, who may look at its own processes even where root may not.
            let outcome = try owner.run(["/bin/sh", "-c", "readlink \"/proc/$1/cwd\"", "sh", "\(processID)"])
            if outcome.output.lastLines(1) == ClusterPlace.absolute(place.data) { return true }
            try owner.shell("rm -f \"$1\"", [note], toDo: "clear the note of an earlier run")
        }
        return false
    }

    private func launch(timeoutSeconds: Int) throws(ClusterError) {
        try makeSocketDirectory()
        try owner.shell(
            "cat > \"$1.new\"; mv -T \"$1.new\" \"$1\"", ["\(place.data)/private.conf"], input: settings,
            toDo: "write the settings")
        try owner.shell(
            "if [ -e \"$1\" ] && [ \"$(wc -c < \"$1\")\" -gt \"$2\" ]; then mv -T \"$1\" \"$1.1\"; fi",
            [place.log, "\(Self.maxLogBytes)"], toDo: "put the old log aside")
        let outcome = try owner.run([
            programs.path("pg_ctl"), "start", "--pgdata=\(place.data)", "--log=\(place.log)", "--wait",
            "--timeout=\(timeoutSeconds)", "--silent",
        ])
        guard outcome.isSuccess else {
            let log = (try? String(contentsOfFile: place.log, encoding: .utf8)) ?? ""
            throw ClusterError(
                .startFailed,
                "The database does not start: \(outcome.output.lastLines(1)) Its log \(place.log) ends with:"
                    + " \(log.lastLines(4))")
        }
    }

    private func makeSocketDirectory() throws(ClusterError) {
        let directory = place.socketDirectory
        if !owner.isOurselves, !directory.hasPrefix(place.root), mkdir(directory, 0o700) == 0 {
            _ = lchown(directory, owner.userID, owner.groupID)
        }
        // Somebody else may have made it, in /tmp for one: then nothing of ours goes there.
        try owner.shell(
            "mkdir -p \"$1\"; test ! -L \"$1\"; test -O \"$1\"; chmod 700 \"$1\"", [directory],
            toDo: "make \(directory) a directory that only \(owner.name) may enter")
    }

    private var settings: String {
        """
        listen_addresses = ''
        unix_socket_directories = \(SQLText.literal("\"\(place.socketDirectory)\""))
        unix_socket_permissions = 0700
        port = \(Self.port)
        max_connections = 100
        shared_buffers = \(MachineMemory.sharedBufferMegabytes(of: MachineMemory.bytes))MB
        fsync = on
        synchronous_commit = on
        full_page_writes = on
        timezone = 'UTC'
        log_timezone = 'UTC'
        lc_messages = 'C'
        logging_collector = off
        # Errors of statements reach the program that sent them; here they would show data.
        log_min_messages = log
        log_checkpoints = off
        jit = off

        """
    }
}
