/// The rows of one answer, each decoded only where asked.
///
/// A value of its own: it may leave the session's body and outlive the connection.
package struct PostgresRows: RandomAccessCollection, Sendable {
    let result: ResultHandle

    package var startIndex: Int { 0 }
    package var endIndex: Int { result.rowCount }

    package subscript(position: Int) -> PostgresRow {
        precondition(indices.contains(position), "row \(position) of \(count)")
        return PostgresRow(result: result, index: position)
    }

    /// How many rows the statement touched, for statements that return none too.
    package var affectedRows: Int { result.affectedRows }

    package var columnNames: [String] { result.columnNames }

    /// The only row; an error where there is none or more than one.
    package func only() throws(PostgresError) -> PostgresRow {
        guard count == 1 else { throw PostgresError(.decoding, "Expected one row, got \(count).") }
        return self[0]
    }
}
