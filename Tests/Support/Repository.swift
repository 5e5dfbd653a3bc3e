import FoundationEssentials

/// Where the files of this repository lie while its tests run.
package enum Repository {
    /// The directory that holds Package.swift, without a slash at the end.
    package static let root: String = {
        var path = #filePath
        while let slash = path.lastIndex(of: "/") {
            path = String(path[..<slash])
            if FileManager.default.fileExists(atPath: "\(path)/Package.swift") { return path }
        }
        return "."
    }()

    /// The directory of the product's migrations.
    package static var migrations: String { "\(root)/migrations" }
}
