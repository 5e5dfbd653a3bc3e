// How far a reader has followed the journal.
//
// Entries get their numbers before they are committed, so one may appear after later ones: thousands after, where a sweep of
// deadlines commits beside another. The numbers that were passed over are therefore asked for again, until whoever took them
// must have ended.

import Postgres
import Store

/// What a reader has seen of the journal, and which numbers before that are still to come.
struct JournalPlace: Sendable {
    private struct Hole: Sendable {
        var numbers: ClosedRange<Int>
        let noticed: ContinuousClock.Instant
    }

    /// So many numbers before the first one are looked through for such as are still to come.
    static let reach = 1000
    /// No transaction lasts longer: the database ends one that is idle after half of it.
    private static let patience = Duration.seconds(60)

    private(set) var newest: Int
    /// Numbers below the newest that were not there when it was read, the lowest first.
    private var holes: [Hole] = []

    /// Behind an entry, all before it being there.
    init(after newest: Int) { self.newest = newest }

    /// Behind the last of these entries; what is missing between them may still come.
    init(behind ids: [Int], now: ContinuousClock.Instant = .now) {
        self.init(after: ids.first.map { $0 - 1 } ?? 0)
        for id in ids { note(id, now: now) }
    }

    /// The numbers that are still to be read, the lowest first.
    var unread: [ClosedRange<Int>] { holes.map(\.numbers) + [newest + 1...Int.max] }

    /// The last number up to which nothing is to come any more: whoever goes on from here misses nothing.
    var settled: Int { holes.first.map { $0.numbers.lowerBound - 1 } ?? newest }

    /// An entry was read.
    mutating func note(_ id: Int, now: ContinuousClock.Instant = .now) {
        guard id <= newest else {
            if id > newest + 1 { holes.append(Hole(numbers: newest + 1...id - 1, noticed: now)) }
            newest = id
            return
        }
        guard let place = holes.firstIndex(where: { $0.numbers.contains(id) }) else { return }
        let hole = holes.remove(at: place)
        let (first, last) = (hole.numbers.lowerBound, hole.numbers.upperBound)
        if id < last { holes.insert(Hole(numbers: id + 1...last, noticed: hole.noticed), at: place) }
        if first < id { holes.insert(Hole(numbers: first...id - 1, noticed: hole.noticed), at: place) }
    }

    /// Gives up numbers that were taken by what was rolled back.
    mutating func forget(now: ContinuousClock.Instant = .now) {
        holes.removeAll { now - $0.noticed > Self.patience }
    }
}
