// How our values travel to PostgreSQL and back: always as text, never through binary floating point.

package import Domain
package import JSON
package import Postgres

extension ExactDecimal: PostgresEncodable {
    package var postgresValue: PostgresValue { .text(description) }
}

extension Timestamp: PostgresEncodable {
    package var postgresValue: PostgresValue { .text(rfc3339) }
}

extension Identifier: PostgresEncodable {
    package var postgresValue: PostgresValue { .text(text) }
}

extension JSONValue: PostgresEncodable {
    package var postgresValue: PostgresValue { .text(serialized()) }
}

// Generic functions stand here and not in `Postgres`, because only within a module the compiler makes one for each type.

extension PostgresValue {
    /// An array of values that have a text form, such as `numeric[]` of exact decimals.
    static func texts(_ values: some Sequence<some CustomStringConvertible>) -> PostgresValue {
        .textArray(values.map { $0.description })
    }

    /// As `texts`, for parameters that the statement casts to `text[]`.
    static func packed(_ values: some Sequence<some CustomStringConvertible>) -> PostgresValue {
        .packedTextArray(values.map { $0.description })
    }
}

extension PostgresRow {
    /// A value of a type of ours, made from its text: `row.value("qty") { ExactDecimal($0) }`.
    func value<T>(_ column: String, _ make: (String) -> T?) throws(PostgresError) -> T {
        guard let value = try optionalValue(column, make) else { throw missing(column, "\(T.self)") }
        return value
    }

    /// `value`, or nil where the column is NULL.
    func optionalValue<T>(_ column: String, _ make: (String) -> T?) throws(PostgresError) -> T? {
        guard let text = try optionalText(column) else { return nil }
        guard let value = make(text) else { throw mismatch(column, "\(T.self)") }
        return value
    }

    /// An exact decimal; an error where it is null or has more digits than we take.
    package func decimal(_ column: String) throws(PostgresError) -> ExactDecimal {
        try value(column) { ExactDecimal($0) }
    }

    /// An exact decimal or nil.
    package func optionalDecimal(_ column: String) throws(PostgresError) -> ExactDecimal? {
        try optionalValue(column) { ExactDecimal($0) }
    }

    /// An instant.
    package func timestamp(_ column: String) throws(PostgresError) -> Timestamp {
        try value(column) { Timestamp(rfc3339: $0) }
    }

    /// An instant or nil.
    package func optionalTimestamp(_ column: String) throws(PostgresError) -> Timestamp? {
        try optionalValue(column) { Timestamp(rfc3339: $0) }
    }

    /// A UUID.
    package func identifier(_ column: String) throws(PostgresError) -> Identifier {
        try value(column) { Identifier($0) }
    }

    /// A UUID or nil.
    package func optionalIdentifier(_ column: String) throws(PostgresError) -> Identifier? {
        try optionalValue(column) { Identifier($0) }
    }

    /// A JSON document.
    package func json(_ column: String) throws(PostgresError) -> JSONValue {
        try value(column) { try? JSONParser.parse($0, maxDepth: 64) }
    }

    /// A `jsonb` that is mostly passed on as it is.
    package func encodedJSON(_ column: String) throws(PostgresError) -> JSONValue {
        .encoded(JSONText(stored: try text(column)))
    }

    /// A JSON document or nil.
    package func optionalJSON(_ column: String) throws(PostgresError) -> JSONValue? {
        try optionalValue(column) { try? JSONParser.parse($0, maxDepth: 64) }
    }

    /// One of a set of words.
    package func word<Word: RawRepresentable>(_ column: String, as type: Word.Type = Word.self)
        throws(PostgresError)
        -> Word where Word.RawValue == String
    {
        try value(column) { Word(rawValue: $0) }
    }
}
