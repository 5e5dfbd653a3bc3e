extension ExactDecimal: CustomStringConvertible {
    /// The number as plain digits, without exponent and trailing noughts: `118.2`.
    package var description: String { text(minimumPlaces: 0) }

    /// The number with at least so many decimal places: `118.20`.
    package func text(minimumPlaces: Int) -> String {
        let magnitude = coefficient.magnitude
        // 128 bits divide slowly, and most amounts need far fewer.
        let digits = Array((UInt64(exactly: magnitude).map { String($0) } ?? String(magnitude)).utf8)
        let zero = UInt8(ascii: "0")
        var bytes: [UInt8] = isNegative ? [UInt8(ascii: "-")] : []
        bytes.append(contentsOf: repeatElement(zero, count: max(0, scale + 1 - digits.count)))
        bytes.append(contentsOf: digits)
        let places = max(scale, minimumPlaces)
        guard places > 0 else { return String(decoding: bytes, as: UTF8.self) }
        bytes.insert(UInt8(ascii: "."), at: bytes.count - scale)
        bytes.append(contentsOf: repeatElement(zero, count: places - scale))
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The number for people, thousands separated: `47,280` or, with two places, `47,280.00`.
    package func grouped(minimumPlaces: Int = 0) -> String {
        let plain = Array(magnitude.text(minimumPlaces: minimumPlaces).utf8)
        let whole = plain.firstIndex(of: UInt8(ascii: ".")) ?? plain.count
        var bytes: [UInt8] = isNegative ? [UInt8(ascii: "-")] : []
        bytes.reserveCapacity(plain.count + whole / 3 + 1)
        for place in 0..<whole {
            if place > 0, (whole - place) % 3 == 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(plain[place])
        }
        bytes.append(contentsOf: plain[whole...])
        return String(decoding: bytes, as: UTF8.self)
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
