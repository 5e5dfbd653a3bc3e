/// An instant: microseconds since 1970 in UTC, the resolution of PostgreSQL.
package struct Timestamp: Sendable, Hashable, Comparable {
    /// Microseconds since 1970-01-01T00:00:00Z.
    package let microseconds: Int64

    /// An instant by its microseconds since 1970.
    package init(microseconds: Int64) { self.microseconds = microseconds }

    /// An instant by its seconds since 1970.
    package init(seconds: Int64) { microseconds = seconds * 1_000_000 }

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.microseconds < right.microseconds
    }

    /// The instant that many seconds later.
    package func adding(seconds: Int) -> Timestamp {
        Timestamp(microseconds: microseconds + Int64(seconds) * 1_000_000)
    }

    /// The instant that many minutes later.
    package func adding(minutes: Int) -> Timestamp { adding(seconds: minutes * 60) }

    /// How many seconds lie between an earlier instant and this one, rounded down; negative where it is later.
    package func seconds(since earlier: Timestamp) -> Int {
        let difference = microseconds - earlier.microseconds
        return Int((difference >= 0 ? difference : difference - 999_999) / 1_000_000)
    }
}

extension Timestamp: CustomStringConvertible {
    package var description: String { rfc3339 }

    /// The instant as RFC 3339 in UTC with no, three or six digits of a second's fraction.
    package var rfc3339: String {
        let (day, ofDay) = Self.floorDivide(microseconds, 86_400_000_000)
        let date = CivilDay.date(daysSince1970: day)
        let (second, fraction) = Self.floorDivide(ofDay, 1_000_000)
        // Years may have more digits, and a sign.
        guard 0...9999 ~= date.year else {
            return String(date.year) + Self.text(date, second, fraction).dropFirst(4)
        }
        return Self.text(date, second, fraction)
    }

    /// The text for the last four digits of a year.
    private static func text(
        _ date: (year: Int64, month: Int64, day: Int64), _ second: Int64, _ fraction: Int64
    ) -> String {
        String(unsafeUninitializedCapacity: 27) { text in
            var place = 0
            func write(_ number: Int64, digits: Int, before mark: Unicode.Scalar? = nil) {
                var rest = number.magnitude
                for digit in 0..<digits {
                    text[place + digits - 1 - digit] = UInt8(ascii: "0") + UInt8(rest % 10)
                    rest /= 10
                }
                place += digits
                guard let mark else { return }
                text[place] = UInt8(ascii: mark)
                place += 1
            }
            write(date.year, digits: 4, before: "-")
            write(date.month, digits: 2, before: "-")
            write(date.day, digits: 2, before: "T")
            write(second / 3600, digits: 2, before: ":")
            write(second / 60 % 60, digits: 2, before: ":")
            write(second % 60, digits: 2, before: fraction == 0 ? "Z" : ".")
            guard fraction != 0 else { return place }
            let isWhole = fraction % 1000 == 0
            write(isWhole ? fraction / 1000 : fraction, digits: isWhole ? 3 : 6, before: "Z")
            return place
        }
    }

    /// An instant from RFC 3339 with any offset, or from the text that PostgreSQL gives.
    ///
    /// Digits of the fraction beyond the sixth are cut, and a leap second is the second before it. Nil where it is
    /// neither, or where it lies in UTC before the year 1 or after the year 9999.
    package init?(rfc3339 text: String) {
        var scanner = TimestampScanner(Array(text.utf8))
        guard let microseconds = scanner.microseconds(), Self.writable.contains(microseconds) else {
            return nil
        }
        self.microseconds = microseconds
    }

    /// What four digits of a year can write: PostgreSQL knows no year 0, and later years could not be read back.
    private static let writable: ClosedRange<Int64> = -62_135_596_800_000_000...253_402_300_799_999_999

    static func floorDivide(_ value: Int64, _ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

/// The proleptic Gregorian calendar as arithmetic (after Howard Hinnant's `days_from_civil`).
enum CivilDay {
    static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = Timestamp.floorDivide(shifted, 400).quotient
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    static func date(daysSince1970: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = daysSince1970 + 719_468
        let era = Timestamp.floorDivide(shifted, 146_097).quotient
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthShifted = (5 * dayOfYear + 2) / 153
        let month = monthShifted < 10 ? monthShifted + 3 : monthShifted - 9
        let day = dayOfYear - (153 * monthShifted + 2) / 5 + 1
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    static func monthLength(year: Int64, month: Int64) -> Int64 {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        default: 31
        }
    }
}
