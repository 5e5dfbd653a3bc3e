import FoundationEssentials

/// Brings a database's schema up to date from a directory of `NNNN_name.sql` files, forward only.
///
/// Each file runs in a transaction of its own together with its row in `schema_migrations`. Any number of
/// processes may start at once: an advisory lock lets one work and the others find it done.
package struct Migrations: Sendable {
    package let all: [Migration]

    /// A dump of the whole schema may lie beside the migrations.
    private static let schemaDump = "schema.sql"
    /// "migrate" in ASCII: the key of the advisory lock.
    private static let lockKey: Int64 = 0x6D69_6772_6174_6500

    /// Reads the files; refuses misnamed ones, duplicate numbers and gaps.
    package init(directory: String) throws(MigrationError) {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: directory)
        } catch {
            throw MigrationError(.unreadable, "The directory of migrations \(directory) cannot be read.")
        }
        var found: [Migration] = []
        for name in names.sorted() where name.hasSuffix(".sql") && name != Self.schemaDump {
            guard let data = FileManager.default.contents(atPath: "\(directory)/\(name)"),
                let sql = String(validating: data, as: UTF8.self)
            else { throw MigrationError(.unreadable, "The migration \(name) cannot be read as UTF-8 text.") }
            guard let migration = Migration(fileName: name, sql: sql) else {
                throw MigrationError(
                    .badName, "\(name) is not named like a migration: 0001_lower_case_words.sql is.")
            }
            found.append(migration)
        }
        try self.init(found)
    }

    package init(_ migrations: [Migration]) throws(MigrationError) {
        all = migrations.sorted { $0.version < $1.version }
        for (index, migration) in all.enumerated() {
            if index > 0, all[index - 1].version == migration.version {
                throw MigrationError(
                    .duplicateNumber,
                    "\(all[index - 1].fileName) and \(migration.fileName) have the same number; renumber one."
                )
            }
            guard migration.version == index + 1 else {
                throw MigrationError(
                    .gap, "Migration number \(index + 1) is missing: next comes \(migration.fileName).")
            }
        }
    }

    /// The newest version the files know; 0 where there are none.
    package var latestVersion: Int { all.last?.version ?? 0 }

    /// The migrations the database has not had; refuses edited files and newer databases.
    package func pending(in pool: PostgresPool) async throws -> [Migration] {
        try await pool.withSession { session in
            try unapplied(session, checksums: try checksums(session))
        }
    }

    /// Applies what is pending and returns it; safe to run from several processes at once.
    @discardableResult
    package func apply(to pool: PostgresPool) async throws -> [Migration] {
        try await pool.withSession { session in try apply(session) }
    }

    /// The same on a session at hand, which is closed afterwards.
    package func apply(_ session: PostgresSession) throws -> [Migration] {
        // Closing the connection ends the lock and these settings, whatever happens.
        session.discardAfterUse()
        try session.script(
            "SET statement_timeout = 0; SET lock_timeout = 0; SET client_min_messages = warning")
        try session.query("SELECT pg_advisory_lock($1)", [.int(Self.lockKey)])
        try session.script(
            """
            CREATE TABLE IF NOT EXISTS schema_migrations (
                version integer PRIMARY KEY,
                name text NOT NULL,
                checksum text NOT NULL,
                applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
            )
            """)
        // A migration should wait for the locks of a running server, but not hold up its queue for ever.
        try session.script("SET lock_timeout = '60s'")
        let checksums = try checksums(session)
        let unapplied = try unapplied(session, checksums: checksums)
        for migration in unapplied {
            try apply(migration, checksum: checksums[migration.version] ?? "", session)
        }
        return unapplied
    }

    private func apply(_ migration: Migration, checksum: String, _ session: PostgresSession) throws {
        do {
            try session.transaction {
                let transaction = try Self.transactionID(session)
                try session.script(migration.sql)
                guard session.connection.transactionStatus == .open,
                    try Self.transactionID(session) == transaction
                else {
                    throw MigrationError(
                        .transactionControl,
                        "\(migration.fileName) has BEGIN, COMMIT or ROLLBACK; each file is a transaction already."
                            + " Take it out, and check what the file has left behind.")
                }
                try session.execute(
                    "INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3)",
                    [.int(Int64(migration.version)), .text(migration.name), .text(checksum)])
            }
        } catch let error as PostgresError {
            throw MigrationError(
                .failed, "\(migration.fileName) failed and left nothing behind: \(error)", cause: error)
        }
    }

    private static func transactionID(_ session: PostgresSession) throws(PostgresError) -> String {
        try session.query("SELECT pg_current_xact_id() AS id").only().text("id")
    }

    /// SHA-256 of each file, computed by the server.
    private func checksums(_ session: PostgresSession) throws(PostgresError) -> [Int: String] {
        let rows = try session.query(
            """
            SELECT version, encode(sha256(content), 'hex') AS checksum
            FROM unnest($1::integer[], $2::bytea[]) AS files (version, content)
            """,
            [.ints(all.map(\.version)), .bytesArray(all.map { Array($0.sql.utf8) })])
        var checksums: [Int: String] = [:]
        for row in rows { checksums[try row.int("version")] = try row.text("checksum") }
        return checksums
    }

    private func unapplied(_ session: PostgresSession, checksums: [Int: String]) throws -> [Migration] {
        let known = try session.query("SELECT to_regclass('schema_migrations') IS NOT NULL AS known").only()
        guard try known.bool("known") else { return all }
        let rows = try session.query("SELECT version, name, checksum FROM schema_migrations ORDER BY version")
        var applied: Set<Int> = []
        for row in rows {
            let version = try row.int("version")
            guard let migration = all.first(where: { $0.version == version }) else {
                throw MigrationError(
                    .newerSchema,
                    "The database has migration \(version) (\(try row.text("name"))), which this program does not"
                        + " know: it is older than the database. Run the newer program.")
            }
            guard try row.text("name") == migration.name, try row.text("checksum") == checksums[version]
            else {
                throw MigrationError(
                    .edited,
                    "\(migration.fileName) is not the file that was applied to this database. Restore it, and put"
                        + " the change in a new migration.")
            }
            applied.insert(version)
        }
        let unapplied = all.filter { !applied.contains($0.version) }
        if let next = unapplied.first, let newest = applied.max(), next.version < newest {
            throw MigrationError(
                .gap, "The database has migration \(newest) but not \(next.fileName), which comes before it.")
        }
        return unapplied
    }
}
