import Console
import Domain
import JSON
import Postgres

/// `migrate`, `database status`, `database stop`.
enum DatabaseCommands {
    static let all = [migrate, status, stop]

    private static let migrate = Command(
        CommandShape(
            "migrate", "Sets the database up, or brings it up to date.", printsData: true,
            notes:
                "Without COUNTERSIGN_DATABASE_URL a private database is made and started first. Safe to run twice."
        )
    ) { call in
        let ground = try await call.ground()
        let applied = try await ground.migrate()
        let json: JSONValue = ["applied": .array(applied.map { .string($0.fileName) })]
        Output.show(json, asJSON: call.wantsJSON) {
            applied.isEmpty
                ? "The database is up to date."
                : "Applied \(applied.map(\.fileName).joined(separator: ", ")). The database is up to date."
        }
        return .done
    }

    private static let status = Command(
        CommandShape("database status", "Tells whether the private database runs.", printsData: true)
    ) { call in
        guard case .embedded(let directory) = try call.databaseSettings().database else {
            return try await remoteStatus(call)
        }
        let cluster = DatabaseGround.cluster(directory)
        let (word, json): (String, JSONValue)
        switch try await cluster.status() {
        case .absent: (word, json) = ("There is none yet in \(cluster.directory).", ["state": "absent"])
        case .stopped: (word, json) = ("Stopped; it lies in \(cluster.directory).", ["state": "stopped"])
        case .running(let processID, let connection):
            word =
                "Running as process \(processID); it lies in \(cluster.directory).\nConnect with: psql \"\(connection)\""
            json = ["state": "running", "pid": .integer(processID), "connection": .string(connection)]
        }
        Output.show(json, asJSON: call.wantsJSON) { word }
        return .done
    }

    private static let stop = Command(
        CommandShape(
            "database stop", "Stops the private database.",
            notes: "Open transactions are rolled back. The next command that needs it starts it again.")
    ) { call in
        guard case .embedded(let directory) = try call.databaseSettings().database else {
            throw CommandFailure(
                "COUNTERSIGN_DATABASE_URL names a database that is not this program's to stop.")
        }
        try await DatabaseGround.cluster(directory).stop()
        Output.say("The database is stopped.")
        return .done
    }

    private static func remoteStatus(_ call: Call) async throws -> ExitCode {
        let ground = try await call.ground()
        let pending = try await ground.withOwner { pool in try await ground.migrations.pending(in: pool) }
        let json: JSONValue = ["state": "reachable", "pending": .array(pending.map { .string($0.fileName) })]
        Output.show(json, asJSON: call.wantsJSON) {
            "The database of COUNTERSIGN_DATABASE_URL can be reached; "
                + (pending.isEmpty
                    ? "it is up to date."
                    : "\(counted(pending.count, "migration is", "migrations are")) pending.")
        }
        return .done
    }
}

extension Call {
    /// Which database, for commands that neither sign nor seal.
    func databaseSettings() throws -> DatabaseSettings {
        try settings { DatabaseSettings(&$0, needsKey: false) }
    }

    func ground() async throws -> DatabaseGround {
        try await DatabaseGround.open(databaseSettings(), applicationName: "countersign")
    }
}
