/// A parameter of a statement; the server infers its type from where it stands.
///
/// Everything travels as text: exact decimals, identifiers and JSON go as `.text` and stay untouched.
package enum PostgresValue: Sendable, Hashable {
    case null
    case text(String)
    case int(Int64)
    case bool(Bool)
    case bytes([UInt8])
    /// Microseconds since 1970-01-01 UTC, for `timestamptz`.
    case timestamp(microseconds: Int64)
    /// An array literal; fits `text[]` and, by inference or cast, `numeric[]`, `uuid[]`, `timestamptz[]`, …
    case textArray([String?])
    case intArray([Int64?])
    case boolArray([Bool?])
    case bytesArray([[UInt8]?])
    /// As `textArray`, for parameters that the statement casts to `text[]`: neither side has anything to quote, so
    /// many or long texts cost a fraction.
    case packedTextArray([String?])

    /// JSON text for `json` and `jsonb`.
    package static func json(_ text: String) -> PostgresValue { .text(text) }

    /// The value, or NULL.
    package static func optional(_ value: (some PostgresEncodable)?) -> PostgresValue {
        value?.postgresValue ?? .null
    }

    /// An array of whole numbers.
    package static func ints(_ values: [Int]) -> PostgresValue {
        .intArray(values.map { Int64($0) })
    }
}

extension PostgresValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByNilLiteral
{
    package init(stringLiteral value: String) { self = .text(value) }
    package init(integerLiteral value: Int64) { self = .int(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(nilLiteral: ()) { self = .null }
}

/// A type that can be a parameter.
package protocol PostgresEncodable {
    var postgresValue: PostgresValue { get }
}

extension PostgresValue: PostgresEncodable {
    package var postgresValue: PostgresValue { self }
}

extension String: PostgresEncodable {
    package var postgresValue: PostgresValue { .text(self) }
}

extension Int: PostgresEncodable {
    package var postgresValue: PostgresValue { .int(Int64(self)) }
}

extension Int64: PostgresEncodable {
    package var postgresValue: PostgresValue { .int(self) }
}

extension Bool: PostgresEncodable {
    package var postgresValue: PostgresValue { .bool(self) }
}

extension [UInt8]: PostgresEncodable {
    package var postgresValue: PostgresValue { .bytes(self) }
}

extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
    package var postgresValue: PostgresValue { self?.postgresValue ?? .null }
}

extension PostgresEncodable where Self: RawRepresentable, RawValue: PostgresEncodable {
    package var postgresValue: PostgresValue { rawValue.postgresValue }
}
