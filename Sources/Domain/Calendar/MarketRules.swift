/// When the exchange is open on a day, by the clock of New York.
package enum SessionHours: Sendable, Hashable {
    /// Not at all, and why: `Thanksgiving`.
    case closed(String)
    /// From the opening to the closing auction, in minutes after midnight.
    case open(fromMinute: Int, toMinute: Int)

    /// 09:30 to 16:00.
    package static let regular = SessionHours.open(fromMinute: 9 * 60 + 30, toMinute: 16 * 60)
    /// 09:30 to 13:00.
    package static let early = SessionHours.open(fromMinute: 9 * 60 + 30, toMinute: 13 * 60)
}

/// The holidays and early closes of the New York Stock Exchange as its rules have stood since 2013.
///
/// Source: NYSE Rule 7.2 and the exchange's yearly announcements; Juneteenth since 2022.
enum MarketRules {
    static func hours(on date: CalendarDate) -> SessionHours {
        if date.weekday.isWeekend { return .closed("Weekend") }
        if let holiday = holidays(of: date.year).first(where: { $0.date == date }) {
            return .closed(holiday.name)
        }
        return isEarlyClose(date) ? .early : .regular
    }

    /// Days without a rule: mourning and storms.
    static let exceptions: [CalendarDate: SessionHours] = [
        CalendarDate(uncheckedYear: 2012, month: 10, day: 29): .closed("Hurricane Sandy"),
        CalendarDate(uncheckedYear: 2012, month: 10, day: 30): .closed("Hurricane Sandy"),
        CalendarDate(uncheckedYear: 2018, month: 12, day: 5): .closed("Mourning for President G. H. W. Bush"),
        CalendarDate(uncheckedYear: 2025, month: 1, day: 9): .closed("Mourning for President Carter"),
    ]

    private static func holidays(of year: Int) -> [(date: CalendarDate, name: String)] {
        var holidays: [(date: CalendarDate, name: String)] = [
            (observed(month: 7, day: 4, year), "Independence Day"),
            (observed(month: 12, day: 25, year), "Christmas"),
            (.nth(3, .monday, ofMonth: 1, year), "Martin Luther King Jr. Day"),
            (.nth(3, .monday, ofMonth: 2, year), "Washington's Birthday"),
            (easter(year).adding(days: -2), "Good Friday"),
            (.nth(5, .monday, ofMonth: 5, year), "Memorial Day"),
            (.nth(1, .monday, ofMonth: 9, year), "Labor Day"),
            (.nth(4, .thursday, ofMonth: 11, year), "Thanksgiving"),
        ]
        if year >= 2022 {
            holidays.append((observed(month: 6, day: 19, year), "Juneteenth"))
        }
        // A New Year's Day on a Saturday is not made up for: the Friday before closes the old year's books.
        let newYear = CalendarDate(uncheckedYear: year, month: 1, day: 1)
        holidays.append((newYear.weekday == .sunday ? newYear.adding(days: 1) : newYear, "New Year's Day"))
        return holidays
    }

    /// Friday for a Saturday, Monday for a Sunday.
    private static func observed(month: Int, day: Int, _ year: Int) -> CalendarDate {
        let date = CalendarDate(uncheckedYear: year, month: month, day: day)
        switch date.weekday {
        case .saturday: return date.adding(days: -1)
        case .sunday: return date.adding(days: 1)
        case .monday, .tuesday, .wednesday, .thursday, .friday: return date
        }
    }

    /// The day after Thanksgiving, and the eve of Independence Day and Christmas where both are working days.
    private static func isEarlyClose(_ date: CalendarDate) -> Bool {
        let (year, month, day) = date.components
        switch (month, day) {
        case (7, 3), (12, 24): return date.weekday.rawValue <= Weekday.thursday.rawValue
        case (11, _): return date == CalendarDate.nth(4, .thursday, ofMonth: 11, year).adding(days: 1)
        default: return false
        }
    }

    /// Easter Sunday, by the computation Meeus gives for the Gregorian calendar.
    private static func easter(_ year: Int) -> CalendarDate {
        let golden = year % 19
        let (century, ofCentury) = (year / 100, year % 100)
        let moonShift = (century - (century + 8) / 25 + 1) / 3
        let epact = (19 * golden + century - century / 4 - moonShift + 15) % 30
        let toSunday = (32 + 2 * (century % 4) + 2 * (ofCentury / 4) - epact - ofCentury % 4) % 7
        let correction = (golden + 11 * epact + 22 * toSunday) / 451
        let days = epact + toSunday - 7 * correction + 114
        return CalendarDate(uncheckedYear: year, month: days / 31, day: days % 31 + 1)
    }
}
