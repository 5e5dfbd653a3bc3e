/// One row; every function takes the column's name and says what is wrong where the value does not fit.
package struct PostgresRow: Sendable {
    let result: ResultHandle
    let index: Int

    package func isNull(_ column: String) throws(PostgresError) -> Bool {
        result.isNull(row: index, column: try position(of: column))
    }

    package func text(_ column: String) throws(PostgresError) -> String {
        try required(column, "text") { String(decoding: $0, as: UTF8.self) }
    }

    package func optionalText(_ column: String) throws(PostgresError) -> String? {
        try optional(column, "text") { String(decoding: $0, as: UTF8.self) }
    }

    package func int(_ column: String) throws(PostgresError) -> Int {
        try required(column, "an integer", Self.parseInt)
    }

    package func optionalInt(_ column: String) throws(PostgresError) -> Int? {
        try optional(column, "an integer", Self.parseInt)
    }

    package func bool(_ column: String) throws(PostgresError) -> Bool {
        try required(column, "a boolean", Self.parseBool)
    }

    package func optionalBool(_ column: String) throws(PostgresError) -> Bool? {
        try optional(column, "a boolean", Self.parseBool)
    }

    /// The bytes of a `bytea`.
    package func bytes(_ column: String) throws(PostgresError) -> [UInt8] {
        try required(column, "bytea") { ByteaText.parse($0) }
    }

    package func optionalBytes(_ column: String) throws(PostgresError) -> [UInt8]? {
        try optional(column, "bytea") { ByteaText.parse($0) }
    }

    /// A `timestamptz` as microseconds since 1970 UTC.
    package func microseconds(_ column: String) throws(PostgresError) -> Int64 {
        try required(column, "a finite timestamp with time zone") { InstantText.microseconds($0) }
    }

    package func optionalMicroseconds(_ column: String) throws(PostgresError) -> Int64? {
        try optional(column, "a finite timestamp with time zone") { InstantText.microseconds($0) }
    }

    /// An array of any element type, as texts, NULL elements included.
    package func nullableTextArray(_ column: String) throws(PostgresError) -> [String?] {
        try required(column, "an array of one dimension") { ArrayLiteral.parse(Array($0)) }
    }

    /// An array of any element type, as texts; a NULL element is an error.
    package func textArray(_ column: String) throws(PostgresError) -> [String] {
        try required(column, "an array without NULL") { bytes in
            ArrayLiteral.parse(Array(bytes)).flatMap { elements in
                let texts = elements.compactMap { $0 }
                return texts.count == elements.count ? texts : nil
            }
        }
    }

    package func intArray(_ column: String) throws(PostgresError) -> [Int] {
        let texts = try textArray(column)
        let ints = texts.compactMap { Int($0) }
        guard ints.count == texts.count else { throw mismatch(column, "an array of integers") }
        return ints
    }

    private func required<T>(
        _ column: String, _ type: @autoclosure () -> String, _ parse: (UnsafeBufferPointer<UInt8>) -> T?
    ) throws(PostgresError) -> T {
        let position = try position(of: column)
        guard !result.isNull(row: index, column: position) else {
            throw missing(column, type())
        }
        guard let value = result.withBytes(row: index, column: position, parse) else {
            throw mismatch(column, type())
        }
        return value
    }

    private func optional<T>(
        _ column: String, _ type: @autoclosure () -> String, _ parse: (UnsafeBufferPointer<UInt8>) -> T?
    ) throws(PostgresError) -> T? {
        let position = try position(of: column)
        guard !result.isNull(row: index, column: position) else { return nil }
        guard let value = result.withBytes(row: index, column: position, parse) else {
            throw mismatch(column, type())
        }
        return value
    }

    private func position(of column: String) throws(PostgresError) -> Int {
        guard let position = result.columnIndex(named: column) else {
            let names = result.columnNames.joined(separator: ", ")
            throw PostgresError(.decoding, "There is no column \(column); the columns are \(names).")
        }
        return position
    }

    /// What is said of a NULL where there must be a value.
    package func missing(_ column: String, _ type: String) -> PostgresError {
        PostgresError(.decoding, "Column \(column) is NULL where \(type) is needed.")
    }

    /// What is said of a value of another kind; the value itself stays out of it: it may be a secret.
    package func mismatch(_ column: String, _ type: String) -> PostgresError {
        PostgresError(.decoding, "Column \(column) does not hold \(type).")
    }

    private static func parseInt(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        Int(String(decoding: bytes, as: UTF8.self))
    }

    private static func parseBool(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool? {
        switch bytes.first {
        case UInt8(ascii: "t") where bytes.count == 1: true
        case UInt8(ascii: "f") where bytes.count == 1: false
        default: nil
        }
    }
}
