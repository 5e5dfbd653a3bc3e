import JSON

/// What a setting of the policy is called, where it is read, and in what it is measured.
struct PolicySetting: Sendable {
    /// How a value is spelled.
    enum Unit: Sendable {
        case text, dollars, minutes, seconds
        /// A fraction of one, shown as percent of something.
        case percent(of: String)
        case count(one: String, many: String)
        case score
        case words([String: String])
        case either(yes: String, no: String)
        /// Where alerts go.
        case routes
        /// Where reports go.
        case reportRoutes
    }

    let pointer: String
    let group: String
    let name: String
    let unit: Unit
    /// What it means that there is none.
    var off = "no limit"

    static let groupTitles = [
        "Preset", "Approval", "Size of a position", "Number of positions", "Quality of the signal",
        "Stop loss",
        "Price and freshness", "Trading hours", "Execution", "Breakers", "Alerts", "Reports",
    ]

    static func find(_ pointer: String) -> PolicySetting? { all[pointer] }

    /// Where it stands among all settings; those without words come last.
    static func place(_ pointer: String) -> Int { places[pointer] ?? .max }

    /// Every setting, in the order in which it is read.
    static let list = general + BreakerKind.allCases.flatMap(\.settings) + alerts + reports

    private static let reports = [
        PolicySetting("/reports/routes", "Reports", "Sent are", .reportRoutes)
    ]

    private static let all = Dictionary(list.map { ($0.pointer, $0) }) { first, _ in first }
    private static let places = Dictionary(list.enumerated().map { ($1.pointer, $0) }) { first, _ in first }

    /// A value in words, with its unit.
    func words(_ value: JSONValue) -> String {
        if value.isNull { return off }
        let number = value.numberText.flatMap(ExactDecimal.init)
        switch unit {
        case .text: return Self.plain(value)
        case .words(let words): return value.stringValue.map { words[$0] ?? $0 } ?? Self.plain(value)
        case .either(let yes, let no): return value.boolValue.map { $0 ? yes : no } ?? Self.plain(value)
        case .routes: return AlertRoute.words(value) ?? Self.plain(value)
        case .reportRoutes: return ReportRoute.words(value) ?? Self.plain(value)
        case .dollars: return number.map(AmountText.money) ?? Self.plain(value)
        case .percent(let whole):
            return number.map { "\(($0 * ExactDecimal(100)).shortest)% of \(whole)" } ?? Self.plain(value)
        case .score: return number.map { $0.isZero ? "any" : "\($0) of 100" } ?? Self.plain(value)
        case .count(let one, let many):
            return number.map { "\($0) \($0 == .one ? one : many)" } ?? Self.plain(value)
        case .minutes: return value.intValue.map { DurationText.words(seconds: $0 * 60) } ?? Self.plain(value)
        case .seconds: return value.intValue.map { DurationText.words(seconds: $0) } ?? Self.plain(value)
        }
    }

    /// A value that nobody has words for.
    static func plain(_ value: JSONValue) -> String {
        switch value {
        case .null: "none"
        case .string(let text): text
        case .bool(let isOn): isOn ? "yes" : "no"
        case .number, .array, .object, .encoded: value.serialized()
        }
    }
}

extension ExactDecimal {
    /// Without noughts at the end: `5`, `0.5`.
    fileprivate var shortest: String {
        let text = description
        guard text.contains(".") else { return text }
        let bare = text.reversed().drop { $0 == "0" }.reversed()
        return bare.last == "." ? String(bare.dropLast()) : String(bare)
    }
}
