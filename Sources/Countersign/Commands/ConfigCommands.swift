import Console
import Domain
import Gate
import JSON
import Postgres
import Store

/// `config check`: everything that can be found out about the configuration.
enum ConfigCommands {
    static let all = [check]

    private static let check = Command(
        CommandShape(
            "config check", "Looks at the configuration and prints every finding.",
            options: [.init("for", "PROCESS", "server (default), worker or client")], printsData: true,
            notes: settingsHelp
                + "\n\nExit code 2 where something is wrong with the settings, 1 where the database is.")
    ) { call in
        var reader = SettingsReader(call.rawSettings)
        var findings: [Finding] = []
        var database: DatabaseSettings?
        switch call.invocation.value("for") ?? "server" {
        case "server": database = ServerSettings(&reader).database
        case "worker":
            let settings = WorkerSettings(&reader)
            if reader.problems.isEmpty {
                let look = WorkerProcess.look(at: settings)
                findings +=
                    look.problems.map { Finding("problem", $0) } + look.notes.map { Finding("note", $0) }
            }
        case "client": _ = ClientSettings(&reader)
        case let other:
            throw UsageError("--for takes server, worker or client, not \(other).", command: "config check")
        }
        findings += reader.problems.map { Finding("problem", $0) } + reader.notes.map { Finding("note", $0) }
        let hasProblems = findings.contains { $0.kind == "problem" }
        if let database, !hasProblems { findings += await look(at: database) }
        show(findings, call)
        if hasProblems { return .usage }
        return findings.contains { $0.kind == "problem" } ? .failed : .done
    }

    private struct Finding {
        let kind: String
        let words: String

        init(_ kind: String, _ words: String) {
            self.kind = kind
            self.words = words
        }
    }

    private static func show(_ findings: [Finding], _ call: Call) {
        let json = findings.map { finding -> JSONValue in
            ["kind": .string(finding.kind), "detail": .string(finding.words)]
        }
        Output.show(["findings": .array(json)], asJSON: call.wantsJSON) {
            let lines = findings.map { "\($0.kind): \($0.words)" }
            let isFine = !findings.contains { $0.kind == "problem" }
            return (lines + [isFine ? "The configuration is in order." : "The configuration is wrong."])
                .joined(separator: "\n")
        }
    }

    /// The private database is looked at where it runs, and not started for that.
    private static func look(at settings: DatabaseSettings) async -> [Finding] {
        do {
            if case .embedded(let directory) = settings.database {
                let cluster = DatabaseGround.cluster(directory)
                switch try await cluster.status() {
                case .absent:
                    return [Finding("note", "The private database will be made in \(cluster.directory).")]
                case .stopped:
                    return [Finding("note", "The private database in \(cluster.directory) is stopped.")]
                case .running: break
                }
            }
            let ground = try await DatabaseGround.open(settings, applicationName: "countersign")
            let pending = try await ground.withOwner { pool in try await ground.migrations.pending(in: pool) }
            guard pending.isEmpty else {
                let count = counted(pending.count, "migration is", "migrations are")
                return [Finding("note", "\(count) pending: countersign migrate.")]
            }
            let gate = try await ground.gate(poolSize: 1)
            let stamp = try await Deployment(gate).find()
            let isRoleUsed = gate.pool.configuration.sessionRole != nil
            var findings = findings(stamp?.mode.rawValue, settings, isRoleUsed: isRoleUsed)
            do {
                try await ground.requireOwnKey(gate)
            } catch let error as ConfigurationError {
                findings += error.problems.map { Finding("problem", $0) }
            } catch {
                findings.append(Finding("problem", FailureText.of(error)))
            }
            await gate.pool.close()
            return findings
        } catch {
            return [Finding("problem", FailureText.of(error))]
        }
    }

    private static func findings(
        _ stamped: String?, _ settings: DatabaseSettings, isRoleUsed: Bool
    ) -> [Finding] {
        var findings = [Finding("ok", "The database can be reached and is up to date.")]
        if !isRoleUsed {
            findings.append(
                Finding(
                    "note",
                    "The program works in the role that owns the tables: triggers alone keep the record from being"
                        + " rewritten. Let a role that may create roles run countersign migrate once."))
        }
        if let stamped, stamped != settings.mode.rawValue {
            findings.append(
                Finding(
                    "problem",
                    "COUNTERSIGN_MODE is \(settings.mode.rawValue), but the database belongs to a \(stamped) account."
                ))
        }
        return findings
    }

    private static var settingsHelp: String {
        (["Settings:"]
            + Setting.all.map { "  \($0.name)\($0.isSecret ? " (or …_FILE)" : "")\n      \($0.help)" })
            .joined(separator: "\n")
    }
}
