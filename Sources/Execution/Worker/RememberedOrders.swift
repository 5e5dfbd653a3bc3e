/// Orders that the worker has to know again, for as long as they might come up.
///
/// What a worker claimed or sent it must know as long as the server may still hand it out: a second sending would be a second
/// trade. The server lists an order until it is over, and no approval holds for longer than a day. So an order is
/// forgotten once the server has not listed it for more than a day: whoever listed it again then, the signed document says
/// that its approval has run out, and it is not sent.
package struct RememberedOrders: Sendable {
    /// Longer than the longest validity of an approval (1440 minutes) by an hour for clocks.
    package static let seconds = 25.0 * 3600

    /// When each was last listed, in seconds on the clock that is never set.
    private var listedAt: [String: Double] = [:]

    /// None.
    package init() {}

    package var count: Int { listedAt.count }

    package func contains(_ id: String) -> Bool { listedAt[id] != nil }

    package mutating func insert(_ id: String, at now: Double) { listedAt[id] = now }

    /// Notes which are listed now, and forgets those that have not been for so long.
    package mutating func keep(_ listed: Set<String>, at now: Double) {
        for id in listed where listedAt[id] != nil { listedAt[id] = now }
        listedAt = listedAt.filter { now - $0.value < Self.seconds }
    }
}
