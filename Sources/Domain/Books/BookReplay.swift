/// Books as they come out when executions are entered in their order.
package struct BookReplay: Sendable {
    /// By book and symbol.
    package private(set) var positions: [BookKey: BookPosition]
    package private(set) var bookings: [Booking] = []
    /// Round trips that ended.
    package private(set) var closedTrips: [RoundTrip] = []

    /// Begins with these positions, or with none.
    package init(positions: [BookKey: BookPosition] = [:]) { self.positions = positions }

    /// Enters an execution in those of its books that are asked for; in all of them where none are named.
    package mutating func enter(_ execution: Execution, only keys: Set<BookKey>? = nil) {
        for key in execution.keys where keys?.contains(key) ?? true {
            var position = positions[key] ?? BookPosition(key)
            let booking = position.book(execution)
            positions[key] = position
            bookings.append(booking)
            closedTrips += booking.closedTrips
        }
    }

    /// Round trips that ended, and those under way.
    package var trips: [RoundTrip] { closedTrips + positions.values.compactMap(\.trip) }
}
