import Testing

/// What people are shown is put together from several statements: read in one snapshot, or it shows a state that never was.
struct OneMomentTests {
    private static let shown = ["Pages", "API", "Reviews", "Settings"].map { "Sources/Web/\($0)/" }

    @Test func `every page and every answer of the API reads in one snapshot`() {
        let files = SourceTree.sources.filter { file in Self.shown.contains { file.path.hasPrefix($0) } }
        #expect(files.contains { $0.text.contains("pool.withSnapshot") })
        let torn = files.filter { $0.text.contains("pool.withSession") }
        #expect(torn.isEmpty, "use withSnapshot: \(torn.map(\.path))")
    }
}
