import Console
import FoundationEssentials
import Glibc

/// Where migrations, templates and static files lie.
///
/// `COUNTERSIGN_RESOURCES` names the folder. Otherwise it is the nearest one above the program that has them (as where
/// it was built), `share/countersign` beside the program's folder (as where it was installed), or the working directory.
struct Resources: Sendable {
    let directory: String

    var migrations: String { "\(directory)/migrations" }
    var templates: String { "\(directory)/templates" }
    var staticFiles: String { "\(directory)/static" }

    static func find(_ given: String?) throws -> Resources {
        if let given {
            guard isComplete(given) else {
                throw ConfigurationError([
                    "COUNTERSIGN_RESOURCES names \(given), which has no migrations and templates."
                ])
            }
            return Resources(directory: given)
        }
        guard let directory = candidates.first(where: isComplete) else {
            throw ConfigurationError([
                "The folder with migrations, templates and static is not found above the program, in"
                    + " share/countersign or here; name it with COUNTERSIGN_RESOURCES."
            ])
        }
        return Resources(directory: directory)
    }

    private static var candidates: [String] {
        var above: [String] = []
        var path = programPath
        while let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            path = String(path[..<slash])
            above.append(path)
        }
        let installed = above.dropFirst().first.map { ["\($0)/share/countersign"] } ?? []
        return above + installed + [FileManager.default.currentDirectoryPath]
    }

    private static var programPath: String {
        guard let path = realpath("/proc/self/exe", nil) else { return "" }
        defer { free(path) }
        return String(cString: path)
    }

    private static func isComplete(_ directory: String) -> Bool {
        ["migrations/0001_foundation.sql", "templates"].allSatisfy {
            FileManager.default.fileExists(atPath: "\(directory)/\($0)")
        }
    }
}
