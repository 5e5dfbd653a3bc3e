import Glibc

/// The account that owns and runs a cluster: ours, or another one where we are root.
struct ClusterOwner {
    let name: String
    let userID: uid_t
    let groupID: gid_t
    /// What to put before a command so that it runs as the owner; empty where we are the owner.
    private let prefix: [String]

    enum Switch: String, CaseIterable {
        case setpriv, runuser, su

        var path: String? {
            ["/usr/bin", "/usr/sbin", "/bin", "/sbin"].map { "\($0)/\(rawValue)" }.first {
                access($0, X_OK) == 0
            }
        }

        func prefix(path: String, user: String) -> [String] {
            switch self {
            case .setpriv: [path, "--reuid=\(user)", "--regid=\(user)", "--init-groups", "--"]
            case .runuser: [path, "-u", user, "--"]
            case .su: [path, "-s", "/bin/sh", "-c", "exec \"$0\" \"$@\"", user, "--"]
            }
        }
    }

    /// The owner of the data where there is some; otherwise ourselves, or as root the user `postgres`.
    ///
    /// PostgreSQL refuses to run as root.
    init(dataOwner: uid_t?, switches: [Switch] = Switch.allCases) throws(ClusterError) {
        let ourselves = geteuid()
        let wanted: uid_t
        if let dataOwner, dataOwner != 0 {
            wanted = dataOwner
        } else if ourselves != 0 {
            wanted = ourselves
        } else if let user = getpwnam("postgres") {
            wanted = user.pointee.pw_uid
        } else {
            throw ClusterError(
                .noUser,
                "PostgreSQL does not run as root, and there is no user postgres to run it as. Create one (adduser"
                    + " --system --group postgres), or start this program as an ordinary user.")
        }
        let entry = getpwuid(wanted)
        userID = wanted
        groupID = entry?.pointee.pw_gid ?? getegid()
        name = entry.map { String(cString: $0.pointee.pw_name) } ?? "\(wanted)"
        if wanted == ourselves {
            prefix = []
            return
        }
        guard ourselves == 0 else {
            throw ClusterError(
                .badDirectory,
                "The database's files belong to \(name). Start this program as \(name) or as root, or choose"
                    + " another directory.")
        }
        prefix = try Self.prefix(user: name, switches)
    }

    private static func prefix(user: String, _ switches: [Switch]) throws(ClusterError) -> [String] {
        for candidate in switches {
            if let path = candidate.path { return candidate.prefix(path: path, user: user) }
        }
        throw ClusterError(
            .noUserSwitch,
            "Running PostgreSQL as \(user) needs setpriv, runuser or su; install util-linux, or start this program"
                + " as an ordinary user.")
    }

    var isOurselves: Bool { prefix.isEmpty }

    func run(_ arguments: [String], input: String = "") throws(ClusterError) -> ChildProcess.Outcome {
        try ChildProcess.run(prefix + arguments, input: input)
    }

    /// Runs a shell script as the owner, with `$1`, `$2`, … as given.
    @discardableResult
    func shell(
        _ script: String, _ arguments: [String], input: String = "", toDo what: String
    ) throws(ClusterError) -> String {
        let outcome = try run(
            ["/bin/sh", "-c", "umask 077; set -e; \(script)", "sh"] + arguments, input: input)
        guard outcome.isSuccess else {
            throw ClusterError(.commandFailed, "Could not \(what): \(outcome.output.lastLines(3))")
        }
        return outcome.output
    }

    func can(_ script: String, _ argument: String) throws(ClusterError) -> Bool {
        try run(["/bin/sh", "-c", script, "sh", argument]).isSuccess
    }
}

extension String {
    /// The last lines in one, for messages.
    func lastLines(_ count: Int) -> String {
        split(separator: "\n").suffix(count).joined(separator: " ")
    }
}
