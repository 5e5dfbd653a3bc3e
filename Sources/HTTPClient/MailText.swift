/// The encodings of mail: quoted-printable bodies (RFC 2045), encoded words in headers (RFC 2047), dates.
enum MailText {
    /// A body in lines of at most 76 characters ended by CR LF; any kind of line end is taken for one.
    static func quotedPrintable(_ text: String) -> [UInt8] {
        var result: [UInt8] = []
        for line in lines(of: text) {
            var column = 0
            for (index, byte) in line.enumerated() {
                let isLast = index == line.count - 1
                let isBlank = byte == 32 || byte == 9
                let isPlain = (33...126).contains(byte) && byte != UInt8(ascii: "=") || isBlank && !isLast
                let piece = isPlain ? [byte] : escaped(byte)
                // One place is kept for the soft line end.
                if column + piece.count > 75 {
                    result += Array("=\r\n".utf8)
                    column = 0
                }
                result += piece
                column += piece.count
            }
            result += [13, 10]
        }
        return result
    }

    /// A header's text: as it is where ASCII suffices, else as encoded words; folded, for a name already written.
    ///
    /// Control characters become spaces: a header is one line.
    static func unstructured(_ text: String, after name: String) -> String {
        let clean = withoutControls(text)
        let words = clean.split(separator: " ", omittingEmptySubsequences: false)
        // Lines are not folded among blanks, so that many of them would make a line too long to be sent.
        let isPlain =
            clean.utf8.allSatisfy { $0 < 128 } && !clean.contains("=?")
            && words.allSatisfy { $0.utf8.count < 70 } && words.count(where: \.isEmpty) < 60
        return isPlain ? folded(words, after: name) : encodedWords(clean, after: name)
    }

    /// A display name: quoted where ASCII suffices, else as encoded words.
    static func phrase(_ text: String) -> String {
        let isPlain =
            text.utf8.count < 60 && !text.contains("=?")
            && text.utf8.allSatisfy { (32...126).contains($0) }
        guard isPlain else { return encodedWords(withoutControls(text), after: "Reply-To") }
        return "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    /// The date of RFC 5322 in UTC: `Sat, 21 Nov 2026 07:34:33 +0000`.
    static func date(secondsSince1970 seconds: Int64) -> String {
        let (days, second) = seconds.quotientAndRemainder(floorDividingBy: 86_400)
        let (year, month, day) = civil(days)
        let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][Int(((days % 7) + 7) % 7)]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let clock = [second / 3_600, second / 60 % 60, second % 60].map(twoDigits).joined(separator: ":")
        return "\(weekday), \(twoDigits(day)) \(months[Int(month) - 1]) \(year) \(clock) +0000"
    }

    private static func lines(of text: String) -> [[UInt8]] {
        var lines: [[UInt8]] = [[]]
        var previous: UInt8 = 0
        for byte in text.utf8 {
            if byte == 13 || byte == 10 {
                if byte == 13 || previous != 13 { lines.append([]) }
            } else {
                lines[lines.count - 1].append(byte)
            }
            previous = byte
        }
        if lines.count > 1, lines.last == [] { lines.removeLast() }
        return lines
    }

    /// Words of at most 75 characters that never split a character; encoded words before and after a space join.
    private static func encodedWords(_ text: String, after name: String) -> String {
        var words = [""]
        // A line with encoded words has at most 76 characters, of which "=?utf-8?Q?" and "?=" take twelve.
        var room = 76 - 12 - (name.utf8.count + 2)
        for scalar in text.unicodeScalars {
            let piece = String(scalar).utf8.map(encodedLetter).joined()
            if words[words.count - 1].utf8.count + piece.utf8.count > room {
                words.append("")
                room = 76 - 12 - 1
            }
            words[words.count - 1] += piece
        }
        return words.map { "=?utf-8?Q?\($0)?=" }.joined(separator: "\r\n ")
    }

    /// Only what RFC 2047 permits in a phrase too stands for itself.
    private static func encodedLetter(_ byte: UInt8) -> String {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            String(UnicodeScalar(byte))
        case 32: "_"
        default: String(decoding: escaped(byte), as: UTF8.self)
        }
    }

    private static func folded(_ words: [Substring], after name: String) -> String {
        var result = ""
        var column = name.utf8.count + 2
        for (index, word) in words.enumerated() {
            // A line of nothing but spaces would end the head in some readers: fold before visible words only.
            if index > 0, !word.isEmpty, column + word.utf8.count + 1 > 78 {
                result += "\r\n "
                column = 1
            } else if index > 0 {
                result += " "
                column += 1
            }
            result += word
            column += word.utf8.count
        }
        return result
    }

    private static func escaped(_ byte: UInt8) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        return [UInt8(ascii: "="), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }

    private static func withoutControls(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? " " : $0 }))
    }

    private static func isControl(_ scalar: UnicodeScalar) -> Bool {
        scalar.properties.generalCategory == .control || scalar.value == 0x2028 || scalar.value == 0x2029
    }

    private static func twoDigits(_ number: Int64) -> String {
        number < 10 ? "0\(number)" : String(number)
    }

    /// Year, month and day of a number of days since 1970 (Howard Hinnant's `civil_from_days`).
    private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = (days + 719_468).quotientAndRemainder(floorDividingBy: 146_097)
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1
        )
    }
}

extension Int64 {
    /// The quotient rounded down and the remainder that goes with it, never negative.
    fileprivate func quotientAndRemainder(floorDividingBy divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
