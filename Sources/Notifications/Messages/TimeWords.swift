import Domain

// How messages tell time: the exchange's clock first, then universal time.

extension Timestamp {
    /// `14:32 New York / 18:32 UTC`, with the date where it is not today's in New York.
    func clockWords(now: Timestamp) -> String {
        let local = ZonedTime(self, in: .newYork)
        let utc = ZonedTime(self, in: .utc)
        guard local.date == ZonedTime(now, in: .newYork).date else {
            return "\(local.text) / \(utc.clockText)"
        }
        return "\(local.clockText) / \(utc.clockText)"
    }

    /// `in 27 min`, `in 40 s`, `now`, or `27 min ago`.
    func distanceWords(now: Timestamp) -> String {
        let seconds = self.seconds(since: now)
        switch seconds {
        case 60...: return "in \(Self.span(seconds))"
        case 1..<60: return "in \(seconds) s"
        case -59...0: return "now"
        default: return "\(Self.span(-seconds)) ago"
        }
    }

    private static func span(_ seconds: Int) -> String {
        let minutes = seconds / 60
        guard minutes >= 120 else { return "\(minutes) min" }
        return minutes % 60 == 0 ? "\(minutes / 60) h" : "\(minutes / 60) h \(minutes % 60) min"
    }
}
