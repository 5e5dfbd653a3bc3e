import FoundationEssentials
import Support

/// One file of the repository, as the tidy tests read it.
struct SourceFile: Sendable, CustomStringConvertible {
    /// Relative to the repository: `Sources/Gate/Base/Refusal.swift`.
    let path: String
    let text: String

    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

    /// The lines with what follows `//` cut off, numbered from 1.
    var code: [(number: Int, line: Substring)] {
        lines.enumerated().map { number, line in
            guard let comment = line.firstRange(of: "//"), !line[..<comment.lowerBound].hasSuffix(":") else {
                return (number + 1, line)
            }
            return (number + 1, line[..<comment.lowerBound])
        }
    }

    /// The second folder of the path: the target.
    var target: String { String(path.split(separator: "/").dropFirst().first ?? "") }

    /// The modules that the file imports.
    var imports: [String] {
        code.compactMap { _, line in
            var words = line.split(separator: " ").filter { !$0.hasPrefix("@") }
            if let first = words.first, ["package", "public", "internal", "private"].contains(first) {
                words.removeFirst()
            }
            guard words.first == "import", words.count > 1 else { return nil }
            let module =
                ["struct", "class", "enum", "func", "let"].contains(words[1]) ? words.last : words[1]
            return module.flatMap { $0.split(separator: ".").first }.map(String.init)
        }
    }

    var description: String { path }
}

/// The repository's files.
enum SourceTree {
    static let sources = files(below: "Sources", suffixes: [".swift"])
    static let tests = files(below: "Tests", suffixes: [".swift"])
    static let python = files(below: "Tests", suffixes: [".py"])
    static let foreign = files(below: "Sources", suffixes: [".h", ".cc", ".c"])

    /// The files below a folder, by path.
    static func files(below folder: String, suffixes: [String]) -> [SourceFile] {
        let root = "\(Repository.root)/\(folder)"
        let paths = (try? FileManager.default.subpathsOfDirectory(atPath: root)) ?? []
        return paths.filter { path in suffixes.contains { path.hasSuffix($0) } }.sorted().compactMap { path in
            let text = try? String(contentsOfFile: "\(root)/\(path)", encoding: .utf8)
            return text.map { SourceFile(path: "\(folder)/\(path)", text: $0) }
        }
    }
}
