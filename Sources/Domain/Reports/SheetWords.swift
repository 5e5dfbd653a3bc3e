import JSON

// How reports spell what stands in their documents. A value that is not there is a dash.

extension JSONValue {
    /// An amount in USD to the cent: `$1,999.50`, `−$50`; in the form of those that it stands among.
    func money(_ key: String, _ form: AmountForm? = nil) -> String {
        self[key]?.decimalValue.map { form?.money($0) ?? AmountText.money($0) } ?? "–"
    }

    /// The same with a sign: `+$120`.
    func gain(_ key: String, _ form: AmountForm? = nil) -> String {
        self[key]?.decimalValue.map { form?.gain($0) ?? AmountText.gain($0) } ?? "–"
    }

    /// The form of several amounts in an object that stand below or beside one another.
    func form(_ keys: String...) -> AmountForm { AmountForm(keys.map { self[$0]?.decimalValue }) }

    /// A price with all its digits, to four places.
    func price(_ key: String) -> String {
        self[key]?.decimalValue.map { "$" + $0.rounded(scale: 4).grouped(minimumPlaces: 2) } ?? "–"
    }

    /// A fraction in percent: `5.25%`.
    func percent(_ key: String) -> String { self[key]?.decimalValue.map(AmountText.percent) ?? "–" }

    /// The same with a sign.
    func change(_ key: String) -> String {
        self[key]?.decimalValue.map { fraction in
            (fraction.rounded(scale: 4).isPositive ? "+" : "") + AmountText.percent(fraction)
        } ?? "–"
    }

    /// A profit as a multiple of what was risked: `+1.60`.
    func multiple(_ key: String) -> String? {
        self[key]?.decimalValue.map { number in
            let rounded = number.rounded(scale: 2)
            let sign = rounded.isNegative ? "−" : rounded.isPositive ? "+" : ""
            return sign + rounded.magnitude.text(minimumPlaces: 2)
        }
    }

    /// A number as it stands, to four places.
    func number(_ key: String) -> String {
        self[key]?.decimalValue.map { SheetWords.signed($0.rounded(scale: 4).grouped(), $0) } ?? count(key)
    }

    /// Of how many things a sentence tells: `1 trade`, `3 trades`, `no trades`.
    func counted(_ key: String, _ one: String, _ many: String? = nil) -> String {
        self[key]?.intValue.map { Domain.counted($0, one, many, none: "no") } ?? "– \(many ?? "\(one)s")"
    }

    /// A whole number.
    func count(_ key: String) -> String { self[key]?.numberText ?? "–" }

    /// A text.
    func words(_ key: String) -> String { self[key]?.stringValue ?? "–" }

    /// A time as New York has it: `Tue 2026-11-24 14:32`.
    func time(_ key: String) -> String {
        guard let instant = self[key]?.stringValue.flatMap({ Timestamp(rfc3339: $0) }) else { return "–" }
        return String(NewYork.time(instant).text.prefix(20))
    }

    /// A length of time.
    func duration(_ key: String) -> String { self[key]?.decimalValue.map(SheetWords.duration) ?? "–" }

    /// The elements of a list.
    func list(_ key: String) -> [JSONValue] { self[key]?.arrayValue ?? [] }

    /// An object, or an empty one.
    func part(_ key: String) -> JSONValue { self[key] ?? .null }
}

extension [JSONValue] {
    /// The form of a column: of the amounts that its rows have under a key.
    func form(_ key: String) -> AmountForm { AmountForm(map { $0[key]?.decimalValue }) }
}

/// Spelling that more than one report shares.
enum SheetWords {
    static func signed(_ text: String, _ number: ExactDecimal) -> String {
        number.isNegative ? "−" + text.drop { $0 == "-" } : text
    }

    /// `0.4 s`, `45 s`, `12 min 5 s`, `3 h 20 min`.
    static func duration(_ seconds: ExactDecimal) -> String {
        if seconds < ExactDecimal(10) { return "\(seconds.rounded(scale: 1)) s" }
        let whole = Int(seconds.rounded(scale: 0).description) ?? 0
        switch whole {
        case ..<60: return "\(whole) s"
        case ..<3600: return whole % 60 == 0 ? "\(whole / 60) min" : "\(whole / 60) min \(whole % 60) s"
        default: return "\(whole / 3600) h \(whole / 60 % 60) min"
        }
    }
}
