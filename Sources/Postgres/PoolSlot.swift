/// Place for one connection in a pool, with the thread on which alone the connection is used.
///
/// Unchecked because `session` is not Sendable: it is touched only on the executor's thread.
final class PoolSlot: @unchecked Sendable {
    private let executor = ThreadExecutor()
    private let configuration: PostgresConfiguration
    private let connectGate: ConnectGate
    private let notifier: PostgresNotifier?
    private var session: PostgresSession?

    init(
        configuration: PostgresConfiguration, connectGate: ConnectGate, notifier: PostgresNotifier? = nil
    ) {
        self.notifier = notifier
        self.configuration = configuration
        self.connectGate = connectGate
    }

    /// Lends the connection to the body; connects first where needed and drops what came back unusable.
    func use<R: Sendable>(_ body: @Sendable (PostgresSession) throws -> R) async throws -> R {
        try await withTaskExecutorPreference(executor) { try await self.lend(body) }
    }

    func close() async {
        await withTaskExecutorPreference(executor) { await self.drop() }
    }

    // Both are async so that they run on the executor their caller prefers.

    private func lend<R>(_ body: (PostgresSession) throws -> R) async throws -> R {
        precondition(executor.isCurrent)
        let session = try readySession()
        session.isLent = true
        defer {
            session.isLent = false
            if !session.isReusable { self.session = nil }
        }
        let result = try body(session)
        guard session.connection.transactionStatus == .idle || session.isSpoiled else {
            session.rollBack()
            throw PostgresError(
                .misuse, "The body left a transaction open; it was rolled back. Use transaction instead.")
        }
        return result
    }

    private func drop() async {
        precondition(executor.isCurrent)
        session = nil
    }

    private func readySession() throws(PostgresError) -> PostgresSession {
        if let session, !session.connection.isDeadWhileIdle { return session }
        session = nil
        try connectGate.check()
        do {
            let fresh = try PostgresSession(
                configuration, home: executor, notifier: notifier)
            connectGate.opened()
            session = fresh
            return fresh
        } catch {
            connectGate.failed(error)
            throw error
        }
    }
}
