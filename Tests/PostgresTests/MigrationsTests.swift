import Postgres
import Support
import Testing

struct MigrationsTests {
    private let first = Migration(version: 1, name: "first", sql: "CREATE TABLE one (n int)")
    private let second = Migration(
        version: 2, name: "second", sql: "CREATE TABLE two (n int); INSERT INTO two VALUES (2)")

    @Test func `a fresh database gets everything once`() async throws {
        try await withEmptyTestDatabase { pool in
            let migrations = try Migrations([first, second])
            #expect(try await migrations.pending(in: pool) == [first, second])
            #expect(try await migrations.apply(to: pool) == [first, second])
            #expect(try await migrations.pending(in: pool) == [])
            #expect(try await migrations.apply(to: pool) == [])
            let checksum = try await pool.withSession { session in
                try session.query(
                    """
                    SELECT checksum = encode(sha256($1::bytea), 'hex') AS fits
                    FROM schema_migrations WHERE version = 1
                    """, [.bytes(Array(first.sql.utf8))]
                ).only().bool("fits")
            }
            #expect(checksum)
        }
    }

    @Test func `an edited or renamed file is refused by name, before anything is applied`() async throws {
        try await withEmptyTestDatabase { pool in
            try await Migrations([first]).apply(to: pool)
            for changed in [
                Migration(version: 1, name: "first", sql: first.sql + " "),
                Migration(version: 1, name: "other", sql: first.sql),
            ] {
                let error = try await #require(throws: MigrationError.self) {
                    try await Migrations([changed, second]).apply(to: pool)
                }
                #expect(error.code == .edited && error.message.contains(changed.fileName))
            }
            #expect(try await Migrations([first, second]).pending(in: pool) == [second])
        }
    }

    @Test func `a database newer than the program is refused`() async throws {
        try await withEmptyTestDatabase { pool in
            try await Migrations([first, second]).apply(to: pool)
            let older = try Migrations([first])
            let error = try await #require(throws: MigrationError.self) { try await older.apply(to: pool) }
            #expect(error.code == .newerSchema)
            await #expect(throws: MigrationError.self) { try await older.pending(in: pool) }
        }
    }

    @Test func `a failing file leaves nothing and keeps what came before`() async throws {
        try await withEmptyTestDatabase { pool in
            let broken = Migration(version: 2, name: "broken", sql: "CREATE TABLE half (n int); SELECT 1/0")
            let error = try await #require(throws: MigrationError.self) {
                try await Migrations([first, broken]).apply(to: pool)
            }
            #expect(error.code == .failed && error.cause?.sqlState == "22012")
            #expect(error.message.contains("0002_broken.sql"))
            let tables = try await pool.withSession { session in
                try session.query(
                    "SELECT to_regclass('half') IS NULL AND to_regclass('one') IS NOT NULL AS fine"
                )
                .only().bool("fine")
            }
            #expect(tables)
            #expect(try await Migrations([first, second]).apply(to: pool) == [second])
        }
    }

    @Test(arguments: ["COMMIT", "ROLLBACK", "CREATE TABLE x (n int); COMMIT; BEGIN"])
    func `a file that plays with the transaction is refused`(_ sql: String) async throws {
        try await withEmptyTestDatabase { pool in
            let sly = Migration(version: 1, name: "sly", sql: sql)
            let error = try await #require(throws: MigrationError.self) {
                try await Migrations([sly]).apply(to: pool)
            }
            #expect(error.code == .transactionControl)
        }
    }

    @Test(.timeLimit(.minutes(10))) func `several processes may start at once`() async throws {
        try await withEmptyTestDatabase(poolSize: 6) { pool in
            let slow = Migration(
                version: 2, name: "slow", sql: "CREATE TABLE slow (n int); SELECT pg_sleep(0.2)")
            let migrations = try Migrations([first, slow])
            let applied = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<6 { group.addTask { try await migrations.apply(to: pool).count } }
                return try await group.reduce(into: [Int]()) { $0.append($1) }
            }
            #expect(applied.sorted() == [0, 0, 0, 0, 0, 2])
        }
    }

    @Test func `gaps and doubles in the numbering are refused`() throws {
        let third = Migration(version: 3, name: "third", sql: "")
        let twin = Migration(version: 1, name: "twin", sql: "")
        #expect(try #require(throws: MigrationError.self) { try Migrations([first, third]) }.code == .gap)
        #expect(try #require(throws: MigrationError.self) { try Migrations([second]) }.code == .gap)
        #expect(
            try #require(throws: MigrationError.self) { try Migrations([first, twin]) }.code
                == .duplicateNumber)
    }

    @Test func `the product's own migrations apply, and test databases have them`() async throws {
        let migrations = try Migrations(directory: Repository.migrations)
        try await withTestDatabase { pool in
            let pending = try await migrations.pending(in: pool)
            #expect(pending.isEmpty && migrations.latestVersion > 0)
        }
    }

    @Test func `files are read from a directory, and misnamed ones are refused`() throws {
        let directory = try TemporaryDirectory()
        try directory.write("0001_first.sql", "SELECT 1")
        try directory.write("schema.sql", "-- a dump")
        try directory.write("README.md", "words")
        let migrations = try Migrations(directory: directory.path)
        #expect(migrations.all == [Migration(version: 1, name: "first", sql: "SELECT 1")])
        for name in [
            "2_short.sql", "0002-dash.sql", "0002_Upper.sql", "O002_letter.sql", "0002_.sql", "0000_nil.sql",
        ] {
            let error = try #require(throws: MigrationError.self) {
                try directory.write(name, "SELECT 2")
                defer { directory.remove(name) }
                _ = try Migrations(directory: directory.path)
            }
            #expect(error.code == .badName && error.message.contains(name))
        }
        let missing = try #require(throws: MigrationError.self) {
            try Migrations(directory: "/nowhere/at/all")
        }
        #expect(missing.code == .unreadable)
    }
}
