import Foundation
import Postgres
import Support
import Testing

/// migrations/schema.sql is what the migrations make; `ops/dump-schema` rewrites it.
@Suite(.database)
struct SchemaDumpTests {
    @Test func `the dumped schema is what the migrations make`() async throws {
        let name = try await TestDatabase.pool.withSession { session in
            try session.query("SELECT current_database() AS name").only().text("name")
        }
        let url = try TestDatabase.server().database(name).connectionString
        let dumped = try dump(url)
        let kept = try String(contentsOfFile: "\(Repository.migrations)/schema.sql", encoding: .utf8)
        #expect(!dumped.isEmpty)
        let changes = dumped.split(separator: "\n").difference(from: kept.split(separator: "\n"))
        #expect(changes.isEmpty, "run ops/dump-schema and look at what changed")
        #expect(dumped == kept, "run ops/dump-schema; only blank lines differ")
    }

    private func dump(_ url: String) throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "\(Repository.root)/ops/dump-schema")
        process.arguments = [url]
        process.standardOutput = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return String(decoding: data, as: UTF8.self)
    }
}
