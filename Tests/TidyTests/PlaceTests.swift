import Testing

/// What may stand only in certain rooms: SQL, and the outside world.
struct PlaceTests {
    /// Words that begin a statement in SQL as this project writes it.
    static let statements = [
        "SELECT ", "INSERT INTO ", "DELETE FROM ", "CREATE TABLE", "ALTER TABLE", "TRUNCATE ", "DROP TABLE",
        "LOCK TABLE", "FOR UPDATE",
    ]

    /// The clock, new identities and randomness, as Swift and its libraries offer them.
    static let outsideWorld = [
        "Date()", "Date.now", "UUID()", ".random(in:", "SystemRandomNumberGenerator", "clock_gettime",
        "gettimeofday", "SecureRandom", "time(nil)",
    ]

    /// Rooms that stand at the outside: kits, the simulated broker, and the program itself.
    static let outsideRooms: Set = [
        "HTTPServer", "HTTPClient", "Postgres", "Cryptography", "Templates", "Logging", "Countersign",
        "Load",
    ]

    @Test func `SQL stands in Store and migrations, and in the kit that speaks it`() {
        let found = places(of: Self.statements, in: SourceTree.sources) {
            !["Store", "Postgres"].contains($0.target)
        }
        #expect(found.isEmpty, "\(found.joined(separator: "\n"))")
    }

    @Test func `nothing asks for every column`() {
        let found = places(of: ["SELECT *"], in: SourceTree.sources) { _ in true }
        #expect(found.isEmpty, "\(found.joined(separator: "\n"))")
    }

    @Test func `the clock, identities and randomness come from the outside in`() {
        // A hash of what nobody knows, made once for comparing with when there is no such person.
        let decoys = "Sources/Gate/Identity/PINHasher.swift"
        let found = places(of: Self.outsideWorld, in: SourceTree.sources) { file in
            !Self.outsideRooms.contains(file.target) && file.path != decoys
        }
        #expect(found.isEmpty, "\(found.joined(separator: "\n"))")
    }

    private func places(
        of words: [String], in files: [SourceFile], where isChecked: (SourceFile) -> Bool
    ) -> [String] {
        files.filter(isChecked).flatMap { file in
            file.code.compactMap { number, line in
                // A generator that is handed in can be replayed.
                words.first { line.contains($0) && !line.contains("using:") }.map {
                    "\(file):\(number): \($0)"
                }
            }
        }
    }
}
