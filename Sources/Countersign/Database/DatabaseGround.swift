import Console
import Cryptography
import Domain
import Gate
import Postgres
import Store

/// The database that the settings name, reached and understood.
struct DatabaseGround: Sendable {
    let settings: DatabaseSettings
    let resources: Resources
    let migrations: Migrations
    /// As the role that connects: it owns the tables and migrates them.
    let ownerConfiguration: PostgresConfiguration

    static let databaseName = "countersign"

    static func cluster(_ directory: String) -> PrivateCluster {
        PrivateCluster(directory: directory, databaseName: databaseName)
    }

    /// Starts the private database where it is to be used.
    static func open(_ settings: DatabaseSettings, applicationName: String) async throws -> DatabaseGround {
        let resources = try Resources.find(settings.resources)
        let migrations = try Migrations(directory: resources.migrations)
        let connection: String
        switch settings.database {
        case .url(let url): connection = url
        case .embedded(let directory): connection = try await cluster(directory).start()
        }
        return DatabaseGround(
            settings: settings, resources: resources, migrations: migrations,
            ownerConfiguration: PostgresConfiguration(
                connectionString: connection, applicationName: applicationName))
    }

    /// Runs the body with a pool of the owner's, which is closed afterwards.
    func withOwner<R: Sendable>(_ body: (PostgresPool) async throws -> R) async throws -> R {
        let pool = PostgresPool(configuration: ownerConfiguration, size: 1)
        do {
            let result = try await body(pool)
            await pool.close()
            return result
        } catch {
            await pool.close()
            throw error
        }
    }

    /// Applies what is pending, and returns it.
    func migrate() async throws -> [Migration] {
        try await withOwner { pool in try await migrations.apply(to: pool) }
    }

    /// How the program works on the database: in the application's own role, where there is one.
    ///
    /// Throws where migrations are pending.
    func workingConfiguration() async throws -> PostgresConfiguration {
        let hasRole = try await withOwner { pool in
            guard try await migrations.pending(in: pool).isEmpty else {
                throw CommandFailure(
                    "The database is not set up for this version of the program. Run countersign migrate.")
            }
            return try await pool.withSession { session in try ApplicationRole.isUsable(in: session) }
        }
        var configuration = ownerConfiguration
        if hasRole { configuration.sessionRole = ApplicationRole.name }
        return configuration
    }

    /// Stamps a new database and gives it its first policy, where the key to do so is at hand.
    ///
    /// Refuses a database of another mode, or one that was begun with another key.
    func begin(_ gate: GateContext) async throws {
        if case .absent = settings.masterKey { return }
        try await requireOwnKey(gate)
        do {
            try await Deployment(gate).start()
        } catch let error as DeploymentError {
            throw ConfigurationError([error.description])
        }
    }

    /// Refuses a secret key that is not the one that the database was begun with.
    func requireOwnKey(_ gate: GateContext) async throws {
        if case .absent = settings.masterKey { return }
        let known = try await Deployment(gate).signingKeys().map(\.keyID)
        guard known.isEmpty || known.contains(gate.secrets.signingKeyID) else {
            throw ConfigurationError([
                "COUNTERSIGN_SECRET_KEY (or the key kept in \(settings.stateDirectory)/secret.key) is not the one that"
                    + " this database was begun with: links would not open, channels could not be read, and workers"
                    + " would not believe the orders. Give the key back."
            ])
        }
    }

    /// The ground for use cases, on a pool of that size; a server that stays wakes others behind its commits.
    func gate(
        poolSize: Int, hasWorkerWebhook: Bool = false, isServer: Bool = false
    ) async throws -> GateContext {
        let configuration = try await workingConfiguration()
        let secrets = try GateSecrets(masterKey: MasterKeyFile.load(settings.masterKey))
        return GateContext(
            pool: PostgresPool(
                configuration: configuration, size: poolSize, notifiesAfterCommit: isServer),
            mode: settings.mode, secrets: secrets, random: { SecureRandom.bytes($0) },
            hasWorkerWebhook: hasWorkerWebhook)
    }
}

extension Call {
    /// Runs the body on the database that the settings name.
    ///
    /// `needsKey` says whether it signs or seals something.
    @discardableResult
    func onDatabase<R: Sendable>(
        needsKey: Bool = false, _ body: (GateContext) async throws -> R
    ) async throws -> R {
        let settings = try settings { DatabaseSettings(&$0, needsKey: needsKey) }
        let ground = try await DatabaseGround.open(settings, applicationName: "countersign")
        let gate = try await ground.gate(poolSize: 2)
        try await ground.begin(gate)
        do {
            let result = try await body(gate)
            await gate.pool.close()
            return result
        } catch {
            await gate.pool.close()
            throw error
        }
    }
}
