package import Domain
package import Postgres
import Store

/// Works out what proposals that were not traded would have made, as far as bars tell.
package struct HindsightMaking: Sendable {
    /// How many proposals are settled in one transaction.
    private static let batch = 500

    private let pool: PostgresPool
    private let calendar: MarketCalendar

    /// A maker on a database.
    package init(pool: PostgresPool, calendar: MarketCalendar = .nyse) {
        self.pool = pool
        self.calendar = calendar
    }

    /// Asks for the bars that are missing, settles what can be settled; how many were, and whether bars are to come.
    package func run() async throws -> (settled: Int, isWaiting: Bool) {
        let (symbols, isWaiting) = try await pool.transaction { session in
            let now = try DatabaseClock.now(in: session)
            if let day = lastClosedDay(at: now) { try HindsightStore.want(until: day, in: session) }
            return (try HindsightStore.symbols(in: session), try HindsightStore.isWaiting(in: session))
        }
        var settled = 0
        for symbol in symbols {
            var last: UntradedProposal?
            repeat {
                let page = try await settle(symbol, after: last)
                settled += page.settled
                last = page.last
            } while last != nil
        }
        return (settled, isWaiting)
    }

    /// The newest day whose bar cannot change any more.
    private func lastClosedDay(at now: Timestamp) -> CalendarDate? {
        let today = NewYork.date(now)
        if let session = calendar.session(on: today), session.closesAt.adding(minutes: 60) <= now {
            return today
        }
        return calendar.session(before: today)?.date
    }

    /// One page of a symbol; `last` is nil where there is no more.
    private func settle(
        _ symbol: String, after last: UntradedProposal?
    ) async throws -> (settled: Int, last: UntradedProposal?) {
        try await pool.transaction { [calendar] session in
            let page = try HindsightStore.unsettled(symbol, after: last, limit: Self.batch, in: session)
            guard let first = page.first,
                let known = try BarStore.bars(symbol, from: NewYork.date(first.createdAt), in: session)
            else { return (0, nil) }
            let results = page.compactMap { proposal -> (id: Identifier, result: Hindsight.Result)? in
                Hindsight(proposal, calendar)?
                    .settle(known.bars, coveredUntil: known.coveredUntil).map { (proposal.id, $0) }
            }
            try HindsightStore.insert(results, in: session)
            return (results.count, page.count == Self.batch ? page.last : nil)
        }
    }
}

extension Hindsight {
    /// Nil where the order lacks a price.
    fileprivate init?(_ proposal: UntradedProposal, _ calendar: MarketCalendar) {
        guard let entry = Entry(proposal.type, limit: proposal.limitPrice, stop: proposal.stopPrice) else {
            return nil
        }
        let firstDay =
            entry == .market
            ? Self.nextOpening(from: proposal.decidedAt, calendar)
            : calendar.bookDay(of: proposal.createdAt)
        self.init(
            side: proposal.side, qty: proposal.qty, entry: entry, stop: proposal.stop,
            target: proposal.target, firstDay: firstDay, isGoodTillCancelled: proposal.isGoodTillCancelled)
    }

    /// The first trading day that opens at this instant or later.
    private static func nextOpening(from instant: Timestamp, _ calendar: MarketCalendar) -> CalendarDate {
        let today = NewYork.date(instant)
        if let session = calendar.session(on: today), session.opensAt >= instant { return today }
        return calendar.session(after: today)?.date ?? today.adding(days: 1)
    }
}
