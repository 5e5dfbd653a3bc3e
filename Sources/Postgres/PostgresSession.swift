/// One connection, lent by a pool for the time of a body.
///
/// Synchronous and not Sendable: it is used on its connection's own thread only. Statements are prepared
/// once per connection and remembered by their text, so keep the text constant and pass what varies as
/// parameters. A setting changed with `SET` outlives the body: use `SET LOCAL` in a transaction.
package final class PostgresSession {
    let connection: ConnectionHandle
    private var statements: StatementCache
    /// True while a body may use it.
    var isLent = true
    /// True once its state is not known any more; the pool then replaces it.
    private(set) var isSpoiled = false
    /// True inside `transaction`.
    var isInTransaction = false
    /// The BEGIN of a transaction that has not sent anything yet: it goes along with the first statement.
    var pendingBegin: String?
    var savepointDepth = 0
    /// Whom to wake when the open transaction is committed.
    var notices: [String] = []
    /// Wakes them behind the commit; without one the commit itself does.
    let notifier: PostgresNotifier?

    /// The executor it belongs to; nil where the caller sees to it that only one thread uses it.
    private let home: ThreadExecutor?

    init(
        _ configuration: PostgresConfiguration, home: ThreadExecutor? = nil,
        notifier: PostgresNotifier? = nil
    ) throws(PostgresError) {
        self.home = home
        self.notifier = notifier
        connection = try ConnectionHandle.open(configuration)
        statements = StatementCache(capacity: configuration.statementCacheSize)
        try script(configuration.sessionSettings)
    }

    /// A connection of the caller's own, outside any pool, closed with its last reference.
    package static func standalone(
        _ configuration: PostgresConfiguration
    ) throws(PostgresError) -> PostgresSession {
        try PostgresSession(configuration)
    }

    // MARK: statements

    /// Runs one statement with parameters `$1`, `$2`, … and returns its rows.
    @discardableResult
    package func query(
        _ sql: String, _ parameters: [PostgresValue] = []
    ) throws(PostgresError) -> PostgresRows {
        try requireLent()
        if pendingBegin != nil { return try pipeline([(sql, parameters)])[0] }
        let buffer = try ParameterBuffer(parameters)
        do {
            return PostgresRows(result: try runPrepared(sql, buffer))
        } catch {
            guard error.isStaleStatement, forgetStatements() else { throw error }
            return PostgresRows(result: try runPrepared(sql, buffer))
        }
    }

    /// Runs one statement and returns how many rows it touched.
    @discardableResult
    package func execute(_ sql: String, _ parameters: [PostgresValue] = []) throws(PostgresError) -> Int {
        try query(sql, parameters).affectedRows
    }

    /// Runs several statements without parameters, such as a migration; all or none unless they say otherwise.
    package func script(_ sql: String) throws(PostgresError) {
        try requireLent()
        _ = try runSimple(sql)
    }

    /// The server's version, such as 150020 for 15.20.
    package var serverVersion: Int { connection.serverVersion }

    /// The process at the server that serves this connection.
    package var processID: Int { connection.processID }

    /// Fails with a plain sentence where the server is too old or its text is not UTF-8.
    package func requireServer(major: Int = 15) throws(PostgresError) {
        guard serverVersion >= major * 10_000 else {
            throw PostgresError(
                .misuse,
                "The server is PostgreSQL \(serverVersion / 10_000); \(major) or newer is needed. Upgrade it."
            )
        }
        let encoding = connection.parameter("server_encoding") ?? "unknown"
        guard encoding == "UTF8" else {
            throw PostgresError(
                .misuse, "The database's encoding is \(encoding); create it anew with ENCODING 'UTF8'.")
        }
    }

    /// Has the pool close this connection after the body, for bodies that change its settings for good.
    package func discardAfterUse() { isSpoiled = true }

    /// False where the pool must replace the connection: broken, in an unknown state, or given up.
    var isReusable: Bool { !isSpoiled && !connection.isBroken && connection.transactionStatus == .idle }

    // MARK: for the other files of this type

    func requireLent() throws(PostgresError) {
        guard home?.isCurrent ?? true, isLent else {
            throw PostgresError(.misuse, "A session was used after the body it was lent to had ended.")
        }
    }

    func runSimple(_ sql: String) throws(PostgresError) -> ResultHandle {
        guard !sql.hasNUL else { throw PostgresError(.parameter, "The SQL has a NUL character.") }
        if let begin = pendingBegin {
            pendingBegin = nil
            _ = try checked(connection.execute(begin))
        }
        return try checked(connection.execute(sql))
    }

    /// The result where it is a success; otherwise the error it stands for.
    func checked(_ result: ResultHandle?) throws(PostgresError) -> ResultHandle {
        guard let result else { throw failure() }
        switch result.outcome {
        case .success: return result
        case .copy, .pipelineSync, .pipelineAborted:
            isSpoiled = true
            throw PostgresError(.misuse, "COPY is not supported; the connection is given up.")
        case .failure:
            guard let error = result.error else { throw failure() }
            isSpoiled = isSpoiled || error.isConnectionFailure
            throw error
        }
    }

    /// The error of a connection that gave no result.
    func failure() -> PostgresError {
        isSpoiled = true
        return PostgresError(.connection, connection.failureText)
    }

    func knownStatement(_ sql: String) -> String? { statements.name(for: sql) }
    func freshStatementName() -> String { statements.freshName() }
    func remember(_ sql: String, name: String) { statements.insert(sql, name: name) }
    var statementCount: Int { statements.count }

    /// Tells the server to drop what no longer fits the cache; waits where a failed transaction forbids it.
    func trimStatements() throws(PostgresError) {
        guard connection.transactionStatus == .idle || connection.transactionStatus == .open else { return }
        while let name = statements.removeSurplus() { _ = try runSimple("DEALLOCATE \(name)") }
    }

    /// Forgets all prepared statements after one went stale; true where the statement may be tried again.
    ///
    /// Inside a transaction the failure has already undone it, so there only the whole can be tried again.
    func forgetStatements() -> Bool {
        statements.removeAll()
        guard connection.transactionStatus == .idle, connection.execute("DEALLOCATE ALL")?.outcome == .success
        else { return false }
        return true
    }

    private func runPrepared(_ sql: String, _ buffer: ParameterBuffer) throws(PostgresError) -> ResultHandle {
        try checked(connection.executePrepared(try prepared(sql), buffer))
    }

    private func prepared(_ sql: String) throws(PostgresError) -> String {
        if let name = statements.name(for: sql) { return name }
        guard !sql.hasNUL else { throw PostgresError(.parameter, "The SQL has a NUL character.") }
        let name = statements.freshName()
        _ = try checked(connection.prepare(name, sql))
        statements.insert(sql, name: name)
        try trimStatements()
        return name
    }
}
