/// How much a transaction sees of others.
package enum PostgresIsolation: String, Sendable {
    case readCommitted = "READ COMMITTED"
    case repeatableRead = "REPEATABLE READ"
    case serializable = "SERIALIZABLE"
}

extension PostgresSession {
    /// Runs the body in a transaction: committed where it returns, rolled back where it throws.
    ///
    /// A failing COMMIT throws. So does a body that swallowed an error of the server and went on: its work
    /// is lost, and silence about that would be a lie. Transactions do not nest; see `savepoint`.
    @discardableResult
    package func transaction<R>(
        isolation: PostgresIsolation = .readCommitted, readOnly: Bool = false, _ body: () throws -> R
    ) throws -> R {
        try requireLent()
        guard !isInTransaction, connection.transactionStatus == .idle else {
            throw PostgresError(.misuse, "A transaction is already open; use savepoint for a part of it.")
        }
        pendingBegin = "BEGIN ISOLATION LEVEL \(isolation.rawValue)\(readOnly ? " READ ONLY" : "")"
        isInTransaction = true
        notices = []
        defer {
            isInTransaction = false
            pendingBegin = nil
            notices = []
        }
        let result: R
        do {
            result = try body()
        } catch {
            rollBack()
            throw error
        }
        try commit()
        return result
    }

    /// Runs the body so that its failure undoes only its own part of the open transaction.
    @discardableResult
    package func savepoint<R>(_ body: () throws -> R) throws -> R {
        try requireLent()
        guard isInTransaction else { throw PostgresError(.misuse, "A savepoint needs an open transaction.") }
        savepointDepth += 1
        defer { savepointDepth -= 1 }
        let name = "savepoint_\(savepointDepth)"
        _ = try runSimple("SAVEPOINT \(name)")
        do {
            let result = try body()
            _ = try runSimple("RELEASE SAVEPOINT \(name)")
            return result
        } catch {
            if (try? runSimple("ROLLBACK TO SAVEPOINT \(name); RELEASE SAVEPOINT \(name)")) == nil {
                discardAfterUse()
            }
            throw error
        }
    }

    /// Commits what was done so far and goes on in another transaction, without letting go of an advisory lock that this
    /// transaction holds alone; what the other is to do is sent along, as two batches like those of `run`.
    ///
    /// `committed` is called as soon as the first transaction is stored. While that is done, the session itself holds the lock;
    /// the server hands it on by itself, so it cannot stay behind where this process stops in between. After a failure of the
    /// commit the connection is given up, and with it the lock.
    package func commitAndRun<R>(
        keepingLock key: Int64, _ first: PostgresBatch, and second: PostgresBatch, committed: () -> Void,
        meanwhile: (PostgresAnswers) throws -> R
    ) throws -> (R, PostgresAnswers) {
        try requireLent()
        guard isInTransaction, pendingBegin == nil, savepointDepth == 0 else {
            throw PostgresError(.misuse, "There is no transaction to commit and go on from.")
        }
        try requireOpenTransaction()
        let wakes = notifier == nil ? notices.map(Self.notification) : []
        let commands =
            wakes + [
                "SELECT pg_advisory_lock(\(key))", "COMMIT AND CHAIN",
                "SELECT pg_advisory_xact_lock(\(key))", "SELECT pg_advisory_unlock(\(key))",
            ]
        var isCommitted = false
        func ended(_ tags: [String], _ error: PostgresError?) throws {
            // What fails behind the COMMIT leaves it stored: whoever would try it again could store it twice.
            isCommitted = tags.count > wakes.count + 1 && tags[wakes.count + 1] == "COMMIT"
            if error != nil || !isCommitted { discardAfterUse() }
            if let error { throw isCommitted ? Self.outcomeUnknown(error) : error }
            guard isCommitted else { throw Self.rolledBack }
            if !notices.isEmpty { notifier?.notify(notices) }
            notices = []
            committed()
        }
        do {
            return try run(behind: commands, first, and: second, ended: ended, meanwhile: meanwhile)
        } catch let error as PostgresError where !isCommitted {
            // A server that fails over its own log may say so in any words before it is gone.
            guard error.isConnectionFailure || connection.isBroken else { throw error }
            throw Self.outcomeUnknown(error)
        }
    }

    private func commit() throws(PostgresError) {
        // Nothing was sent, so there is nothing to end.
        guard pendingBegin == nil else { return }
        try requireOpenTransaction()
        do throws(PostgresError) {
            let wakes = notifier == nil ? notices.map(Self.notification) : []
            let result = try runSimple((wakes + ["COMMIT"]).joined(separator: "; "))
            guard result.commandTag == "COMMIT" else { throw Self.rolledBack }
            if !notices.isEmpty { notifier?.notify(notices) }
        } catch {
            // A server that fails over its own log may say so in any words before it is gone.
            guard error.isConnectionFailure || connection.isBroken else { throw error }
            throw Self.outcomeUnknown(error)
        }
    }

    private func requireOpenTransaction() throws(PostgresError) {
        switch connection.transactionStatus {
        case .open: break
        case .failed:
            rollBack()
            throw PostgresError(
                .misuse, "A statement failed and the body went on; nothing was stored.", sqlState: "25P02")
        case .idle:
            throw PostgresError(.misuse, "The body ended the transaction by itself.")
        case .active, .unknown:
            throw failure()
        }
    }

    private static var rolledBack: PostgresError {
        PostgresError(.server, "The server rolled back instead of committing.", sqlState: "40000")
    }

    /// An error between a COMMIT and its answer; the connection is not used any more.
    private static func outcomeUnknown(_ error: PostgresError) -> PostgresError {
        var unknown = PostgresError(
            .connection, "The connection broke during COMMIT, the outcome is unknown: \(error.message)",
            sqlState: error.sqlState)
        unknown.isOutcomeUnknown = true
        return unknown
    }

    /// Ends the transaction; a connection that cannot even do that is given up.
    func rollBack() {
        pendingBegin = nil
        guard connection.transactionStatus != .idle else { return }
        if (try? runSimple("ROLLBACK")) == nil || connection.transactionStatus != .idle { discardAfterUse() }
    }
}
