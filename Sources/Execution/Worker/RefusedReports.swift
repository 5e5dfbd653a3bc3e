package import JSON

/// What the server refused to be told, by what it is about, so that it is not told the same every round.
///
/// A refused report is not kept: when the server takes it, it may not be true any more. It is made anew from what the broker
/// says then: as soon as that changes, and otherwise after a pause that grows to ten minutes, because the server may have
/// been mended meanwhile.
package struct RefusedReports: Sendable {
    /// The longest pause.
    package static let longestPauseSeconds = 600.0

    private struct Refused {
        /// What was told, without words that differ each time.
        var told: JSONValue
        var reason: String
        var attempts: Int
        var nextAt: Double
        /// How the broker listed the order then.
        var listing: String?
    }

    private var refused: [String: Refused] = [:]

    /// None.
    package init() {}

    /// Notes that a report was refused; the seconds until it is worth telling again, and whether the reason is news.
    package mutating func note(
        _ id: String, _ body: JSONValue, reason: String, at now: Double
    ) -> (pauseSeconds: Double, isNews: Bool) {
        let known = refused[id]
        let attempts = (known?.attempts ?? 0) + 1
        let pause = min(Self.longestPauseSeconds, Double(1 << min(attempts, 10)))
        refused[id] = Refused(
            told: Self.matter(body), reason: reason, attempts: attempts, nextAt: now + pause,
            listing: known?.listing)
        return (pause, known?.reason != reason)
    }

    /// Notes that a report was taken; true where the one before it was refused.
    package mutating func noteTaken(_ id: String) -> Bool { refused.removeValue(forKey: id) != nil }

    /// Whether this is what was refused, and the pause is not over.
    package func isRefused(_ id: String, _ body: JSONValue, at now: Double) -> Bool {
        guard let known = refused[id], now < known.nextAt else { return false }
        return known.told == Self.matter(body)
    }

    /// Whether the broker need not be asked again what became of an order, because the server refused to hear it, and
    /// nothing shows that it has changed; where its place in the broker's list has, it need be, once.
    package mutating func rests(_ id: String, listing: String, at now: Double) -> Bool {
        guard let known = refused[id], now < known.nextAt else { return false }
        defer { refused[id]?.listing = listing }
        return known.listing == nil || known.listing == listing
    }

    /// Forgets what is not asked for any more.
    package mutating func keep(_ ids: Set<String>) { refused = refused.filter { ids.contains($0.key) } }

    /// What a report tells, without what is in other words each time: `error` of an order, `errors` of a command.
    private static func matter(_ body: JSONValue) -> JSONValue {
        var members = body.objectValue ?? [:]
        members["error"] = nil
        members["errors"] = nil
        return .object(members)
    }
}
