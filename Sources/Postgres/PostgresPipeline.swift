extension PostgresSession {
    /// Sends all statements at once and then reads all answers: one round trip instead of many.
    ///
    /// All or none, inside a transaction or not: after a failure the server skips the rest, and the error
    /// names the failed one by `statementIndex`. No transaction control among the statements.
    package func pipeline(
        _ statements: [(String, [PostgresValue])]
    ) throws(PostgresError) -> [PostgresRows] {
        try pipeline(Self.encode(statements))
    }

    func pipeline(_ encoded: [EncodedStatement]) throws(PostgresError) -> [PostgresRows] {
        try requireLent()
        guard !encoded.isEmpty else { return [] }
        do {
            return try runPipeline(encoded)
        } catch {
            guard error.isStaleStatement, forgetStatements() else { throw error }
            return try runPipeline(encoded)
        }
    }

    /// Sends two lots of statements, and hands the answers of the first to `meanwhile` while the server works on the
    /// second; the answers of both.
    ///
    /// Commands go in front of both, such as end the transaction and begin another; as soon as they are carried out `ended` is told
    /// what the server said of them, and the error where one failed. Only in a transaction: after a failure the server skips all
    /// that comes behind it, and nothing is tried again.
    func pipeline<R>(
        behind commands: [String], _ first: [EncodedStatement], and second: [EncodedStatement],
        ended: ([String], PostgresError?) throws -> Void, meanwhile: ([PostgresRows]) throws -> R
    ) throws -> (R, [PostgresRows]) {
        try requireLent()
        guard isInTransaction else {
            throw PostgresError(.misuse, "Only in a transaction two lots of statements can be under way.")
        }
        guard connection.enterPipeline() else { throw failure() }
        // One sync point behind all of it: where a COMMIT fails, what is meant for the next transaction is not to run without one.
        var fresh: [String: String] = [:]
        let ending = try send(commands: commands)
        guard ending.isEmpty || connection.sendFlush() else { throw failure() }
        let asked = try send(first, &fresh)
        guard connection.sendFlush() else { throw failure() }
        let done = try send(second, &fresh)
        guard connection.sendSync() else { throw failure() }
        let endReceived = try receive(ending)
        let goesOn = Result { if !ending.isEmpty { try ended(endReceived.tags, endReceived.error) } }
        let firstReceived = try receive(asked)
        let result = Result { () throws -> R in
            try goesOn.get()
            if let error = firstReceived.error { throw error }
            return try meanwhile(firstReceived.rows)
        }
        let secondReceived = try receive(done)
        try receiveSync()
        guard connection.exitPipeline() else { throw failure() }
        for (sql, name) in firstReceived.prepared + secondReceived.prepared { remember(sql, name: name) }
        let made = try result.get()
        if let error = secondReceived.error { throw error }
        if (try? trimStatements()) == nil { discardAfterUse() }
        return (made, secondReceived.rows)
    }

    /// Statements as they are sent; what cannot be sent is named by `statementIndex`.
    static func encode(
        _ statements: [(String, [PostgresValue])]
    ) throws(PostgresError) -> [EncodedStatement] {
        var encoded: [EncodedStatement] = []
        encoded.reserveCapacity(statements.count)
        for (index, statement) in statements.enumerated() {
            do throws(PostgresError) {
                guard !statement.0.hasNUL else {
                    throw PostgresError(.parameter, "The SQL has a NUL character.")
                }
                encoded.append(
                    EncodedStatement(sql: statement.0, parameters: try ParameterBuffer(statement.1)))
            } catch {
                throw error.atStatement(index)
            }
        }
        return encoded
    }

    private func runPipeline(
        _ statements: [EncodedStatement]
    ) throws(PostgresError) -> [PostgresRows] {
        guard connection.enterPipeline() else { throw failure() }
        var fresh: [String: String] = [:]
        let steps = try send(statements, &fresh)
        guard connection.sendSync() else { throw failure() }
        let received = try receive(steps)
        try receiveSync()
        guard connection.exitPipeline() else { throw failure() }
        for (sql, name) in received.prepared { remember(sql, name: name) }
        // What was done stays done, and must not be tried again because of what comes behind it.
        if (try? trimStatements()) == nil { discardAfterUse() }
        if let error = received.error { throw error }
        return received.rows
    }

    /// One answer to expect.
    private enum Step {
        /// BEGIN, or what ends a transaction.
        case command
        case prepare(sql: String, name: String, index: Int)
        case execute(index: Int)

        var index: Int? {
            switch self {
            case .command: nil
            case .prepare(_, _, let index), .execute(let index): index
            }
        }
    }

    /// Sends commands.
    private func send(commands: [String]) throws(PostgresError) -> [Step] {
        for command in commands {
            guard connection.sendUnprepared(command) else { throw failure() }
        }
        return commands.map { _ in .command }
    }

    /// Sends statements; `fresh` names those that were prepared on the way.
    private func send(
        _ statements: [EncodedStatement], _ fresh: inout [String: String]
    ) throws(PostgresError) -> [Step] {
        var steps: [Step] = []
        if let begin = pendingBegin {
            pendingBegin = nil
            guard connection.sendUnprepared(begin) else { throw failure() }
            steps.append(.command)
        }
        for (index, statement) in statements.enumerated() {
            let name: String
            if let known = knownStatement(statement.sql) ?? fresh[statement.sql] {
                name = known
            } else {
                name = freshStatementName()
                fresh[statement.sql] = name
                guard connection.sendPrepare(name, statement.sql) else { throw failure() }
                steps.append(.prepare(sql: statement.sql, name: name, index: index))
            }
            guard connection.sendPrepared(name, statement.parameters) else { throw failure() }
            steps.append(.execute(index: index))
        }
        return steps
    }

    private struct Received {
        var rows: [PostgresRows] = []
        /// What the server said of commands.
        var tags: [String] = []
        var prepared: [(sql: String, name: String)] = []
        var error: PostgresError?
    }

    /// Reads the answer to each step, whatever failed on the way.
    private func receive(_ steps: [Step]) throws(PostgresError) -> Received {
        var received = Received()
        for step in steps {
            guard let result = connection.nextResult() else { throw failure() }
            switch result.outcome {
            case .success:
                switch step {
                case .command: received.tags.append(result.commandTag)
                case .prepare(let sql, let name, _): received.prepared.append((sql, name))
                case .execute: received.rows.append(PostgresRows(result: result))
                }
            case .pipelineAborted: break
            case .failure:
                let error = (result.error ?? failure()).atStatement(step.index)
                received.error = received.error ?? error
                if connection.isBroken || error.isConnectionFailure {
                    discardAfterUse()
                    throw error
                }
            case .copy, .pipelineSync:
                discardAfterUse()
                throw PostgresError(.misuse, "COPY cannot be part of a pipeline.").atStatement(step.index)
            }
            guard connection.nextResult() == nil else { throw failure() }
        }
        return received
    }

    private func receiveSync() throws(PostgresError) {
        guard let sync = connection.nextResult(), sync.outcome == .pipelineSync else { throw failure() }
    }
}

/// A statement with its parameters as they are sent.
struct EncodedStatement: Sendable {
    let sql: String
    let parameters: ParameterBuffer
}

extension PostgresError {
    fileprivate func atStatement(_ index: Int?) -> PostgresError {
        var error = self
        error.statementIndex = index
        return error
    }
}
