import Cryptography
import Domain
import Gate
import JSON
import Testing

@Suite struct ExportTests {
    private func verify(
        _ lines: [String], trusting keys: [PublicKey]? = nil, earlier: JournalCheckpoint? = nil
    ) -> JournalReport {
        var verifier = ExportVerifier(trusting: keys, earlier: earlier)
        for line in lines { verifier.take(line) }
        return verifier.finish()
    }

    private func codes(_ report: JournalReport) -> [JournalProblem.Code] { report.problems.map(\.code) }

    @Test func `an export verifies with nothing but the file`() async throws {
        try await Notebook.with(entries: 6) { notebook async throws in
            try await notebook.write(2)
            let lines = try await notebook.lines()
            #expect(lines.allSatisfy { !$0.contains("\n") })
            let key = notebook.ground.context.secrets.signingKey.publicKey
            let inDatabase = try await notebook.verify()
            #expect(inDatabase.entries == 9)
            #expect(verify(lines) == inDatabase)
            #expect(verify(lines, trusting: [key]) == inDatabase)
            let kept = try #require(inDatabase.newestCheckpoint)
            #expect(JournalCheckpoint(json: kept.json) == kept)
            #expect(verify(lines, earlier: kept).isIntact)
        }
    }

    @Test func `what was tampered with in the database shows in the file`() async throws {
        try await Notebook.with(entries: 6) { notebook async throws in
            try await notebook.tamper(
                "UPDATE journal SET kind = 'x' WHERE id = 2; DELETE FROM journal WHERE id = 4")
            let report = verify(try await notebook.lines())
            #expect(codes(report) == [.altered, .entryMissing])
            #expect(report.problems.map(\.position) == [2, 4])
        }
    }

    @Test func `every line matters`() async throws {
        try await Notebook.with(entries: 3) { notebook async throws in
            let lines = try await notebook.lines()
            // A checkpoint may be left out of a file only with the counts at its end changed as well.
            for index in lines.indices {
                var without = lines
                without.remove(at: index)
                #expect(!verify(without).isIntact, "without line \(index + 1)")
                var twice = lines
                twice.insert(lines[index], at: index)
                #expect(!verify(twice).isIntact, "line \(index + 1) twice")
            }
            #expect(!verify(lines + ["x"]).isIntact)
            #expect(!verify([]).isIntact)
        }
    }

    @Test func `every digit of an entry matters`() async throws {
        try await Notebook.with(entries: 2) { notebook async throws in
            let lines = try await notebook.lines()
            let entry = try #require(lines.firstIndex { $0.contains(#""type":"entry""#) })
            for (from, to) in [
                ("alice", "mallory"), ("test.written", "test.wrote"), (#"\"number\":1"#, #"\"number\":2"#),
                ("test:1", "test:2"), (#""id":1"#, #""id":9"#), (#""position":1"#, #""position":4"#),
            ] {
                var changed = lines
                changed[entry] = replacing(from, with: to, in: changed[entry])
                #expect(changed != lines, "\(from)")
                #expect(!verify(changed).isIntact, "\(from)")
            }
        }
    }

    @Test func `a file made up as a whole is not believed when the key is known`() async throws {
        try await Notebook.with(entries: 2) { notebook async throws in
            let ground = notebook.ground
            let lines = try await notebook.lines()
            let other = try Ground.context(ground.pool, mode: .paper, master: 66).secrets.signingKey.publicKey
            #expect(Set(codes(verify(lines, trusting: [other]))) == [.checkpointKey])
        }
    }

    @Test func `a file cut off with its counts put right shows beside an earlier checkpoint`() async throws {
        try await Notebook.with(entries: 3) { notebook async throws in
            let before = try #require(try await JournalReading(notebook.ground.context).newestCheckpoint())
            let old = try await notebook.lines()
            try await notebook.write(3)
            try await notebook.seal()
            let kept = try #require(try await JournalReading(notebook.ground.context).newestCheckpoint())
            #expect(verify(old, earlier: before).isIntact)
            #expect(codes(verify(old, earlier: kept)) == [.truncated])
        }
    }

    private func replacing(_ from: String, with to: String, in text: String) -> String {
        guard let range = text.firstRange(of: from) else { return text }
        return text.replacingCharacters(in: range, with: to)
    }
}

extension String {
    fileprivate func replacingCharacters(in range: Range<String.Index>, with other: String) -> String {
        String(self[..<range.lowerBound]) + other + String(self[range.upperBound...])
    }
}
