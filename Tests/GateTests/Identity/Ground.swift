import Cryptography
import Domain
import Gate
import JSON
import Postgres
import Store
import Support

/// A migrated database of its own, worked on with the rights of the application's own role.
struct Ground: Sendable {
    let context: GateContext
    /// The same database as its superuser, for attacks that go around the product.
    let superuser: PostgresPool

    var pool: PostgresPool { context.pool }

    /// Runs the body on fresh ground.
    static func with<R>(
        mode: TradingMode = .paper, master: UInt8 = 7, _ body: (Ground) async throws -> R
    ) async throws -> R {
        try await withTestDatabase { superuser in
            var configuration = superuser.configuration
            configuration.sessionRole = "countersign_app"
            let pool = PostgresPool(configuration: configuration, size: 4, acquireTimeoutSeconds: 60)
            let ground = Ground(
                context: try context(pool, mode: mode, master: master), superuser: superuser)
            do {
                let result = try await body(ground)
                await pool.close()
                return result
            } catch {
                await pool.close()
                throw error
            }
        }
    }

    /// The context of a server with another master key or mode on the same database.
    static func context(_ pool: PostgresPool, mode: TradingMode, master: UInt8) throws -> GateContext {
        GateContext(
            pool: pool, mode: mode,
            secrets: try GateSecrets(masterKey: SecretBytes([UInt8](repeating: master, count: 32))),
            random: { SecureRandom.bytes($0) }, hasWorkerWebhook: false)
    }

    /// Runs SQL as superuser.
    func attack(_ sql: String) async throws {
        try await superuser.withSession { session in try session.script(sql) }
    }

    /// The kinds of all journal entries, in order.
    func journalKinds() async throws -> [String] {
        try await pool.withSession { session in
            try session.query("SELECT kind FROM journal ORDER BY id").map { try $0.text("kind") }
        }
    }

    /// One number from the database.
    func count(_ sql: String) async throws -> Int {
        try await superuser.withSession { session in
            try session.query("SELECT (\(sql)) AS count").only().int("count")
        }
    }
}

/// The refusal that the body throws; nil where it throws none.
func refusal(_ body: () async throws -> Void) async throws -> Refusal? {
    do {
        try await body()
        return nil
    } catch let refusal as Refusal {
        return refusal
    }
}
