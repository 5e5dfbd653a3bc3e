/// What a server means by `Retry-After`: whole seconds, seconds with a fraction, or a date (RFC 9110, 10.2.3).
package enum RetryAfter {
    /// Longer than this nobody is kept waiting, whatever the server says.
    package static let maxSeconds: Double = 3600

    /// Seconds to wait from `now`, 0 to an hour; nil where the text says nothing of the kind.
    package static func seconds(_ text: String, now: Timestamp) -> Double? {
        let word = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        if let seconds = number(word) { return min(seconds, maxSeconds) }
        guard let date = date(word) else { return nil }
        return min(max(0, Double(date.microseconds - now.microseconds) / 1_000_000), maxSeconds)
    }

    private static func number(_ text: String) -> Double? {
        guard (1...32).contains(text.utf8.count),
            text.utf8.allSatisfy({ (48...57).contains($0) || $0 == 46 }), let seconds = Double(text)
        else { return nil }
        return seconds
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`, the only form of a date that may be sent today.
    private static func date(_ text: String) -> Timestamp? {
        let words = text.split(separator: " ")
        guard words.count == 6, words[0].hasSuffix(","), words[5] == "GMT", words[1].count == 2,
            let month = months.firstIndex(of: String(words[2]))
        else { return nil }
        return Timestamp(rfc3339: "\(words[3])-\(padded(month + 1, 2))-\(words[1])T\(words[4])Z")
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}
