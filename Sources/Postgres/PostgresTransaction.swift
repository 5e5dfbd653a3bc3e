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

    /// Commits what was done so far and goes on in another transaction, in one round trip and without letting go of an advisory
    /// lock that this transaction holds alone.
    ///
    /// While the one commits, the session itself holds the lock; the server hands it on by itself, so it cannot stay behind
    /// where this process stops in between. After a failure the connection is given up, and with it the lock.
    package func commitAndGoOn(keepingLock key: Int64) throws(PostgresError) {
        try requireLent()
        guard isInTransaction, pendingBegin == nil, savepointDepth == 0 else {
            throw PostgresError(.misuse, "There is no transaction to commit and go on from.")
        }
        do {
            try commit(
                before: ["SELECT pg_advisory_lock(\(key))"], by: "COMMIT AND CHAIN",
                after: ["SELECT pg_advisory_xact_lock(\(key))", "SELECT pg_advisory_unlock(\(key))"],
                isEnd: { $0.commandTag == "SELECT 1" })
        } catch {
            discardAfterUse()
            // A COMMIT that failed leaves no transaction. Where there is one, it may be the next, and this one may be stored:
            // whoever would try it again could store it twice.
            guard connection.transactionStatus != .idle, !error.isOutcomeUnknown else { throw error }
            throw Self.outcomeUnknown(error)
        }
        notices = []
    }

    private func commit() throws(PostgresError) {
        try commit(before: [], by: "COMMIT", after: []) { $0.commandTag == "COMMIT" }
    }

    private func commit(
        before: [String], by command: String, after: [String], isEnd: (ResultHandle) -> Bool
    ) throws(PostgresError) {
        // Nothing was sent, so there is nothing to end.
        guard pendingBegin == nil else { return }
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
        do throws(PostgresError) {
            let wakes = notifier == nil ? notices.map(Self.notification) : []
            let result = try runSimple((wakes + before + [command] + after).joined(separator: "; "))
            guard isEnd(result) else {
                throw PostgresError(
                    .server, "The server rolled back instead of committing.", sqlState: "40000")
            }
            if !notices.isEmpty { notifier?.notify(notices) }
        } catch {
            // A server that fails over its own log may say so in any words before it is gone.
            guard error.isConnectionFailure || connection.isBroken else { throw error }
            throw Self.outcomeUnknown(error)
        }
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
