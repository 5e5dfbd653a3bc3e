/// First come, first served; whoever gives up leaves without disturbing the others.
struct WaitingLine<Payload> {
    private struct Place {
        let ticket: UInt64
        let deadline: UInt64
        var payload: Payload?
    }

    private var places: [Place] = []
    /// Where the first place still taken may be; everything before is done.
    private var head = 0
    private var lastTicket: UInt64 = 0
    private(set) var count = 0

    /// Takes a number; `deadline` never decreases from one call to the next.
    mutating func takeTicket() -> UInt64 {
        lastTicket += 1
        return lastTicket
    }

    mutating func append(ticket: UInt64, deadline: UInt64, _ payload: Payload) {
        // Tickets are taken before the lock of the line, so neighbours may arrive swapped.
        var index = places.endIndex
        while index > head, places[index - 1].ticket > ticket { index -= 1 }
        places.insert(Place(ticket: ticket, deadline: deadline, payload: payload), at: index)
        count += 1
    }

    mutating func popFirst() -> Payload? {
        while head < places.count {
            defer { advance() }
            if let payload = places[head].payload {
                count -= 1
                return payload
            }
        }
        return nil
    }

    /// Takes out one who gave up; nil where already served.
    mutating func remove(ticket: UInt64) -> Payload? {
        guard let index = index(of: ticket), let payload = places[index].payload else { return nil }
        places[index].payload = nil
        count -= 1
        return payload
    }

    /// Takes out everyone whose deadline has come.
    mutating func removeExpired(now: UInt64) -> [Payload] {
        var expired: [Payload] = []
        while head < places.count, places[head].payload == nil || places[head].deadline <= now {
            if let payload = places[head].payload {
                expired.append(payload)
                count -= 1
            }
            advance()
        }
        return expired
    }

    mutating func removeAll() -> [Payload] {
        let all = places.compactMap(\.payload)
        places.removeAll()
        (head, count) = (0, 0)
        return all
    }

    /// The deadline of the first in line.
    var nextDeadline: UInt64? { places[head...].first { $0.payload != nil }?.deadline }

    private mutating func advance() {
        places[head].payload = nil
        head += 1
        if head == places.count || (head > 64 && head * 2 > places.count) {
            places.removeFirst(head)
            head = 0
        }
    }

    /// Tickets ascend, so halving finds the place.
    private func index(of ticket: UInt64) -> Int? {
        var (low, high) = (head, places.count)
        while low < high {
            let middle = (low + high) / 2
            if places[middle].ticket < ticket { low = middle + 1 } else { high = middle }
        }
        return low < places.count && places[low].ticket == ticket ? low : nil
    }
}
