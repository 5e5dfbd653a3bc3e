/// Reads the texts that `Timestamp` takes.
struct TimestampScanner {
    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func microseconds() -> Int64? {
        guard bytes.count <= 40, let days = day(), take("T", "t", " "), let time = time(),
            let offset = offset(), place == bytes.count
        else { return nil }
        return days * 86_400_000_000 + time - offset * 1_000_000
    }

    private mutating func day() -> Int64? {
        guard let year = digits(4), take("-"), let month = digits(2), take("-"), let day = digits(2),
            (1...12).contains(month), day >= 1, day <= CivilDay.monthLength(year: year, month: month)
        else { return nil }
        return CivilDay.days(year: year, month: month, day: day)
    }

    private mutating func time() -> Int64? {
        guard let hour = digits(2), take(":"), let minute = digits(2), take(":"), let second = digits(2),
            hour < 24, minute < 60, second <= 60
        else { return nil }
        return (hour * 3600 + minute * 60 + min(second, 59)) * 1_000_000 + (fraction() ?? 0)
    }

    private mutating func fraction() -> Int64? {
        guard take(".") else { return 0 }
        var value: Int64 = 0
        var count = 0
        while place < bytes.count, let digit = digit(bytes[place]) {
            if count < 6 { value = value * 10 + digit }
            count += 1
            place += 1
        }
        while count < 6 {
            value *= 10
            count += 1
        }
        return value
    }

    private mutating func offset() -> Int64? {
        if take("Z", "z") { return 0 }
        let isNegative = place < bytes.count && bytes[place] == UInt8(ascii: "-")
        guard take("+", "-"), let hours = digits(2), hours < 24 else { return nil }
        var minutes: Int64 = 0
        if place < bytes.count {
            _ = take(":")
            guard let read = digits(2), read < 60 else { return nil }
            minutes = read
        }
        return (isNegative ? -1 : 1) * (hours * 3600 + minutes * 60)
    }

    private mutating func digits(_ count: Int) -> Int64? {
        guard place + count <= bytes.count else { return nil }
        var value: Int64 = 0
        for _ in 0..<count {
            guard let digit = digit(bytes[place]) else { return nil }
            value = value * 10 + digit
            place += 1
        }
        return value
    }

    private func digit(_ byte: UInt8) -> Int64? {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") ? Int64(byte - UInt8(ascii: "0")) : nil
    }

    private mutating func take(_ characters: Unicode.Scalar...) -> Bool {
        guard place < bytes.count, characters.contains(Unicode.Scalar(bytes[place])) else { return false }
        place += 1
        return true
    }
}
