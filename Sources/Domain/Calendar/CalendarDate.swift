/// A day of the calendar, nowhere in particular: `2026-11-27`.
package struct CalendarDate: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Days since 1970-01-01.
    package let daysSince1970: Int

    /// A day by its distance from 1970-01-01.
    package init(daysSince1970: Int) {
        self.daysSince1970 = daysSince1970
    }

    /// A day by its numbers; nil where the calendar has no such day.
    package init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month),
            (1...Int(CivilDay.monthLength(year: Int64(year), month: Int64(month)))).contains(day)
        else { return nil }
        self.init(uncheckedYear: year, month: month, day: day)
    }

    /// A day from `YYYY-MM-DD`; nil where it is anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [4, 2, 2],
            text.utf8.allSatisfy({ $0 == UInt8(ascii: "-") || (0x30...0x39).contains($0) }),
            let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2])
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    /// For numbers known to make a day.
    init(uncheckedYear year: Int, month: Int, day: Int) {
        daysSince1970 = Int(CivilDay.days(year: Int64(year), month: Int64(month), day: Int64(day)))
    }

    /// Year, month 1-12 and day 1-31.
    package var components: (year: Int, month: Int, day: Int) {
        let date = CivilDay.date(daysSince1970: Int64(daysSince1970))
        return (Int(date.year), Int(date.month), Int(date.day))
    }

    /// The year.
    package var year: Int { components.year }

    /// The day of the week.
    package var weekday: Weekday {
        let fromMonday = (daysSince1970 + 3) % 7
        return Weekday.allCases[fromMonday < 0 ? fromMonday + 7 : fromMonday]
    }

    /// The day so many days later, or earlier where negative.
    package func adding(days: Int) -> CalendarDate {
        CalendarDate(daysSince1970: daysSince1970 + days)
    }

    package static func < (left: CalendarDate, right: CalendarDate) -> Bool {
        left.daysSince1970 < right.daysSince1970
    }

    /// `YYYY-MM-DD`.
    package var description: String {
        let (year, month, day) = components
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    }
}

/// A day of the week, Monday first as ISO 8601 counts.
package enum Weekday: Int, Sendable, CaseIterable {
    case monday = 1
    case tuesday, wednesday, thursday, friday, saturday, sunday

    /// Three letters, such as `Mon`.
    package var shortName: String {
        switch self {
        case .monday: "Mon"
        case .tuesday: "Tue"
        case .wednesday: "Wed"
        case .thursday: "Thu"
        case .friday: "Fri"
        case .saturday: "Sat"
        case .sunday: "Sun"
        }
    }

    /// Whether exchanges rest on it.
    package var isWeekend: Bool { self == .saturday || self == .sunday }
}

/// A number with zeros in front of it.
func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
