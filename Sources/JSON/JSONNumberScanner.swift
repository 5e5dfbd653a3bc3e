/// The grammar of a JSON number (RFC 8259, section 6).
enum JSONNumberScanner {
    /// Where the number that begins at `start` ends; nil where none begins there.
    static func end(in bytes: [UInt8], from start: Int) -> Int? {
        var place = start
        if byte(bytes, place) == UInt8(ascii: "-") { place += 1 }
        guard let whole = byte(bytes, place), isDigit(whole) else { return nil }
        place += 1
        if whole != UInt8(ascii: "0") { place = skipDigits(bytes, place) }
        if byte(bytes, place) == UInt8(ascii: ".") {
            guard let digit = byte(bytes, place + 1), isDigit(digit) else { return nil }
            place = skipDigits(bytes, place + 2)
        }
        if let mark = byte(bytes, place), mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E") {
            var digits = place + 1
            if let sign = byte(bytes, digits), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
                digits += 1
            }
            guard let digit = byte(bytes, digits), isDigit(digit) else { return nil }
            place = skipDigits(bytes, digits + 1)
        }
        return place
    }

    static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    private static func byte(_ bytes: [UInt8], _ place: Int) -> UInt8? {
        place < bytes.count ? bytes[place] : nil
    }

    private static func skipDigits(_ bytes: [UInt8], _ start: Int) -> Int {
        var place = start
        while place < bytes.count, isDigit(bytes[place]) { place += 1 }
        return place
    }
}
