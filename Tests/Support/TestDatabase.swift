import Glibc
package import Postgres

/// Databases for tests: made from a template that has the product's migrations, dropped at the end.
package enum TestDatabase {
    package static let variable = "COUNTERSIGN_TEST_DATABASE_URL"

    /// A reason why a test cannot have its database, in words.
    package struct Unavailable: Error, CustomStringConvertible {
        package let description: String
    }

    /// The server for tests, connected to as superuser.
    package static func server() throws -> PostgresConfiguration {
        guard let url = getenv(variable).map({ String(cString: $0) }), !url.isEmpty else {
            throw Unavailable(
                description:
                    "\(variable) is not set. Give it the URL of a throwaway PostgreSQL (15 or newer) as"
                    + " superuser, such as postgresql://postgres@127.0.0.1:5432/postgres.")
        }
        var configuration = PostgresConfiguration(connectionString: url, applicationName: "tests")
        // A busy machine is slow, and no test is about how slow.
        configuration.connectTimeoutSeconds = 60
        configuration.statementTimeoutMilliseconds = 60_000
        configuration.lockTimeoutMilliseconds = 60_000
        configuration.idleInTransactionTimeoutMilliseconds = 120_000
        return configuration
    }

    /// Runs the body with a pool on a database of its own that has the product's migrations.
    package static func with<R>(
        poolSize: Int = 4, _ body: (PostgresPool) async throws -> R
    ) async throws -> R {
        try await lend(template: try await MigratedTemplate.shared.name(), poolSize: poolSize, body)
    }

    /// Runs the body with a pool on an empty database of its own.
    package static func withEmpty<R>(
        poolSize: Int = 4, _ body: (PostgresPool) async throws -> R
    ) async throws -> R {
        try await lend(template: "template0", poolSize: poolSize, body)
    }

    /// The pool of the suite that has the trait `.database` or `.emptyDatabase`.
    package static var pool: PostgresPool {
        get throws {
            guard let suitePool else {
                throw Unavailable(description: "Give the suite the trait .database: @Suite(.database)")
            }
            return suitePool
        }
    }

    @TaskLocal static var suitePool: PostgresPool?

    /// Runs the body with one superuser session on the server's own database.
    static func administer<R: Sendable>(
        _ body: @escaping @Sendable (PostgresSession) throws -> R
    ) async throws -> R {
        var server = try server()
        (server.statementTimeoutMilliseconds, server.lockTimeoutMilliseconds) = (0, 0)
        let pool = PostgresPool(configuration: server, size: 1, acquireTimeoutSeconds: 60)
        do {
            let result = try await pool.withSession(body)
            await pool.close()
            return result
        } catch {
            await pool.close()
            throw error
        }
    }

    private static func lend<R>(
        template: String, poolSize: Int, _ body: (PostgresPool) async throws -> R
    ) async throws -> R {
        let name = "cs_test_\(getpid())_\(UInt64.random(in: .min ... .max))"
        try await administer { session in
            try session.script(
                "CREATE DATABASE \(name) TEMPLATE \(template) ENCODING 'UTF8' STRATEGY WAL_LOG")
        }
        do {
            let pool = PostgresPool(
                configuration: try server().database(name), size: poolSize, acquireTimeoutSeconds: 60)
            let result = try await close(pool, after: body)
            try await drop(name)
            return result
        } catch {
            try? await drop(name)
            throw error
        }
    }

    private static func close<R>(
        _ pool: PostgresPool, after body: (PostgresPool) async throws -> R
    ) async throws -> R {
        do {
            let result = try await body(pool)
            await pool.close()
            return result
        } catch {
            await pool.close()
            throw error
        }
    }

    private static func drop(_ name: String) async throws {
        // A test may have been cancelled; its database goes all the same.
        try await Task {
            try await administer { session in
                try session.script("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
            }
        }.value
    }
}

/// Runs the body with a pool on a database of its own that has the product's migrations.
package func withTestDatabase<R>(
    poolSize: Int = 4, _ body: (PostgresPool) async throws -> R
) async throws -> R {
    try await Places.databases.hold { try await TestDatabase.with(poolSize: poolSize, body) }
}

/// Runs the body with a pool on an empty database of its own.
package func withEmptyTestDatabase<R>(
    poolSize: Int = 4, _ body: (PostgresPool) async throws -> R
) async throws -> R {
    try await Places.databases.hold { try await TestDatabase.withEmpty(poolSize: poolSize, body) }
}
