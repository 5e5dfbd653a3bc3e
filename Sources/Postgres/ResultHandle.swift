import CPostgres
import Glibc
import Synchronization

/// Owns one `PGresult`.
///
/// libpq never changes a result after handing it out, and its read functions may be called from any
/// thread, so the unchecked conformance is sound; `PQclear` runs once, when the last reference goes.
final class ResultHandle: @unchecked Sendable {
    private let raw: OpaquePointer
    let rowCount: Int
    let columnCount: Int
    /// The column after the one found last: rows are read in the order of their columns.
    private let likelyColumn = Atomic(0)

    init(_ raw: OpaquePointer) {
        self.raw = raw
        rowCount = Int(PQntuples(raw))
        columnCount = Int(PQnfields(raw))
    }

    deinit { PQclear(raw) }

    enum Outcome {
        case success
        /// The server is in the middle of COPY, which this library does not speak.
        case copy
        case pipelineSync
        case pipelineAborted
        case failure
    }

    var outcome: Outcome {
        switch PQresultStatus(raw) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY, PGRES_SINGLE_TUPLE, PGRES_NONFATAL_ERROR:
            .success
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH: .copy
        case PGRES_PIPELINE_SYNC: .pipelineSync
        case PGRES_PIPELINE_ABORTED: .pipelineAborted
        default: .failure
        }
    }

    /// How many rows an INSERT, UPDATE, DELETE, MERGE or SELECT touched; 0 for anything else.
    var affectedRows: Int { Int(String(cString: PQcmdTuples(raw))) ?? 0 }

    /// What the server says it did, such as `COMMIT`.
    var commandTag: String { String(cString: PQcmdStatus(raw)) }

    /// The server's error, or nil where the result carries none.
    var error: PostgresError? {
        guard let state = pg_error_sqlstate(raw).map({ String(cString: $0) }) else { return nil }
        var error = PostgresError(
            PostgresError.endsConnection(state) ? .connection : .server,
            text(pg_error_message(raw)) ?? "The server gave no reason.", sqlState: state)
        error.detail = text(pg_error_detail(raw))
        error.hint = text(pg_error_hint(raw))
        error.constraint = text(pg_error_constraint(raw))
        error.table = text(pg_error_table(raw))
        error.column = text(pg_error_column(raw))
        return error
    }

    var columnNames: [String] { (0..<columnCount).map { String(cString: PQfname(raw, Int32($0))) } }

    /// The column of that name; a statement gives each of its columns a name of its own.
    func columnIndex(named name: String) -> Int? {
        name.withCString { name in
            let likely = likelyColumn.load(ordering: .relaxed)
            let found = column(named: name, in: likely..<columnCount) ?? column(named: name, in: 0..<likely)
            if let found { likelyColumn.store(found + 1 < columnCount ? found + 1 : 0, ordering: .relaxed) }
            return found
        }
    }

    private func column(named name: UnsafePointer<CChar>, in columns: Range<Int>) -> Int? {
        columns.first { strcmp(PQfname(raw, Int32($0)), name) == 0 }
    }

    func isNull(row: Int, column: Int) -> Bool { PQgetisnull(raw, Int32(row), Int32(column)) == 1 }

    /// Lends the bytes of a value that is not NULL for the time of the call.
    func withBytes<R>(row: Int, column: Int, _ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
        let (row, column) = (Int32(row), Int32(column))
        let count = Int(PQgetlength(raw, row, column))
        guard let value = PQgetvalue(raw, row, column) else {
            return body(UnsafeBufferPointer(start: nil, count: 0))
        }
        return value.withMemoryRebound(to: UInt8.self, capacity: count) {
            body(UnsafeBufferPointer(start: $0, count: count))
        }
    }

    private func text(_ pointer: UnsafePointer<CChar>?) -> String? { pointer.map { String(cString: $0) } }
}
