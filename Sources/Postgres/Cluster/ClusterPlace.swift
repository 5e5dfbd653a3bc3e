import FoundationEssentials
import Glibc

/// Where a cluster's files lie.
///
/// Usually in the directory asked for. As root it may be that the user `postgres` cannot get there, such as
/// below /root: then they lie below /var/lib/postgresql, and a file `location` in the directory says where.
struct ClusterPlace {
    /// The directory asked for: holds the lock and perhaps `location`.
    let directory: String
    /// What really holds the data, the log and usually the socket.
    let root: String

    var data: String { "\(root)/data" }
    var log: String { "\(root)/server.log" }

    static func lockPath(_ directory: String) -> String { "\(directory)/lock" }

    /// The address of a unix socket has room for 107 bytes; `/.s.PGSQL.5432` takes 14 of them.
    static let maxSocketDirectoryBytes = 90

    /// The directory for the socket: beside the data, or a short path where that is too long.
    var socketDirectory: String {
        let beside = "\(root)/socket"
        if beside.utf8.count <= Self.maxSocketDirectoryBytes { return beside }
        let base = geteuid() == 0 && access("/run", W_OK) == 0 ? "/run" : "/tmp"
        return "\(base)/pg-\(Self.fingerprint(root))"
    }

    /// An absolute path without `.`, `..` and links, made with what is there.
    static func absolute(_ path: String) -> String {
        let path = path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
        guard let real = realpath(path, nil) else { return URL(filePath: path).standardizedFileURL.path }
        defer { free(real) }
        return String(cString: real)
    }

    /// Finds a cluster made earlier; nil where there is none.
    static func existing(_ directory: String) -> ClusterPlace? {
        let moved = try? String(contentsOfFile: "\(directory)/location", encoding: .utf8)
        let root = moved?.split(separator: "\n").first.map(String.init) ?? directory
        let place = ClusterPlace(directory: directory, root: root)
        return access("\(place.data)/PG_VERSION", F_OK) == 0 ? place : nil
    }

    /// Finds room for a new cluster that its owner can reach.
    static func make(_ directory: String, owner: ClusterOwner) throws(ClusterError) -> ClusterPlace {
        if owner.isOurselves { return ClusterPlace(directory: directory, root: directory) }
        if try owner.can("cd \"$1\"", directory) {
            guard chown(directory, owner.userID, owner.groupID) == 0, chmod(directory, 0o700) == 0 else {
                throw ClusterError(.badDirectory, "\(directory) cannot be handed over to \(owner.name).")
            }
            return ClusterPlace(directory: directory, root: directory)
        }
        let root = "/var/lib/postgresql/private-\(fingerprint(directory))"
        guard try owner.can("umask 077; mkdir -p \"$1\" && test -O \"$1\" && chmod 700 \"$1\"", root) else {
            throw ClusterError(
                .badDirectory,
                "The user \(owner.name) can reach neither \(directory) nor \(root). Let others pass the directories"
                    + " above one of them (chmod o+x), or start this program as an ordinary user.")
        }
        if try owner.can("test -e \"$1\"", "\(root)/data/PG_VERSION") {
            // The note is written before the database is made, so the directory was deleted, or its note was.
            throw ClusterError(
                .badDirectory,
                "\(root) has a database that an earlier \(directory) left behind; whether it is still wanted, nobody here knows."
                    + " To go on with it, and with its secret key: `echo \(root) > \(directory)/location`."
                    + " To begin anew: `pkill -INT -f \(root)/data; rm -rf \(root)`.")
        }
        do {
            let note =
                "\(root)\nThe database's files lie there: \(owner.name), who runs it, cannot get here.\n"
            try note.write(toFile: "\(directory)/location", atomically: true, encoding: .utf8)
        } catch {
            throw ClusterError(.badDirectory, "\(directory) cannot be written to.")
        }
        return ClusterPlace(directory: directory, root: root)
    }

    /// FNV-1a: short, and the same at every start.
    private static func fingerprint(_ text: String) -> String {
        let hash = text.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return String(hash, radix: 36)
    }
}
