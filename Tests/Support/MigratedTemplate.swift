import Postgres

/// The template database with the product's migrations, shared by all test processes that have the same files.
actor MigratedTemplate {
    static let shared = MigratedTemplate()

    private var making: Task<String, any Error>?

    /// The template's name, once it is ready.
    func name() async throws -> String {
        if let making { return try await making.value }
        let task = Task { try await Self.make() }
        making = task
        return try await task.value
    }

    private static let lockKey: Int64 = 0x7465_6D70_6C61_7465

    private static func make() async throws -> String {
        let migrations = try Migrations(directory: Repository.migrations)
        let name = "cs_template_\(fingerprint(migrations))"
        let server = try TestDatabase.server()
        try await TestDatabase.administer { session in
            // The lock ends with the session, even where this process dies half way.
            try session.query("SELECT pg_advisory_lock($1)", [.int(lockKey)])
            let found = try session.query(
                "SELECT datistemplate FROM pg_database WHERE datname = $1", [.text(name)])
            if let row = found.first, try row.bool("datistemplate") { return }
            // A template not marked as one was left half made.
            try session.script("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
            try session.script("CREATE DATABASE \(name) TEMPLATE template0 ENCODING 'UTF8'")
            try migrate(migrations, try server.database(name))
            try session.script("ALTER DATABASE \(name) IS_TEMPLATE true")
            try dropForgotten(session)
        }
        return name
    }

    private static func migrate(_ migrations: Migrations, _ database: PostgresConfiguration) throws {
        let session = try PostgresSession.standalone(database)
        _ = try migrations.apply(session)
    }

    /// Drops what runs that were killed have left behind, after a day.
    private static func dropForgotten(_ session: PostgresSession) throws {
        let rows = try session.query(
            """
            SELECT datname, datistemplate
            FROM pg_database
            WHERE datname ~ '^cs_(test|template)_'
              AND (pg_stat_file('base/' || oid || '/PG_VERSION', true)).modification < now() - interval '1 day'
            """)
        for row in rows {
            let name = SQLText.identifier(try row.text("datname"))
            if try row.bool("datistemplate") {
                try? session.script("ALTER DATABASE \(name) IS_TEMPLATE false")
            }
            try? session.script("DROP DATABASE \(name)")
        }
    }

    /// FNV-1a over names and contents: enough to tell one set of files from another.
    private static func fingerprint(_ migrations: Migrations) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for migration in migrations.all {
            for byte in "\(migration.fileName)\0\(migration.sql)\0".utf8 {
                hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
            }
        }
        return String(hash, radix: 36)
    }
}
