// What the worker tells of its orders. Reports may come twice, late and out of order: each only ever adds
// what was not known, and what was known stays.

package import Domain
package import JSON
import Postgres
import Store

/// Takes in what became of an order at the broker.
package struct Reporting: Sendable {
    private let context: GateContext

    /// The use case.
    package init(_ context: GateContext) { self.context = context }

    /// The order as it stands after the report.
    package func report(_ id: Identifier, _ body: JSONValue, actor: String) async throws -> OrderView {
        let report = try OrderReport.parse(body, orderID: id)
        do {
            return try await take(report, of: id, actor: actor)
        } catch let error as PostgresError where OrderTransitions.isPlacedTwice(error) {
            // Another order was told to be the same one in the same moment: the second look tells which.
            return try await take(report, of: id, actor: actor)
        }
    }

    private func take(_ report: OrderReport, of id: Identifier, actor: String) async throws -> OrderView {
        try await BreakerWatch.transaction(context) { [context] session, phase in
            if !report.fills.isEmpty { try report.requirePast(try DatabaseClock.now(in: session)) }
            guard let order = try OrderQueries.lock(id, in: session) else { throw Refusal.notFound("order") }
            guard order.state.mayBeAtBroker else {
                throw Refusal(
                    .conflict, "No worker has claimed this order, so nothing can be reported of it.",
                    facts: ["order_state": .string(order.state.rawValue)])
            }
            try Self.requireWorker(report.workerID, order, in: session)
            try Self.requireOwn(report, order, in: session)
            let (fresh, clashes) = try Self.storeFills(report, order, in: session)
            let fills = try OrderQueries.fills(of: [id], in: session)
            var digest = ReportDigest(
                order: order, report: report, fills: fills, freshFills: fresh, clashes: clashes)
            try digest.forgetTold(in: session)
            let overfill = digest.newOverfill
            if overfill != nil { try BreakerWatch.requireActing(phase) }
            try OrderTransitions.apply(digest.change, to: id, in: session)
            try JournalStore.append(digest.entries(by: actor), in: session)
            try DeliveryQueue.enqueue(digest.messages, in: session)
            if digest.state == .rejected, order.state != .rejected {
                try AlertRaising.raise(.rejected(order, reason: digest.change.reason), in: session)
            }
            try Self.book(digest, in: session)
            try overfill?.stop(context, in: session)
            if digest.mayTrip { _ = try BreakerWatch.evaluate(context, phase, in: session) }
            guard let now = try OrderQueries.find(id, in: session) else { throw Refusal.notFound("order") }
            return OrderView(record: now, fills: fills)
        }
    }

    /// Refuses what is told by a worker that has nothing to do with the order.
    ///
    /// Whoever claimed it is heard whenever it speaks: it alone may know what it sent. And the holder of the lease is,
    /// or whoever held it last while nobody else does: it asks the broker about orders that others claimed. What a
    /// former holder learnt of those is not lost, because the next one asks the broker for the same orders.
    private static func requireWorker(
        _ workerID: String, _ order: OrderRecord, in session: PostgresSession
    ) throws {
        guard order.claimedBy != workerID else { return }
        let lease = try WorkerLeaseStore.read(in: session)
        guard lease?.workerID != workerID else { return }
        let holder = lease.flatMap { $0.isRunning ? $0.workerID : nil }
        throw Refusal(
            .notActiveWorker,
            "Worker \(workerID) neither claimed this order nor holds the lease, so nothing of its report was stored. "
                + (holder.map { "\($0) is the active worker and asks the broker about this order. " } ?? "")
                + "Sync with the account, and report what the broker says then.",
            facts: ["active_worker": .text(holder), "claimed_by": .text(order.claimedBy)])
    }

    /// Refuses what is told of an order at the broker that another order here has become.
    private static func requireOwn(
        _ report: OrderReport, _ order: OrderRecord, in session: PostgresSession
    ) throws {
        guard order.brokerOrderID == nil, let name = report.broker?.id,
            let other = try OrderQueries.order(placedAs: name, in: session), other != order.id
        else { return }
        throw Refusal(
            .conflict,
            "The broker's order \(name) is what became of order \(other); one cannot be both. Nothing was stored. "
                + "Look at the broker for the order with the client_order_id \(order.clientOrderID).",
            facts: ["other_order_id": .string(other.text)])
    }

    /// Those executions that were not known, and those that are known otherwise than they are told.
    ///
    /// None of those of another order at the broker: they are not what this order traded. The account's statement
    /// brings them to the books as what they are.
    private static func storeFills(
        _ report: OrderReport, _ order: OrderRecord, in session: PostgresSession
    ) throws -> (fresh: [FillRecord], clashes: [Contradiction]) {
        guard !report.fills.isEmpty, !report.isForeign(to: order) else { return ([], []) }
        let new = try OrderTransitions.insertFills(report.fills, in: session)
        let stored = try OrderQueries.fills(named: report.fills.map(\.executionID), in: session)
        let byName = Dictionary(stored.map { ($0.executionID, $0) }) { $1 }
        let clashes = report.fills.compactMap { told in
            byName[told.executionID].flatMap { known in
                known.isSame(as: told) ? nil : Contradiction.otherwiseExecuted(known: known, told: told)
            }
        }
        return (stored.filter { new.contains($0.executionID) }, clashes)
    }
}

extension Reporting {
    /// Enters the executions that were new, and learns which orders at the broker belong to this one.
    fileprivate static func book(_ digest: ReportDigest, in session: PostgresSession) throws {
        let order = digest.order
        if !digest.isForeign, let legs = digest.report.broker?.legs, !legs.isEmpty {
            let owned = legs.map { ($0, order.id) }
            try Bookkeeping.learn(legs: Dictionary(owned) { first, _ in first }, in: session)
        }
        if let name = digest.change.brokerOrderID, name != order.brokerOrderID {
            try BooksLock.take(in: session)
            try Bookkeeping.adopt([name], in: session)
        }
        guard !digest.freshFills.isEmpty, let entry = try OrderLegStore.entry(of: order.id, in: session)
        else { return }
        try Bookkeeping.record(
            digest.freshFills.map { fill in
                Execution(
                    id: fill.executionID, brokerOrderID: digest.change.brokerOrderID, orderID: order.id,
                    strategy: entry.strategy, part: entry.part, symbol: order.symbol, side: order.side,
                    qty: fill.qty, price: fill.price, executedAt: fill.executedAt)
            }, in: session)
    }
}
