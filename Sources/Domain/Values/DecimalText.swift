extension ExactDecimal: CustomStringConvertible {
    /// The number as plain digits, without exponent and trailing noughts: `118.2`.
    package var description: String { text(minimumPlaces: 0) }

    /// The number with at least so many decimal places: `118.20`.
    package func text(minimumPlaces: Int) -> String {
        text(minimumPlaces: minimumPlaces, isGrouped: false)
    }

    /// The number for people, thousands separated: `47,280` or, with two places, `47,280.00`.
    package func grouped(minimumPlaces: Int = 0) -> String {
        text(minimumPlaces: minimumPlaces, isGrouped: true)
    }

    /// Written from the last character to the first, into as much room as it takes: each proposal has about a hundred.
    private func text(minimumPlaces: Int, isGrouped: Bool) -> String {
        var digits = DigitsFromTheLast(coefficient.magnitude)
        let places = max(scale, minimumPlaces)
        let whole = max(1, digits.count - scale)
        let separators = isGrouped ? (whole - 1) / 3 : 0
        let length = (isNegative ? 1 : 0) + whole + separators + (places > 0 ? places + 1 : 0)
        return String(unsafeUninitializedCapacity: length) { buffer in
            var place = length
            func write(_ byte: UInt8) {
                place -= 1
                buffer.initializeElement(at: place, to: byte)
            }
            for _ in scale..<places { write(UInt8(ascii: "0")) }
            for _ in 0..<scale { write(digits.next()) }
            if places > 0 { write(UInt8(ascii: ".")) }
            for digit in 0..<whole {
                if isGrouped, digit > 0, digit % 3 == 0 { write(UInt8(ascii: ",")) }
                write(digits.next())
            }
            if isNegative { write(UInt8(ascii: "-")) }
            return length
        }
    }
}

/// The digits of a whole number in ASCII, the last one first, and noughts when there are no more.
private struct DigitsFromTheLast {
    private var rest: UInt128

    init(_ number: UInt128) { rest = number }

    /// How many there are before the noughts; none of nought.
    var count: Int {
        var copy = self
        var count = 0
        while copy.rest > 0 {
            _ = copy.next()
            count += 1
        }
        return count
    }

    mutating func next() -> UInt8 {
        // 128 bits divide slowly, and most amounts need far fewer.
        if let short = UInt64(exactly: rest) {
            rest = UInt128(short / 10)
            return UInt8(ascii: "0") + UInt8(short % 10)
        }
        defer { rest /= 10 }
        return UInt8(ascii: "0") + UInt8(rest % 10)
    }
}

/// The grammar of decimals from outside: JSON's number, in a string or bare, and not too long.
enum DecimalText {
    static func parse(_ text: String) -> (coefficient: Int128, scale: Int)? {
        if let plain = plain(text) { return plain }
        let bytes = Array(text.utf8)
        guard bytes.count <= 64, let parts = split(bytes) else { return nil }
        guard parts.fraction.count - parts.exponent <= ExactDecimal.maxScale + 40 else { return nil }
        return assemble(parts)
    }

    /// A number of few digits, as nearly all are; nil for everything else, also for what is none.
    private static func plain(_ text: String) -> (coefficient: Int128, scale: Int)? {
        var text = text
        return text.withUTF8 { bytes in
            guard (1...17).contains(bytes.count) else { return nil }
            let isNegative = bytes[0] == UInt8(ascii: "-")
            let start = isNegative ? 1 : 0
            var magnitude = 0
            var point: Int?
            for place in start..<bytes.count {
                let digit = bytes[place] &- UInt8(ascii: "0")
                if digit <= 9 {
                    magnitude = magnitude * 10 + Int(digit)
                } else if bytes[place] == UInt8(ascii: "."), point == nil {
                    point = place
                } else {
                    return nil
                }
            }
            let wholeEnd = point ?? bytes.count
            let isLongNought = wholeEnd - start > 1 && bytes[start] == UInt8(ascii: "0")
            guard wholeEnd > start, wholeEnd - start <= ExactDecimal.maxWholeDigits, !isLongNought,
                point != bytes.count - 1
            else { return nil }
            let scale = point.map { bytes.count - 1 - $0 } ?? 0
            return (Int128(isNegative ? -magnitude : magnitude), scale)
        }
    }

    private struct Parts {
        var isNegative = false
        var whole: ArraySlice<UInt8> = []
        var fraction: ArraySlice<UInt8> = []
        var exponent = 0

        var digitCount: Int { whole.count + fraction.count }

        /// The digit at that place, the point not counted.
        func digit(_ place: Int) -> UInt8 {
            let byte =
                place < whole.count
                ? whole[whole.startIndex + place] : fraction[fraction.startIndex + place - whole.count]
            return byte - UInt8(ascii: "0")
        }
    }

    private static func split(_ bytes: [UInt8]) -> Parts? {
        var parts = Parts()
        var rest = bytes[...]
        if rest.first == UInt8(ascii: "-") {
            parts.isNegative = true
            rest.removeFirst()
        }
        parts.whole = rest.prefix(while: isDigit)
        rest = rest.dropFirst(parts.whole.count)
        guard !parts.whole.isEmpty, parts.whole.count == 1 || parts.whole.first != UInt8(ascii: "0") else {
            return nil
        }
        if rest.first == UInt8(ascii: ".") {
            parts.fraction = rest.dropFirst().prefix(while: isDigit)
            guard !parts.fraction.isEmpty else { return nil }
            rest = rest.dropFirst(parts.fraction.count + 1)
        }
        guard let mark = rest.first else { return parts }
        guard mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E"),
            let exponent = exponent(rest.dropFirst())
        else { return nil }
        parts.exponent = exponent
        return parts
    }

    private static func exponent(_ bytes: ArraySlice<UInt8>) -> Int? {
        var digits = bytes
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative || digits.first == UInt8(ascii: "+") { digits.removeFirst() }
        guard !digits.isEmpty, digits.count <= 3, digits.allSatisfy(isDigit) else { return nil }
        let value = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        return isNegative ? -value : value
    }

    private static func assemble(_ parts: Parts) -> (coefficient: Int128, scale: Int)? {
        var count = parts.digitCount
        var scale = parts.fraction.count - parts.exponent
        while scale > 0, count > 0, parts.digit(count - 1) == 0 {
            count -= 1
            scale -= 1
        }
        guard let first = (0..<count).first(where: { parts.digit($0) != 0 }) else { return (0, 0) }
        let noughts = max(0, -scale)
        scale = max(0, scale)
        guard noughts <= ExactDecimal.maxWholeDigits, scale <= ExactDecimal.maxScale,
            count - first + noughts - scale <= ExactDecimal.maxWholeDigits
        else { return nil }
        let digits = (first..<count).reduce(Int128(0)) { $0 * 10 + Int128(parts.digit($1)) }
        let magnitude = digits * ExactDecimal.power(of: noughts)
        return (parts.isNegative ? -magnitude : magnitude, scale)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }
}
