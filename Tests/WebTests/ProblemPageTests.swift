import FoundationEssentials
import Gate
import HTTPServer
import Support
import Testing

/// The type of every problem document is an address that explains it.
@Suite struct ProblemPageTests {
    @Test func `every slug used in the program has its page`() async throws {
        var slugs = Set(RefusalCode.allCases.map(\.rawValue))
        let folder = "\(Repository.root)/Sources"
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder) where path.hasSuffix(".swift")
        {
            let text = try String(contentsOfFile: "\(folder)/\(path)", encoding: .utf8)
            slugs.formUnion(text.matches(of: /slug: "([a-z-]+)"/).map { String($0.1) })
        }
        #expect(slugs.isSuperset(of: ["stale-form", "unavailable", "wrong-pin"]))
        try await Desk.with { desk in
            for slug in slugs.sorted() {
                let page = try await desk.send(.get, "/problems/\(slug)")
                #expect(page.status == 200, "\(slug)")
                #expect(page.text.contains("/problems/\(slug)"), "\(slug)")
            }
            #expect(try await desk.send(.get, "/problems/none-such").status == 404)
            #expect(try await desk.send(.get, "/problems/%3Cscript%3E").status == 404)
        }
    }
}
