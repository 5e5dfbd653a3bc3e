import Domain
package import JSON
import Postgres
import Store

/// Works the books out again from executions, cash flows and snapshots, and compares them with what is kept.
package struct Rebuilding: Sendable {
    private let context: GateContext

    /// The use case.
    package init(_ context: GateContext) { self.context = context }

    /// What came out.
    package struct Report: Sendable, Hashable {
        /// What the books were worked out from.
        package let executions: Int
        package let snapshots: Int
        package let cashFlows: Int
        /// How many rows differed from what was kept, and the first of them in words.
        package let differenceCount: Int
        package let differences: [String]
        /// Whether the books were written anew.
        package let isWritten: Bool

        /// The report as the command line prints it.
        package var json: JSONValue {
            [
                "executions": .integer(executions), "snapshots": .integer(snapshots),
                "cash_flows": .integer(cashFlows), "difference_count": .integer(differenceCount),
                "differences": .array(differences.map(JSONValue.string)), "is_written": .bool(isWritten),
            ]
        }
    }

    /// Compares to the last digit; writes the books anew where that is asked for and they differ.
    package func rebuild(write: Bool, actor: String) async throws -> Report {
        try await context.pool.transaction { session in
            try BooksLock.take(in: session)
            var replay = BookReplay()
            let executions = try Self.replay(&replay, in: session)
            let points = try AccountSnapshotStore.points(in: session)
            let flows = try CashFlowStore.between(nil, nil, in: session)
            let days = Self.days(points, flows)
            var comparison = Comparison()
            try comparison.compare(replay, in: session)
            comparison.compare(days, with: try AccountDayStore.all(in: session))
            let writes = write && comparison.count > 0
            if writes { try Self.write(replay, days, comparison, actor, in: session) }
            return Report(
                executions: executions, snapshots: points.count, cashFlows: flows.count,
                differenceCount: comparison.count, differences: comparison.first, isWritten: writes)
        }
    }

    private static let slice = 20_000

    private static func replay(_ replay: inout BookReplay, in session: PostgresSession) throws -> Int {
        var count = 0
        var place: BookPlace?
        while true {
            let executions = try ExecutionStore.slice(after: place, limit: slice, in: session)
            for execution in executions { replay.enter(execution) }
            count += executions.count
            guard executions.count == slice else { return count }
            place = executions.last?.place
        }
    }

    private static func days(_ points: [EquityPoint], _ flows: [CashFlow]) -> [AccountDay] {
        var curve = EquityCurve(after: nil)
        guard let first = points.first else { return [] }
        let start = MarketCalendar.nyse.bookDayStart(Bookkeeping.tradingDay(first.at))
        var waiting = flows.drop { flow in start.map { flow.effectiveAt <= $0 } ?? false }
        for point in points {
            let due = waiting.prefix { $0.effectiveAt <= point.at }
            waiting = waiting.dropFirst(due.count)
            curve.take(point, flows: Array(due))
        }
        return curve.days
    }

    private static func write(
        _ replay: BookReplay, _ days: [AccountDay], _ comparison: Comparison, _ actor: String,
        in session: PostgresSession
    ) throws {
        try BookingStore.forgetAll(in: session)
        for start in stride(from: 0, to: replay.bookings.count, by: slice) {
            let part = replay.bookings[start..<min(start + slice, replay.bookings.count)]
            try BookingStore.insert(Array(part), day: Bookkeeping.tradingDay, in: session)
        }
        try RoundTripStore.save(replay.trips, day: Bookkeeping.tradingDay, in: session)
        try PositionStore.save(replay.positions.values.sorted { $0.key < $1.key }, in: session)
        try AccountDayStore.forgetAll(in: session)
        try AccountDayStore.save(days, in: session)
        try JournalStore.append(
            [
                JournalDraft(
                    kind: "books.rebuilt", actor: actor, subject: "books",
                    data: [
                        "difference_count": .integer(comparison.count),
                        "differences": .array(comparison.first.map(JSONValue.string)),
                    ])
            ], in: session)
    }
}

/// What differs between the books as they are kept and as they come out.
private struct Comparison {
    var count = 0
    var first: [String] = []

    mutating func compare(_ replay: BookReplay, in session: PostgresSession) throws {
        let positions = try PositionStore.all(in: session)
        for key in Set(positions.keys).union(replay.positions.keys).sorted() {
            note("position", key.words, positions[key], replay.positions[key])
        }
        struct Name: Hashable {
            let key: BookKey
            let executionID: String
        }
        let trips = Dictionary(
            uniqueKeysWithValues: try RoundTripStore.all(in: session).map {
                (Name(key: $0.key, executionID: $0.openingExecutionID), $0)
            })
        let expectedTrips = Dictionary(
            uniqueKeysWithValues: replay.trips.map {
                (Name(key: $0.key, executionID: $0.openingExecutionID), $0)
            })
        for name in Set(trips.keys).union(expectedTrips.keys) {
            note(
                "round trip", "\(name.key.words) \(name.executionID)", trips[name], expectedTrips[name])
        }
        let bookings = Dictionary(
            uniqueKeysWithValues: try BookingStore.all(in: session).map {
                (Name(key: $0.key, executionID: $0.executionID), $0)
            })
        let expected = Dictionary(
            uniqueKeysWithValues: replay.bookings.map {
                (Name(key: $0.key, executionID: $0.executionID), $0.bare)
            })
        for name in Set(bookings.keys).union(expected.keys) {
            note("booking", "\(name.key.words) \(name.executionID)", bookings[name], expected[name])
        }
    }

    mutating func compare(_ days: [AccountDay], with kept: [AccountDay]) {
        let expected = Dictionary(uniqueKeysWithValues: days.map { ($0.day, $0) })
        let known = Dictionary(uniqueKeysWithValues: kept.map { ($0.day, $0) })
        for day in Set(expected.keys).union(known.keys).sorted() {
            note("day", day.description, known[day], expected[day])
        }
    }

    private mutating func note<Row: Equatable>(
        _ kind: String, _ name: String, _ kept: Row?, _ expected: Row?
    ) {
        guard kept != expected else { return }
        count += 1
        guard first.count < 20 else { return }
        switch (kept, expected) {
        case (nil, _): first.append("The \(kind) \(name) is missing.")
        case (_, nil): first.append("The \(kind) \(name) should not be there.")
        case (.some, .some): first.append("The \(kind) \(name) differs.")
        }
    }
}

extension BookKey {
    fileprivate var words: String {
        switch scope {
        case .account: "\(symbol) of the account"
        case .strategy: "\(symbol) of strategy \(target)"
        case .external: "\(symbol) not made here"
        }
    }
}

extension Booking {
    /// Without the round trips, which stand in rows of their own.
    fileprivate var bare: Booking {
        Booking(
            key: key, executionID: executionID, executedAt: executedAt, realizedPnL: realizedPnL,
            commission: commission, qtyAfter: qtyAfter, costAfter: costAfter)
    }
}
