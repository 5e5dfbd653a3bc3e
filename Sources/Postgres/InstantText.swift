/// The text form of `timestamptz` in ISO style, to and from microseconds since 1970 UTC.
///
/// Days are counted by the proleptic Gregorian calendar, as PostgreSQL does
/// (algorithms: howardhinnant.github.io/date_algorithms.html).
enum InstantText {
    private static let microsecondsPerDay: Int64 = 86_400_000_000

    static func text(microseconds: Int64) -> String {
        let (days, rest) = floorDivide(microseconds, microsecondsPerDay)
        let date = civil(days: days)
        let seconds = rest / 1_000_000
        let time = [seconds / 3600, seconds / 60 % 60, seconds % 60].map { padded($0, 2) }.joined(
            separator: ":")
        // Year 0 is 1 BC.
        let (year, era) = date.year > 0 ? (date.year, "") : (1 - date.year, " BC")
        return "\(padded(year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2)) \(time)"
            + ".\(padded(rest % 1_000_000, 6))+00\(era)"
    }

    /// Reads `2026-11-21 07:25:24.123456+00`; nil for anything else, `infinity` included.
    static func microseconds(_ text: some Collection<UInt8>) -> Int64? {
        var reader = Reader(text: Array(text)[...])
        guard let year = reader.number(digits: 4...6), reader.take("-"),
            let month = reader.number(digits: 2...2),
            reader.take("-"), let day = reader.number(digits: 2...2), reader.take(" "),
            let hour = reader.number(digits: 2...2), reader.take(":"),
            let minute = reader.number(digits: 2...2),
            reader.take(":"), let second = reader.number(digits: 2...2), let fraction = reader.fraction(),
            let offset = reader.offsetSeconds(), let isBeforeChrist = reader.era()
        else { return nil }
        let days = days(year: isBeforeChrist ? 1 - year : year, month: month, day: day)
        let seconds = hour * 3600 + minute * 60 + second - offset
        return days * microsecondsPerDay + seconds * 1_000_000 + fraction
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    private static func floorDivide(_ number: Int64, _ divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = floorDivide(year, 400)
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = floorDivide(days + 719_468, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }

    private struct Reader {
        var text: ArraySlice<UInt8>

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard text.first == UInt8(ascii: character) else { return false }
            text.removeFirst()
            return true
        }

        mutating func number(digits: ClosedRange<Int>) -> Int64? {
            let found = text.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            guard digits.contains(found.count) else { return nil }
            text = text.dropFirst(found.count)
            return found.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
        }

        /// Up to six digits after a point, as microseconds; 0 without a point.
        mutating func fraction() -> Int64? {
            guard take(".") else { return 0 }
            let count = text.count
            guard let digits = number(digits: 1...6) else { return nil }
            return (0..<(6 - (count - text.count))).reduce(digits) { scaled, _ in scaled * 10 }
        }

        mutating func offsetSeconds() -> Int64? {
            guard let sign = text.popFirst(), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"),
                let hours = number(digits: 2...2)
            else { return nil }
            var seconds = hours * 3600
            for unit: Int64 in [60, 1] where take(":") {
                guard let part = number(digits: 2...2) else { return nil }
                seconds += part * unit
            }
            return sign == UInt8(ascii: "-") ? -seconds : seconds
        }

        /// Whether the year is before Christ; nil where something else follows.
        mutating func era() -> Bool? {
            if text.isEmpty { return false }
            return text.elementsEqual(" BC".utf8) ? true : nil
        }
    }
}
