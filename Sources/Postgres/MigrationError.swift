/// Why the schema cannot be brought up to date, in words for the operator.
package struct MigrationError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable, Hashable {
        case unreadable
        case badName = "bad_name"
        case duplicateNumber = "duplicate_number"
        case gap
        /// A file that was applied has been changed or renamed since.
        case edited
        /// The database has migrations that the files do not know.
        case newerSchema = "newer_schema"
        /// A file begins or ends transactions by itself.
        case transactionControl = "transaction_control"
        /// The server refused a file; nothing of it remains.
        case failed
    }

    package let code: Code
    package let message: String
    /// The server's reason, for `failed`.
    package let cause: PostgresError?

    init(_ code: Code, _ message: String, cause: PostgresError? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    package var description: String { message }
}
