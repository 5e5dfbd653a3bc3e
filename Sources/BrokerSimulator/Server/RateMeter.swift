import Domain

/// Counts requests by the minute and makes the headers that tell so.
struct RateMeter: Sendable {
    /// What the headers say.
    struct Reading: Sendable {
        let limit: Int
        let remaining: Int
        let resetSeconds: Int64
        /// Whether the request is one too many.
        let isExceeded: Bool

        var headers: [(name: String, value: String)] {
            [
                ("X-RateLimit-Limit", String(limit)), ("X-RateLimit-Remaining", String(remaining)),
                ("X-RateLimit-Reset", String(resetSeconds)),
            ]
        }
    }

    /// What Alpaca grants to a key.
    static let usualLimit = 200
    private var minute: Int64 = 0
    private var requests = 0

    mutating func count(at now: Timestamp, limit: Int?) -> Reading {
        let current = now.microseconds / 60_000_000
        if current != minute {
            minute = current
            requests = 0
        }
        requests += 1
        let most = limit ?? Self.usualLimit
        return Reading(
            limit: most, remaining: max(0, most - requests), resetSeconds: (current + 1) * 60,
            isExceeded: limit != nil && requests > most)
    }
}
