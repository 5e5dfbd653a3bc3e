/// A week as ISO 8601 counts them: `2026-W48`, Monday to Sunday, of the year its Thursday lies in.
package struct ISOWeek: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Its Monday.
    package let monday: CalendarDate

    /// The week that holds this day.
    package init(containing date: CalendarDate) {
        monday = date.adding(days: 1 - date.weekday.rawValue)
    }

    /// A week by year and number; nil where the year has no such week.
    package init?(year: Int, week: Int) {
        guard (1...53).contains(week), let fourth = CalendarDate(year: year, month: 1, day: 4) else {
            return nil
        }
        self.init(containing: fourth.adding(days: 7 * (week - 1)))
        guard self.year == year else { return nil }
    }

    /// A week from `YYYY-Www`; nil where it is anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [4, 3], parts[1].hasPrefix("W"),
            (parts[0] + parts[1].dropFirst()).utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let year = Int(parts[0]), let week = Int(parts[1].dropFirst())
        else { return nil }
        self.init(year: year, week: week)
    }

    /// The year its Thursday lies in.
    package var year: Int { monday.adding(days: 3).year }

    /// Its number in that year, from 1.
    package var week: Int {
        let newYear = CalendarDate(uncheckedYear: year, month: 1, day: 4)
        return (monday.daysSince1970 - ISOWeek(containing: newYear).monday.daysSince1970) / 7 + 1
    }

    /// Its last day.
    package var sunday: CalendarDate { monday.adding(days: 6) }

    /// Its seven days.
    package var days: [CalendarDate] { (0..<7).map { monday.adding(days: $0) } }

    /// The week so many weeks later, or earlier where negative.
    package func adding(weeks: Int) -> ISOWeek {
        ISOWeek(containing: monday.adding(days: 7 * weeks))
    }

    package static func < (left: ISOWeek, right: ISOWeek) -> Bool { left.monday < right.monday }

    /// `YYYY-Www`.
    package var description: String { "\(padded(year, 4))-W\(padded(week, 2))" }
}

extension CalendarDate {
    /// The week it belongs to.
    package var isoWeek: ISOWeek { ISOWeek(containing: self) }
}
