// Enters executions in the books as they come: twice, late, or in another order than they happened. What comes in order
// goes on from where the book stands. What comes late has the book entered again from the last place at which it was
// flat before it, so that it ends as if all had come in order.

import Domain
import JSON
import Postgres
import Store

/// Keeps positions, bookings and round trips in step with the executions.
enum Bookkeeping {
    /// Stores executions and enters those that are new; tells which were.
    @discardableResult
    static func record(_ executions: [Execution], in session: PostgresSession) throws -> [Execution] {
        guard !executions.isEmpty else { return [] }
        try BooksLock.take(in: session)
        guard let startedAt = try BooksLock.startedAt(in: session) else { return [] }
        // What was executed before the books were begun is in what they began with.
        let counted = try attributed(
            executions.filter { $0.executedAt > startedAt || $0.kind != .fill }, session)
        let new = try ExecutionStore.insert(counted, in: session)
        var seen: Set<String> = []
        let isFresh = counted.map { new.contains($0.id) && seen.insert($0.id).inserted }
        let fresh = zip(counted, isFresh).filter(\.1).map(\.0)
        try ExecutionClash.tell(zip(counted, isFresh).filter { !$0.1 }.map(\.0), in: session)
        var first: [BookKey: BookPlace] = [:]
        for execution in fresh {
            for key in execution.keys { first[key] = min(first[key] ?? execution.place, execution.place) }
        }
        try enter(fresh.sorted { $0.place < $1.place }, from: first, in: session)
        return fresh
    }

    /// Notes that orders at the broker belong to ours, and enters what they executed already in the right books.
    static func learn(legs: [String: Identifier], in session: PostgresSession) throws {
        let fresh = try OrderLegStore.insert(legs, in: session)
        guard !fresh.isEmpty else { return }
        try BooksLock.take(in: session)
        try adopt(fresh, in: session)
    }

    /// Notes that orders at the broker close positions on a command of ours: where one strategy alone holds what is closed,
    /// they belong to the order that opened it last.
    ///
    /// What several strategies hold together is closed by one order at the broker, which then is none of theirs.
    static func learn(
        closings: [(symbol: String, brokerOrderID: String)], in session: PostgresSession
    ) throws {
        let owners = try OrderLegStore.soleHolders(of: Set(closings.map(\.symbol)), in: session)
        var legs: [String: Identifier] = [:]
        for closing in closings { legs[closing.brokerOrderID] = owners[closing.symbol] }
        try learn(legs: legs, in: session)
    }

    /// Enters executions of these orders at the broker, which belonged to nothing, in the books of their strategies.
    static func adopt(_ brokerOrderIDs: [String], in session: PostgresSession) throws {
        let adopted = try OrderLegStore.adopt(brokerOrderIDs, in: session)
        var first: [BookKey: BookPlace] = [:]
        for (symbol, strategy, place) in adopted {
            let keys = [
                BookKey(.account, "", symbol), BookKey(.external, "", symbol),
                BookKey(.strategy, strategy, symbol),
            ]
            for key in keys {
                first[key] = min(first[key] ?? place, place)
            }
        }
        for (key, place) in first.sorted(by: { $0.key < $1.key }) {
            try enterAgain(key, from: place, in: session)
        }
    }

    static func tradingDay(_ instant: Timestamp) -> CalendarDate { MarketCalendar.nyse.bookDay(of: instant) }

    private static func attributed(_ executions: [Execution], _ session: PostgresSession) throws
        -> [Execution]
    {
        let names = executions.filter { $0.orderID == nil }.compactMap(\.brokerOrderID)
        let parts = try OrderLegStore.parts(of: Array(Set(names)), in: session)
        return executions.map { execution in
            guard execution.orderID == nil, let part = execution.brokerOrderID.flatMap({ parts[$0] }) else {
                return execution
            }
            var owned = execution
            (owned.orderID, owned.strategy, owned.part) = (part.orderID, part.strategy, part.part)
            return owned
        }
    }

    private static func enter(
        _ fresh: [Execution], from first: [BookKey: BookPlace], in session: PostgresSession
    ) throws {
        let standing = try PositionStore.find(Array(first.keys), in: session)
        let (inOrder, late) = first.reduce(into: (Set<BookKey>(), [BookKey: BookPlace]())) { parts, entry in
            let last = standing[entry.key]?.last
            if last.map({ $0 < entry.value }) ?? true {
                parts.0.insert(entry.key)
            } else {
                parts.1[entry.key] = entry.value
            }
        }
        var replay = BookReplay(positions: standing.filter { inOrder.contains($0.key) })
        for execution in fresh { replay.enter(execution, only: inOrder) }
        try save(replay, in: session)
        for (key, place) in late.sorted(by: { $0.key < $1.key }) {
            try enterAgain(key, from: place, in: session)
        }
    }

    /// Enters a book again from the last flat place before one.
    private static func enterAgain(
        _ key: BookKey, from place: BookPlace, in session: PostgresSession
    ) throws {
        let flat = try BookingStore.lastFlat(key, before: place, in: session)
        let kept = try BookingStore.forget(key, after: flat, in: session)
        try RoundTripStore.forget(key, after: flat, in: session)
        let position = BookPosition(
            key: key, qty: .zero, cost: .zero, realizedPnL: kept.realizedPnL, commission: kept.commission,
            trip: nil, last: flat)
        var replay = BookReplay(positions: [key: position])
        for execution in try ExecutionStore.of(key.symbol, after: flat, in: session) {
            replay.enter(execution, only: [key])
        }
        if replay.positions[key]?.last == nil { try PositionStore.forget(key, in: session) }
        try save(replay, in: session)
    }

    static func save(_ replay: BookReplay, in session: PostgresSession) throws {
        let positions = replay.positions.values.sorted { $0.key < $1.key }
        try BookingStore.insert(replay.bookings, day: tradingDay, in: session)
        try RoundTripStore.save(replay.trips, day: tradingDay, in: session)
        try PositionStore.save(positions, in: session)
    }
}
