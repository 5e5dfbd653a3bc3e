extension PostgresSession {
    /// Sends all statements at once and then reads all answers: one round trip instead of many.
    ///
    /// All or none, inside a transaction or not: after a failure the server skips the rest, and the error
    /// names the failed one by `statementIndex`. No transaction control among the statements.
    package func pipeline(
        _ statements: [(String, [PostgresValue])]
    ) throws(PostgresError) -> [PostgresRows] {
        try requireLent()
        let encoded = try encode(statements)
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
    /// Only in a transaction: after a failure of the first the second fails too, and nothing is tried again.
    func pipeline<R>(
        _ first: [(String, [PostgresValue])], and second: [(String, [PostgresValue])],
        meanwhile: ([PostgresRows]) throws -> R
    ) throws -> (R, [PostgresRows]) {
        try requireLent()
        guard isInTransaction else {
            throw PostgresError(.misuse, "Only in a transaction two lots of statements can be under way.")
        }
        let lots = (try encode(first), try encode(second))
        guard connection.enterPipeline() else { throw failure() }
        var fresh: [String: String] = [:]
        let steps = (try send(lots.0, &fresh), try send(lots.1, &fresh))
        let firstReceived = try receive(steps.0)
        let done = Result { () throws -> R in
            if let error = firstReceived.error { throw error }
            return try meanwhile(firstReceived.rows)
        }
        let secondReceived = try receive(steps.1)
        guard connection.exitPipeline() else { throw failure() }
        for (sql, name) in firstReceived.prepared + secondReceived.prepared { remember(sql, name: name) }
        let result = try done.get()
        if let error = secondReceived.error { throw error }
        if (try? trimStatements()) == nil { discardAfterUse() }
        return (result, secondReceived.rows)
    }

    private func encode(
        _ statements: [(String, [PostgresValue])]
    ) throws(PostgresError) -> [(sql: String, parameters: ParameterBuffer)] {
        var encoded: [(sql: String, parameters: ParameterBuffer)] = []
        encoded.reserveCapacity(statements.count)
        for (index, statement) in statements.enumerated() {
            do throws(PostgresError) {
                guard !statement.0.hasNUL else {
                    throw PostgresError(.parameter, "The SQL has a NUL character.")
                }
                encoded.append((statement.0, try ParameterBuffer(statement.1)))
            } catch {
                throw error.atStatement(index)
            }
        }
        return encoded
    }

    private func runPipeline(
        _ statements: [(sql: String, parameters: ParameterBuffer)]
    ) throws(PostgresError) -> [PostgresRows] {
        guard connection.enterPipeline() else { throw failure() }
        var fresh: [String: String] = [:]
        let steps = try send(statements, &fresh)
        let received = try receive(steps)
        guard connection.exitPipeline() else { throw failure() }
        for (sql, name) in received.prepared { remember(sql, name: name) }
        // What was done stays done, and must not be tried again because of what comes behind it.
        if (try? trimStatements()) == nil { discardAfterUse() }
        if let error = received.error { throw error }
        return received.rows
    }

    /// One answer to expect.
    private enum Step {
        case begin
        case prepare(sql: String, name: String, index: Int)
        case execute(index: Int)

        var index: Int {
            switch self {
            case .begin: 0
            case .prepare(_, _, let index), .execute(let index): index
            }
        }
    }

    /// Sends statements up to a sync point; `fresh` names those that were prepared on the way.
    private func send(
        _ statements: [(sql: String, parameters: ParameterBuffer)], _ fresh: inout [String: String]
    ) throws(PostgresError) -> [Step] {
        var steps: [Step] = []
        if let begin = pendingBegin {
            pendingBegin = nil
            guard connection.sendUnprepared(begin) else { throw failure() }
            steps.append(.begin)
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
        guard connection.sendSync() else { throw failure() }
        return steps
    }

    private struct Received {
        var rows: [PostgresRows] = []
        var prepared: [(sql: String, name: String)] = []
        var error: PostgresError?
    }

    /// Reads every answer up to the sync point, whatever failed on the way.
    private func receive(_ steps: [Step]) throws(PostgresError) -> Received {
        var received = Received()
        for step in steps {
            guard let result = connection.nextResult() else { throw failure() }
            switch result.outcome {
            case .success:
                switch step {
                case .begin: break
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
        guard let sync = connection.nextResult(), sync.outcome == .pipelineSync else { throw failure() }
        return received
    }
}

extension PostgresError {
    fileprivate func atStatement(_ index: Int) -> PostgresError {
        var error = self
        error.statementIndex = index
        return error
    }
}
