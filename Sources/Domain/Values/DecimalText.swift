extension ExactDecimal: CustomStringConvertible {
    /// The number as plain digits, without exponent and trailing noughts: `118.2`.
    package var description: String { text(minimumPlaces: 0) }

    /// The number with at least so many decimal places: `118.20`.
    package func text(minimumPlaces: Int) -> String {
        let digits = String(coefficient.magnitude)
        let padded = String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
        let whole = padded.dropLast(scale)
        let fraction = padded.suffix(scale) + String(repeating: "0", count: max(0, minimumPlaces - scale))
        return (isNegative ? "-" : "") + whole + (fraction.isEmpty ? "" : "." + fraction)
    }

    /// The number for people, thousands separated: `47,280` or, with two places, `47,280.00`.
    package func grouped(minimumPlaces: Int = 0) -> String {
        let plain = magnitude.text(minimumPlaces: minimumPlaces)
        let parts = plain.split(separator: ".", maxSplits: 1)
        var whole = ""
        for (index, digit) in (parts.first ?? "0").enumerated() {
            let remaining = (parts.first?.count ?? 0) - index
            if index > 0, remaining % 3 == 0 { whole.append(",") }
            whole.append(digit)
        }
        return (isNegative ? "-" : "") + whole + (parts.count > 1 ? "." + parts[1] : "")
    }
}

/// The grammar of decimals from outside: JSON's number, in a string or bare, and not too long.
enum DecimalText {
    static func parse(_ text: String) -> (coefficient: Int128, scale: Int)? {
        let bytes = Array(text.utf8)
        guard bytes.count <= 64, let parts = split(bytes) else { return nil }
        guard parts.fraction.count - parts.exponent <= ExactDecimal.maxScale + 40 else { return nil }
        return assemble(parts)
    }

    private struct Parts {
        var isNegative = false
        var whole: ArraySlice<UInt8> = []
        var fraction: ArraySlice<UInt8> = []
        var exponent = 0
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
        var digits = Array(parts.whole + parts.fraction)
        var scale = parts.fraction.count - parts.exponent
        while scale > 0, digits.last == UInt8(ascii: "0") {
            digits.removeLast()
            scale -= 1
        }
        digits = Array(digits.drop { $0 == UInt8(ascii: "0") })
        if digits.isEmpty { return (0, 0) }
        if scale < 0 {
            guard -scale <= ExactDecimal.maxWholeDigits else { return nil }
            digits += Array(repeating: UInt8(ascii: "0"), count: -scale)
            scale = 0
        }
        guard scale <= ExactDecimal.maxScale, digits.count - scale <= ExactDecimal.maxWholeDigits else {
            return nil
        }
        let magnitude = digits.reduce(Int128(0)) { $0 * 10 + Int128($1 - UInt8(ascii: "0")) }
        return (parts.isNegative ? -magnitude : magnitude, scale)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }
}
