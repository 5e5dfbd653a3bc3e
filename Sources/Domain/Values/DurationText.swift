/// Lengths of time as people read them.
package enum DurationText {
    private static let units = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")]

    /// Every unit that it takes: `45 seconds`, `2 minutes`, `1 hour 30 minutes`; or the largest ones only, as many as are
    /// asked for.
    package static func words(seconds: Int, units most: Int = units.count) -> String {
        var (rest, parts) = (seconds, [String]())
        for (size, one) in units.drop(while: { seconds < $0.0 }).prefix(most) where rest >= size {
            parts.append(counted(rest / size, one))
            rest %= size
        }
        return parts.isEmpty ? "0 seconds" : parts.joined(separator: " ")
    }

    /// In the two units that matter, where there is little room: `27 min`, `1 h 5 min`, `45 s`.
    package static func short(seconds: Int) -> String {
        switch seconds {
        case ...0: "no time"
        case ..<60: "\(seconds) s"
        case ..<600: seconds % 60 == 0 ? "\(seconds / 60) min" : "\(seconds / 60) min \(seconds % 60) s"
        case ..<3600: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3600) h \(seconds / 60 % 60) min"
        default: "\(seconds / 86_400) days"
        }
    }
}
