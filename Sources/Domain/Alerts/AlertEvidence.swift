package import JSON

/// What an alert measured, as people read it: with units, not as programs keep it.
package enum AlertEvidence {
    /// One thing that was measured.
    package struct Fact: Sendable, Hashable {
        /// Its name among the evidence: `market_value`.
        package let key: String
        package let text: String
        /// Whether it is a list or an object, whose text is JSON: for those who look closely only.
        package let isNested: Bool
    }

    /// Everything that was measured, in the order in which it was written down; what is not known is left out.
    package static func facts(_ evidence: JSONObject) -> [Fact] {
        let unit = evidence["unit"]?.stringValue.flatMap(BreakerUnit.init)
        return evidence.members.flatMap { key, value -> [Fact] in
            // It stands behind each of the amounts that it is the unit of.
            if key == "unit", unit != nil { return [] }
            if key == "evidence", let inner = value.objectValue { return facts(inner) }
            switch value {
            case .null: return []
            case .array, .object, .encoded: return [Fact(key: key, text: value.serialized(), isNested: true)]
            case .string, .number, .bool:
                return [Fact(key: key, text: text(key, value, unit), isNested: false)]
            }
        }
    }

    private static let amounts: Set = [
        "market_value", "equity", "previous_equity", "cash_flow", "high_water_mark",
    ]
    private static let measured: Set = ["value", "limit", "acknowledged", "left"]

    private static func text(_ key: String, _ value: JSONValue, _ unit: BreakerUnit?) -> String {
        if let truth = value.boolValue { return truth ? "yes" : "no" }
        let plain = value.stringValue ?? value.numberText ?? ""
        if let number = ExactDecimal(plain) {
            if let unit, measured.contains(key) { return unit.words(number) }
            return amounts.contains(key) ? AmountText.money(number) : plain
        }
        switch key {
        case "breaker": return BreakerKind(rawValue: plain)?.words ?? plain
        case "setting": return CheckCode(rawValue: plain)?.title ?? plain
        default: return Timestamp(rfc3339: plain).map { NewYork.time($0).text } ?? plain
        }
    }
}
