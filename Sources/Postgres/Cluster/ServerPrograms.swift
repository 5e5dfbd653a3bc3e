import FoundationEssentials
import Glibc

/// One installation of PostgreSQL's server programs.
struct ServerPrograms: Hashable {
    let directory: String
    let major: Int

    static let oldestMajor = 15
    private static let names = ["postgres", "initdb", "pg_ctl"]

    func path(_ name: String) -> String { "\(directory)/\(name)" }

    /// Where Debian installs each major version, then the PATH.
    static var usualDirectories: [String] {
        let debian = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: debian)) ?? []
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        return versions.map { "\(debian)/\($0)/bin" } + path.split(separator: ":").map(String.init)
    }

    /// The newest installation; or, where there is data already, the one of the same major version.
    static func find(in directories: [String], dataMajor: Int?) throws(ClusterError) -> ServerPrograms {
        var found: [ServerPrograms] = []
        for directory in directories {
            if let programs = try at(directory) { found.append(programs) }
        }
        guard let newest = found.max(by: { $0.major < $1.major }) else {
            throw ClusterError(
                .notInstalled,
                "PostgreSQL is not installed. Install it (apt-get install postgresql, \(oldestMajor) or newer), or"
                    + " give the URL of a server that runs elsewhere.")
        }
        guard let dataMajor else {
            guard newest.major >= oldestMajor else {
                throw ClusterError(
                    .tooOld, "PostgreSQL \(newest.major) is installed; \(oldestMajor) or newer is needed.")
            }
            return newest
        }
        guard let matching = found.first(where: { $0.major == dataMajor }) else {
            throw ClusterError(
                .versionMismatch,
                "The data was written by PostgreSQL \(dataMajor), but only \(newest.major) is installed. Install"
                    + " \(dataMajor) beside it, or convert the data with pg_upgrade.")
        }
        return matching
    }

    private static func at(_ directory: String) throws(ClusterError) -> ServerPrograms? {
        guard directory.hasPrefix("/"), names.allSatisfy({ access("\(directory)/\($0)", X_OK) == 0 }) else {
            return nil
        }
        // "postgres (PostgreSQL) 15.20 (Debian …)"
        let outcome = try ChildProcess.run(["\(directory)/postgres", "--version"])
        let words = outcome.output.split { $0 == " " || $0 == "." || $0 == "\n" }
        guard words.count >= 3, let major = Int(words[2].prefix { $0.isNumber }) else { return nil }
        return ServerPrograms(directory: directory, major: major)
    }
}
