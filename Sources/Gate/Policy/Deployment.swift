import Domain
import JSON
package import Postgres
package import Store

/// Why this program must not work on this database.
package struct DeploymentError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, what it means and what to do.
    package let description: String
}

/// What belongs to a database once and for all: its mode, its account, the keys that sign for it.
package struct Deployment: Sendable {
    private let context: GateContext

    /// The use case.
    package init(_ context: GateContext) { self.context = context }

    /// Stamps a new database, gives a paper one its first policy, and makes the signing key known.
    ///
    /// To be called at every start, by any number of servers at once. Throws `DeploymentError` where the database
    /// belongs to another mode.
    @discardableResult
    package func start() async throws -> DeploymentRecord {
        try await context.pool.transaction { session in
            // One at a time, so that the first policy is applied once.
            try AccountLock.exclusive(in: session)
            let isNew = try DeploymentStore.stamp(context.mode, in: session)
            guard let record = try DeploymentStore.find(in: session) else {
                throw DeploymentError(description: "The database could not be stamped with its mode.")
            }
            guard record.mode == context.mode else { throw Self.otherMode(record.mode, context.mode) }
            if isNew { try begin(in: session) }
            try SigningKeys.register(context.secrets, in: session)
            return record
        }
    }

    /// The stamp; nil before the first start.
    package func find() async throws -> DeploymentRecord? {
        try await context.pool.withSession { session in try DeploymentStore.find(in: session) }
    }

    /// All keys that ever signed, newest first.
    package func signingKeys() async throws -> [SigningKeyRecord] {
        try await context.pool.withSession { session in try SigningKeyStore.list(in: session) }
    }

    /// Binds the database to the account that the broker reports; throws `account-mismatch` for another one.
    ///
    /// To be called in the transaction that takes a worker's report, before anything of it is stored.
    package static func bind(accountNumber: String, by actor: String, in session: PostgresSession) throws {
        let known = try DeploymentStore.find(in: session)
        if known?.accountNumber == accountNumber { return }
        guard (1...64).contains(accountNumber.utf8.count),
            accountNumber.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw Refusal.invalid([
                JSONFault(
                    pointer: "/account/account_number",
                    detail: "must be 1 to 64 printable characters without spaces")
            ])
        }
        if try DeploymentStore.bind(accountNumber: accountNumber, in: session) {
            let entry = JournalDraft(
                kind: "deployment.bound", actor: actor, subject: "deployment",
                data: ["account_number": .string(accountNumber)])
            try JournalStore.append([entry], in: session)
            return
        }
        // Another server may have bound it a moment ago.
        let bound = try DeploymentStore.find(in: session)?.accountNumber
        if bound == accountNumber { return }
        throw Refusal(
            .accountMismatch,
            "This deployment belongs to the account \(bound ?? "(none)"); the broker reports \(accountNumber)."
                + " Nothing was taken from the report. Give the worker the keys of the right account, or use"
                + " another database for this one.",
            facts: ["account_number": .text(bound)])
    }

    private func begin(in session: PostgresSession) throws {
        let entry = JournalDraft(
            kind: "deployment.stamped", actor: "system", subject: "deployment",
            data: ["mode": .string(context.mode.rawValue)])
        try JournalStore.append([entry], in: session)
        guard context.mode == .paper, let preset = Policy.preset(Policy.defaultPreset),
            try PolicyStore.newestVersion(in: session) == nil
        else { return }
        _ = try Policies.apply(preset.policy, by: "system", in: session)
    }

    private static func otherMode(_ stamped: TradingMode, _ configured: TradingMode) -> DeploymentError {
        DeploymentError(
            description:
                "The database belongs to a \(stamped.rawValue) account, and COUNTERSIGN_MODE is"
                + " \(configured.rawValue). One database serves one mode for good: set COUNTERSIGN_MODE to"
                + " \(stamped.rawValue), or use another database.")
    }
}
