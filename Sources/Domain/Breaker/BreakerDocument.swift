package import JSON

// How the breakers stand in a policy document.

extension BreakerPolicy {
    /// The breakers as they stand in a document.
    var json: JSONValue {
        var object = JSONObject()
        for kind in BreakerKind.allCases { object[kind.rawValue] = self[kind]?.json(kind) ?? .null }
        return .object(object)
    }

    /// Takes in what a document says; null turns a breaker off.
    mutating func read(_ reader: JSONReader) {
        for kind in BreakerKind.allCases where reader.has(kind.rawValue) {
            guard reader.value(kind.rawValue) != nil else {
                self[kind] = nil
                continue
            }
            guard let settings = reader.object(kind.rawValue) else { continue }
            let rule = BreakerRule.read(settings, kind, else: self[kind] ?? .unset(kind))
            if rule.limits.isEmpty {
                reader.fault(kind.rawValue, "must have a limit; null turns the breaker off")
            }
            self[kind] = rule
        }
        reader.refuseUnknown()
    }
}

extension BreakerRule {
    fileprivate func json(_ kind: BreakerKind) -> JSONValue {
        var object = JSONObject()
        for unit in kind.units { object[unit.rawValue] = limits[unit].map(unit.json) ?? .null }
        object["on_trip"] = .string(onTrip.rawValue)
        object["scope"] = .string(scope.rawValue)
        object["allows_reducing"] = .bool(allowsReducing)
        return .object(object)
    }

    fileprivate static func read(
        _ reader: JSONReader, _ kind: BreakerKind, else preset: BreakerRule
    ) -> BreakerRule {
        var rule = preset
        for unit in kind.units { rule.limits[unit] = unit.read(reader, else: preset.limits[unit]) }
        rule.onTrip = reader.setting("on_trip", else: preset.onTrip) { $0.choice($1, BreakerAction.self) }
        rule.scope = reader.setting("scope", else: preset.scope) { $0.choice($1, BreakerScope.self) }
        rule.allowsReducing = reader.setting("allows_reducing", else: preset.allowsReducing) { $0.bool($1) }
        if !kind.scopes.contains(rule.scope) {
            let words = kind.scopes.map { "\"\($0.rawValue)\"" }.joined(separator: " or ")
            reader.fault("scope", "must be \(words) for this breaker")
        }
        if rule.onTrip == .haltCancelFlatten, rule.scope == .strategy {
            reader.fault(
                "on_trip",
                "closes positions, which belong to the account: its scope must be \"account\" or, for the loss of one"
                    + " position, \"symbol\"; \"halt_cancel\" cancels what the strategy has open")
        }
        reader.refuseUnknown()
        return rule
    }
}

extension BreakerUnit {
    /// A value as documents and answers write it: money and fractions exactly, counts as whole numbers.
    package func json(_ value: ExactDecimal) -> JSONValue {
        switch self {
        case .pct, .usd: .string(value.description)
        case .count, .seconds: Int(value.description).map { .integer($0) } ?? .string(value.description)
        }
    }

    /// The limit in this unit: above nought, because at nought it would always trip.
    fileprivate func read(_ reader: JSONReader, else preset: ExactDecimal?) -> ExactDecimal? {
        switch self {
        case .usd: return reader.money(rawValue, else: preset)
        case .pct:
            let fraction = reader.fraction(rawValue, else: preset)
            guard reader.has(rawValue), fraction?.isZero ?? false else { return fraction }
            reader.fault(rawValue, "must be above 0; null turns the limit off")
            return nil
        case .count, .seconds:
            let most = self == .count ? 1000 : 86_400
            return reader.limit(rawValue, else: preset) { reader, key in
                reader.int(key, in: 1...most).map { ExactDecimal($0) }
            }
        }
    }
}
