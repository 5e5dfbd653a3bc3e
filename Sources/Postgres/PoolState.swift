/// Who has which connection and who waits: the pool's bookkeeping, without doing anything itself.
struct PoolState<Slot, Waiter> {
    /// Those at the end go to people and bots, those at the beginning to background work, and each comes back where it was taken.
    private(set) var idle: [Slot]
    private(set) var line = WaitingLine<Waiter>()
    private(set) var isClosed = false
    let size: Int
    let maxWaiting: Int

    init(slots: [Slot], maxWaiting: Int) {
        idle = slots.reversed()
        size = slots.count
        self.maxWaiting = maxWaiting
    }

    enum Acquisition {
        case slot(Slot)
        case wait
        case full
        case closed
    }

    /// Asks for a slot; nobody passes those already waiting.
    mutating func acquire(inBackground: Bool = false) -> Acquisition {
        if isClosed { return .closed }
        if line.count == 0, !idle.isEmpty {
            return .slot(inBackground ? idle.removeFirst() : idle.removeLast())
        }
        return line.count < maxWaiting ? .wait : .full
    }

    mutating func takeTicket() -> UInt64 { line.takeTicket() }

    mutating func enqueue(ticket: UInt64, deadline: UInt64, _ waiter: Waiter) {
        line.append(ticket: ticket, deadline: deadline, waiter)
    }

    mutating func giveUp(ticket: UInt64) -> Waiter? { line.remove(ticket: ticket) }
    mutating func expire(now: UInt64) -> [Waiter] { line.removeExpired(now: now) }

    /// Takes a slot back; the first in line, where there is one, is to get it.
    mutating func release(_ slot: Slot, inBackground: Bool = false) -> Waiter? {
        if let waiter = line.popFirst() { return waiter }
        // The last one back is the next one out: few connections stay warm.
        idle.insert(slot, at: inBackground ? 0 : idle.count)
        return nil
    }

    mutating func close() -> [Waiter] {
        isClosed = true
        return line.removeAll()
    }

    var isWholeAgain: Bool { idle.count == size }
}
