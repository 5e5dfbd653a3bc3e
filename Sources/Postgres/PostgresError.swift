/// What went wrong between us and PostgreSQL, in words for the log and a code for callers.
///
/// `detail` may quote values of the row at fault, so `description` leaves it out.
package struct PostgresError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Kind: String, Sendable, Hashable {
        /// The server cannot be reached, or the connection broke.
        case connection
        /// No connection became free in time.
        case poolExhausted = "pool_exhausted"
        /// The server refused a statement; see `sqlState`.
        case server
        /// A value came back that is not of the type asked for.
        case decoding
        /// A parameter cannot be sent, such as a text with a NUL character.
        case parameter
        /// The caller broke a rule of this library, such as a transaction inside a transaction.
        case misuse
        /// The pool is closed.
        case closed
    }

    package var kind: Kind
    package var message: String
    package var sqlState: String?
    package var detail: String?
    package var hint: String?
    package var constraint: String?
    package var table: String?
    package var column: String?
    /// Which statement of a pipeline failed, from 0.
    package var statementIndex: Int?
    /// True where COMMIT was sent and no answer came: the work may or may not be stored.
    package var isOutcomeUnknown = false

    package init(_ kind: Kind, _ message: String, sqlState: String? = nil) {
        self.kind = kind
        self.message = message
        self.sqlState = sqlState
    }

    /// True where the connection is gone or never came to be: trying later may help.
    package var isConnectionFailure: Bool { kind == .connection }

    /// True where PostgreSQL asks for the transaction to be run again (serialization failure or deadlock).
    package var isSerializationFailure: Bool { sqlState == "40001" || sqlState == "40P01" }

    package var isUniqueViolation: Bool { sqlState == "23505" }
    package var isForeignKeyViolation: Bool { sqlState == "23503" }
    package var isCheckViolation: Bool { sqlState == "23514" }

    /// True where a lock was not to be had in time or at once (`lock_timeout`, `NOWAIT`).
    package var isLockUnavailable: Bool { sqlState == "55P03" }

    /// True where `statement_timeout` or a cancel request ended the statement.
    package var isStatementCancelled: Bool { sqlState == "57014" }

    /// True where a prepared statement no longer fits the schema or is unknown to the server.
    var isStaleStatement: Bool {
        sqlState == "26000" || (sqlState == "0A000" && message.contains("cached plan"))
    }

    /// SQLSTATEs by which the server says that this connection is over.
    static func endsConnection(_ sqlState: String) -> Bool {
        sqlState.hasPrefix("08") || ["57P01", "57P02", "57P03", "57P04", "57P05", "25P03"].contains(sqlState)
    }

    package var description: String {
        var text = "PostgreSQL (\(sqlState ?? kind.rawValue)): \(message)"
        if let constraint { text += " [constraint \(constraint)]" }
        if let statementIndex { text += " [statement \(statementIndex) of the pipeline]" }
        if let hint { text += " Hint: \(hint)" }
        return text
    }
}
