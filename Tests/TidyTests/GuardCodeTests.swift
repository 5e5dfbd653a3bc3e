import FoundationEssentials
import Support
import Testing

/// The SQLSTATEs of our own guards have one place in the program.
struct GuardCodeTests {
    private static let place = "Sources/Store/Base/DatabaseGuard.swift"

    @Test func `no literal of a guard's code stands elsewhere`() {
        let wrong = SourceTree.sources.filter { $0.text.contains("\"CS0") && $0.path != Self.place }
        #expect(wrong.isEmpty, "use DatabaseGuard: \(wrong)")
    }

    @Test func `every code that migrations raise has its sentence, and no other`() throws {
        let schema = try String(contentsOfFile: "\(Repository.root)/migrations/schema.sql", encoding: .utf8)
        let raised = Set(schema.matches(of: /'(CS[0-9]{3})'/).map { String($0.1) })
        let source = try String(contentsOfFile: "\(Repository.root)/\(Self.place)", encoding: .utf8)
        let known = Set(source.matches(of: /"(CS[0-9]{3})"/).map { String($0.1) })
        #expect(raised.count > 10)
        #expect(raised == known, "differing: \(raised.symmetricDifference(known).sorted())")
    }
}
