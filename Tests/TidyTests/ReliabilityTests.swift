import FoundationEssentials
import Testing

/// The table of `docs/reliability.md` that says which tests attack which invariant must not name what is not there.
struct ReliabilityTests {
    static let page = SourceTree.files(below: "docs", suffixes: ["reliability.md"]).first

    /// The table's rows, by the invariant that they begin with.
    static let rows: [(invariant: String, names: [String])] = (page?.text ?? "").split(separator: "\n")
        .compactMap { line in
            guard line.hasPrefix("| I"), let end = line.dropFirst(2).firstIndex(of: " ") else { return nil }
            let parts = line.split(separator: "`", omittingEmptySubsequences: false)
            let names = parts.enumerated().filter { !$0.offset.isMultiple(of: 2) }.map { String($0.element) }
            return (String(line[line.index(line.startIndex, offsetBy: 2)..<end]), names)
        }

    @Test func `every invariant names tests that attack it`() {
        #expect(Self.rows.map(\.invariant) == (1...11).map { "I\($0)" })
        for row in Self.rows {
            #expect(row.names.count >= 2, "\(row.invariant) names \(row.names.count) tests")
        }
    }

    @Test func `every test that is named exists`() {
        let missing = Self.rows.flatMap(\.names).filter { !Self.exists($0) }
        #expect(missing.isEmpty, "\(missing.joined(separator: "\n"))")
    }

    private static func exists(_ name: String) -> Bool {
        if let mark = name.firstRange(of: "::") {
            return SourceTree.python.contains {
                $0.path.hasSuffix("/\(name[..<mark.lowerBound])")
                    && $0.text.contains("\ndef \(name[mark.upperBound...])(")
            }
        }
        guard let slash = name.firstIndex(of: "/") else { return false }
        return SourceTree.tests.contains {
            $0.path.hasSuffix("/\(name[..<slash]).swift")
                && $0.text.contains("func `\(name[name.index(after: slash)...])`")
        }
    }
}
