package import JSON

extension JSONValue {
    /// A decimal as the API writes it: a string, or null.
    package static func decimal(_ value: ExactDecimal?) -> JSONValue {
        value.map { .string($0.description) } ?? .null
    }

    /// The decimal that a string holds; nil where there is none.
    package var decimalValue: ExactDecimal? { stringValue.flatMap { ExactDecimal($0) } }
}
