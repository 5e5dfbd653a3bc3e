/// A yearly rule as POSIX writes it: `EST5EDT,M3.2.0,M11.1.0`.
struct PosixZoneRule: Sendable {
    struct Change: Sendable {
        enum Day: Sendable {
            /// The n-th such day of a month, 5 being the last; Sunday is 0.
            case weekday(month: Int, nth: Int, day: Int)
            /// From 1, as if no year had a 29 February.
            case withoutLeapDay(Int)
            /// From 0.
            case ofYear(Int)
        }

        let day: Day
        /// On the clock as it was before the change; it may lie outside of the day.
        let secondOfDay: Int
    }

    let standardOffset: Int
    private let summer: (offset: Int, begins: Change, ends: Change)?

    static let utc = PosixZoneRule(standardOffset: 0, summer: nil)

    private init(standardOffset: Int, summer: (Int, Change, Change)?) {
        self.standardOffset = standardOffset
        self.summer = summer
    }

    /// Parses a rule; nil where it is none.
    init?(_ text: String) {
        var scanner = PosixZoneScanner(text)
        guard scanner.name(), let west = scanner.time(maxHours: 24) else { return nil }
        guard !scanner.isAtEnd else {
            self.init(standardOffset: -west, summer: nil)
            return
        }
        guard scanner.name() else { return nil }
        let summerWest = scanner.isAtComma ? west - 3600 : scanner.time(maxHours: 24)
        guard let summerWest, let begins = scanner.change(), let ends = scanner.change(), scanner.isAtEnd
        else {
            return nil
        }
        self.init(standardOffset: -west, summer: (-summerWest, begins, ends))
    }

    func offset(at instant: Int) -> Int {
        guard let summer else { return standardOffset }
        let localDay =
            (instant + standardOffset - ((instant + standardOffset) % 86_400 + 86_400) % 86_400) / 86_400
        let year = CalendarDate(daysSince1970: localDay).year
        let begins = summer.begins.second(in: year) - standardOffset
        let ends = summer.ends.second(in: year) - summer.offset
        let isSummer =
            begins < ends ? (begins..<ends).contains(instant) : !(ends..<begins).contains(instant)
        return isSummer ? summer.offset : standardOffset
    }
}

extension PosixZoneRule.Change {
    /// Seconds since 1970 as the local clock counts them.
    fileprivate func second(in year: Int) -> Int {
        date(in: year).daysSince1970 * 86_400 + secondOfDay
    }

    private func date(in year: Int) -> CalendarDate {
        let newYear = CalendarDate(uncheckedYear: year, month: 1, day: 1)
        switch day {
        case .ofYear(let number): return newYear.adding(days: number)
        case .withoutLeapDay(let number):
            let isLeap = CivilDay.monthLength(year: Int64(year), month: 2) == 29
            return newYear.adding(days: number - 1 + (isLeap && number >= 60 ? 1 : 0))
        case .weekday(let month, let nth, let day):
            return CalendarDate.nth(nth, Weekday(sundayZero: day), ofMonth: month, year)
        }
    }
}

extension Weekday {
    fileprivate init(sundayZero number: Int) {
        self = Weekday.allCases[(number + 6) % 7]
    }
}

extension CalendarDate {
    /// The n-th such weekday of a month, 5 being the last.
    static func nth(_ nth: Int, _ weekday: Weekday, ofMonth month: Int, _ year: Int) -> CalendarDate {
        let first = CalendarDate(uncheckedYear: year, month: month, day: 1)
        let ahead = (weekday.rawValue - first.weekday.rawValue + 7) % 7
        let length = Int(CivilDay.monthLength(year: Int64(year), month: Int64(month)))
        let day = ahead + 7 * (nth - 1)
        return first.adding(days: day < length ? day : day - 7)
    }
}

/// Reads the pieces of a rule from its front.
private struct PosixZoneScanner {
    private var rest: Substring.UTF8View

    init(_ text: String) {
        rest = text[...].utf8
    }

    var isAtEnd: Bool { rest.isEmpty }
    var isAtComma: Bool { rest.first == UInt8(ascii: ",") }

    mutating func name() -> Bool {
        if take("<") {
            guard let end = rest.firstIndex(of: UInt8(ascii: ">")) else { return false }
            rest = rest[rest.index(after: end)...]
            return true
        }
        let letters = rest.prefix { ($0 | 0x20) >= UInt8(ascii: "a") && ($0 | 0x20) <= UInt8(ascii: "z") }
        rest = rest.dropFirst(letters.count)
        return letters.count >= 3
    }

    /// `[+-]hh[:mm[:ss]]` in seconds.
    mutating func time(maxHours: Int) -> Int? {
        let sign = take("-") ? -1 : 1
        if sign == 1 { _ = take("+") }
        guard let hours = number(), hours <= maxHours else { return nil }
        var seconds = hours * 3600
        for unit in [60, 1] where take(":") {
            guard let part = number(), part < 60 else { return nil }
            seconds += part * unit
        }
        return sign * seconds
    }

    /// `,date[/time]`.
    mutating func change() -> PosixZoneRule.Change? {
        guard take(","), let day = day() else { return nil }
        let second = take("/") ? time(maxHours: 167) : 7200
        return second.map { PosixZoneRule.Change(day: day, secondOfDay: $0) }
    }

    private mutating func day() -> PosixZoneRule.Change.Day? {
        if take("J") { return number().flatMap { (1...365).contains($0) ? .withoutLeapDay($0) : nil } }
        guard take("M") else { return number().flatMap { $0 <= 365 ? .ofYear($0) : nil } }
        guard let month = number(), (1...12).contains(month), take("."), let nth = number(),
            (1...5).contains(nth), take("."), let day = number(), day <= 6
        else { return nil }
        return .weekday(month: month, nth: nth, day: day)
    }

    private mutating func number() -> Int? {
        let digits = rest.prefix { (0x30...0x39).contains($0) }
        guard (1...3).contains(digits.count) else { return nil }
        rest = rest.dropFirst(digits.count)
        return Int(String(Substring(digits)))
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest = rest.dropFirst()
        return true
    }
}
