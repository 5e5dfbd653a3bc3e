import FoundationEssentials
import Support
import Testing

/// The house numbers, and words that have no place.
struct HouseRuleTests {
    @Test func `files are short`() {
        let long =
            SourceTree.sources.filter { $0.lines.count > 401 }
            + (SourceTree.tests + SourceTree.python).filter { $0.lines.count > 501 }
            + SourceTree.foreign.filter { $0.lines.count > 401 }
        #expect(long.isEmpty, "\(long.map { "\($0): \($0.lines.count) lines" })")
    }

    @Test func `half of the files have about a hundred lines or fewer`() throws {
        let counts = SourceTree.sources.map(\.lines.count).sorted()
        let median = try #require(counts.isEmpty ? nil : counts[counts.count / 2])
        #expect(median <= 120)
    }

    @Test(arguments: ["try!", "fatalError(", "as!", "unowned(unsafe)"])
    func `nothing crashes on input`(_ word: String) {
        let found = places(of: word, in: SourceTree.sources)
        #expect(found.isEmpty, "\(found)")
    }

    @Test func `work to do is written down in docs, not in the code`() {
        for word in ["TO" + "DO", "FIX" + "ME"] {
            let found = (SourceTree.sources + SourceTree.tests + SourceTree.python).filter { file in
                file.text.contains(word)
            }
            #expect(found.isEmpty, "\(word): \(found)")
        }
    }

    @Test(arguments: ["Manager", "Helper", "Utils", "Common"])
    func `names say what a thing is`(_ word: String) {
        let found = (SourceTree.sources + SourceTree.tests).filter { file in
            file.path.split(separator: "/").last.map { $0.contains(word) } ?? false
        }
        #expect(found.isEmpty, "\(found)")
    }

    @Test func `there is no file main.swift, where callbacks of C would crash on their threads`() {
        #expect(!SourceTree.sources.contains { $0.path.hasSuffix("/main.swift") })
    }

    @Test func `no file knows the machine it was written on`() {
        let files =
            SourceTree.sources + SourceTree.tests + SourceTree.python
            + SourceTree.files(below: "ops", suffixes: [""])
            + SourceTree.files(below: "docs", suffixes: [".md"])
            + SourceTree.files(below: "migrations", suffixes: [".sql"])
        let found = files.filter { $0.text.contains(Repository.root + "/") }
        #expect(found.isEmpty, "\(found)")
    }

    @Test func `things are counted in one way`() {
        let found = SourceTree.sources.filter { $0.text.contains("func counted(_ count:") }
        #expect(found.map(\.path) == ["Sources/Domain/Values/CountText.swift"])
        #expect(SourceTree.sources.filter { $0.text.contains("\"do not apply\"") }.count == 1)
    }

    @Test func `a free port is found in one way`() {
        let found = SourceTree.python.filter { $0.text.contains("def free_port(") }
        #expect(found.map(\.path) == ["Tests/acceptance/harness/ports.py"])
    }

    @Test func `shell scripts stop at the first failure and can be run`() {
        for file in SourceTree.files(below: "ops", suffixes: [""]) where file.text.hasPrefix("#!") {
            #expect(file.text.contains("set -euo pipefail"), "\(file)")
            #expect(FileManager.default.isExecutableFile(atPath: "\(Repository.root)/\(file)"), "\(file)")
        }
    }

    private func places(of word: String, in files: [SourceFile]) -> [String] {
        files.flatMap { file in
            file.code.compactMap { number, line in line.contains(word) ? "\(file):\(number)" : nil }
        }
    }
}
