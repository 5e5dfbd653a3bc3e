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

    /// `14:32 New York`, with the date where it is not today's there.
    func newYorkWords(now: Timestamp) -> String {
        let local = ZonedTime(self, in: .newYork)
        return local.date == ZonedTime(now, in: .newYork).date ? local.clockText : local.text
    }

    /// `14:32`, in New York.
    var newYorkClock: String {
        ZonedTime(self, in: .newYork).clockText.split(separator: " ").first.map(String.init) ?? ""
    }

    /// How old it is: `12 s`, `3 min`, `2 h 5 min`.
    func ageWords(now: Timestamp) -> String { Self.length(now.seconds(since: self)) }

    /// How long until then: `27 min`, `40 s`.
    func leftWords(now: Timestamp) -> String { Self.length(seconds(since: now)) }

    private static func length(_ seconds: Int) -> String {
        seconds < 60 ? "\(max(0, seconds)) s" : span(seconds)
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
