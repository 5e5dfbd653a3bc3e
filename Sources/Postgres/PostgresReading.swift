/// A statement and how its answer is read, so that several can be asked in one round trip.
package struct PostgresReading<Value> {
    let sql: String
    let parameters: [PostgresValue]
    let read: (PostgresRows) throws(PostgresError) -> Value
    fileprivate var notice: String?

    /// A statement with parameters `$1`, `$2`, …, and what its rows mean.
    package init(
        _ sql: String, _ parameters: [PostgresValue] = [],
        read: @escaping (PostgresRows) throws(PostgresError) -> Value
    ) {
        self.sql = sql
        self.parameters = parameters
        self.read = read
    }

    /// The statement, waking the listeners of that name where it returns rows; see `PostgresSession.notify`.
    package func notifying(_ name: String?) -> PostgresReading {
        var reading = self
        reading.notice = name
        return reading
    }
}

extension PostgresReading<Void> {
    /// A statement whose answer says nothing.
    package init(_ sql: String, _ parameters: [PostgresValue] = []) {
        self.init(sql, parameters) { (_) throws(PostgresError) in }
    }
}

/// Statements that are sent together.
package struct PostgresBatch {
    private var statements: [(String, [PostgresValue])] = []
    /// The statements as they are sent, where that was made ready.
    private var encoded: [EncodedStatement]?
    fileprivate var notices: [(place: Int, name: String)] = []

    /// A batch without statements.
    package init() {}

    /// Adds a statement; what comes back reads its answer once the batch was run.
    @discardableResult
    package mutating func add<Value>(_ reading: PostgresReading<Value>) -> PostgresAnswer<Value> {
        statements.append((reading.sql, reading.parameters))
        encoded = nil
        if let notice = reading.notice { notices.append((statements.count - 1, notice)) }
        return PostgresAnswer(place: statements.count - 1, read: reading.read)
    }

    /// Makes the statements ready to be sent, while there is time for it.
    package mutating func makeReady() throws(PostgresError) { encoded = try ready() }

    fileprivate func ready() throws(PostgresError) -> [EncodedStatement] {
        if let encoded { return encoded }
        return try PostgresSession.encode(statements)
    }
}

/// The answer to one statement of a batch.
package struct PostgresAnswer<Value> {
    fileprivate let place: Int
    fileprivate let read: (PostgresRows) throws(PostgresError) -> Value

    /// Reads it from the answers to its batch.
    package func callAsFunction(_ answers: PostgresAnswers) throws(PostgresError) -> Value {
        try read(answers.rows[place])
    }
}

/// The answers to a batch.
package struct PostgresAnswers: Sendable {
    fileprivate let rows: [PostgresRows]
}

extension PostgresSession {
    /// Runs one statement and reads its answer.
    package func read<Value>(_ reading: PostgresReading<Value>) throws(PostgresError) -> Value {
        let rows = try query(reading.sql, reading.parameters)
        if let notice = reading.notice, rows.count > 0 { try notify(notice) }
        return try reading.read(rows)
    }

    /// Sends all statements at once, in their order: one round trip.
    ///
    /// Each statement sees what was committed before it began, as if they had been sent one by one, so a lock may
    /// stand first among them.
    package func run(_ batch: PostgresBatch) throws(PostgresError) -> PostgresAnswers {
        let rows = try pipeline(try batch.ready())
        for notice in batch.notices where rows[notice.place].count > 0 { try notify(notice.name) }
        return PostgresAnswers(rows: rows)
    }

    /// Sends both batches at once and hands the answers of the first to `meanwhile` while the server works on the second; what
    /// it made of them, and the answers of the second.
    ///
    /// In a transaction only. The second runs whatever `meanwhile` comes to: where it throws, the transaction is over.
    package func run<R>(
        _ first: PostgresBatch, and second: PostgresBatch, meanwhile: (PostgresAnswers) throws -> R
    ) throws -> (R, PostgresAnswers) {
        try run(behind: [], first, and: second, ended: { _, _ in }, meanwhile: meanwhile)
    }

    /// `run` behind commands, as `pipeline` has it.
    func run<R>(
        behind commands: [String], _ first: PostgresBatch, and second: PostgresBatch,
        ended: ([String], PostgresError?) throws -> Void, meanwhile: (PostgresAnswers) throws -> R
    ) throws -> (R, PostgresAnswers) {
        guard first.notices.isEmpty else {
            throw PostgresError(.misuse, "What is asked ahead of another batch wakes nobody.")
        }
        let (result, rows) = try pipeline(
            behind: commands, try first.ready(), and: try second.ready(), ended: ended,
            meanwhile: { rows in try meanwhile(PostgresAnswers(rows: rows)) })
        for notice in second.notices where rows[notice.place].count > 0 { try notify(notice.name) }
        return (result, PostgresAnswers(rows: rows))
    }
}
