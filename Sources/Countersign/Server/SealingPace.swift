import Synchronization

/// How long sealing rests between two lots.
///
/// Where much waits, a pause leaves the machine to those who wait for an answer, and to what else a moment brings at once, such as
/// thousands of deadlines; where much goes on waiting, there is none, so that what waits cannot grow for good.
final class SealingPace: Sendable {
    private static let lotsWithLongPauses = 2
    private static let lotsWithPauses = 30

    private let fullLots = Mutex(0)

    /// Seconds until the next lot.
    func pause(afterFullLot isFull: Bool) -> Double {
        let inARow = fullLots.withLock { count in
            count = isFull ? count + 1 : 0
            return count
        }
        if inARow <= Self.lotsWithLongPauses { return 1 }
        return inARow <= Self.lotsWithPauses ? 0.2 : 0
    }
}
