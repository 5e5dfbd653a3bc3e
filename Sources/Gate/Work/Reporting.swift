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
            try Self.requireOwn(report, order, in: session)
            let fresh = try Self.storeFills(report, order, in: session)
            let fills = try OrderQueries.fills(of: [id], in: session)
            let digest = ReportDigest(order: order, report: report, fills: fills, freshFills: fresh)
            try digest.requireSense()
            try OrderTransitions.apply(digest.change, to: id, in: session)
            try JournalStore.append(digest.entries(by: actor), in: session)
            try DeliveryQueue.enqueue(digest.messages, in: session)
            if digest.state == .rejected, order.state != .rejected {
                try AlertRaising.raise(.rejected(order, reason: digest.change.reason), in: session)
            }
            try Self.book(digest, in: session)
            if digest.mayTrip { _ = try BreakerWatch.evaluate(context, phase, in: session) }
            guard let now = try OrderQueries.find(id, in: session) else { throw Refusal.notFound("order") }
            return OrderView(record: now, fills: fills)
        }
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

    /// Those executions that were not known.
    private static func storeFills(
        _ report: OrderReport, _ order: OrderRecord, in session: PostgresSession
    ) throws -> [FillRecord] {
        let new = try OrderTransitions.insertFills(report.fills, in: session)
        return report.fills.filter { new.contains($0.executionID) }
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

/// What one report changes of an order, worked out without a database.
struct ReportDigest: Sendable {
    let order: OrderRecord
    let report: OrderReport
    /// All executions known by now.
    let fills: [FillRecord]
    /// Those that this report brought.
    let freshFills: [FillRecord]

    private var filledByExecutions: ExactDecimal { fills.reduce(.zero) { $0 + $1.qty } }

    /// Never less than known before, by whichever way it was learnt.
    var filledQty: ExactDecimal {
        max(order.filledQty, max(report.broker?.filledQty ?? .zero, filledByExecutions))
    }

    /// Whether what it tells may stop trading: an execution, or an order that ended or is in doubt.
    var mayTrip: Bool { !freshFills.isEmpty || state != order.state }

    func requireSense() throws {
        guard filledQty <= order.qty else {
            throw Refusal.invalid([
                JSONFault(
                    pointer: "/fills",
                    detail:
                        "more shares (\(filledQty)) than were ordered (\(order.qty)); look at the account"
                )
            ])
        }
    }

    /// What the report says the state is; nil where it says nothing that we understand.
    var reportedState: OrderState? {
        switch report.outcome {
        case .placed:
            report.broker.flatMap { BrokerStatus(rawValue: $0.status) }?
                .orderState(hasFills: filledQty.isPositive)
                ?? (filledQty.isPositive ? .partiallyFilled : .accepted)
        case .rejected: .rejected
        case .unknown: .unknown
        case nil: filledQty.isPositive ? .partiallyFilled : nil
        }
    }

    /// The state afterwards: only forward, never back.
    var state: OrderState {
        guard let reportedState, order.state.mayBecome(reportedState), !isForeign else { return order.state }
        return reportedState
    }

    /// Whether the report speaks of another order at the broker than the one known.
    var isForeign: Bool {
        guard let known = order.brokerOrderID, let told = report.broker?.id else { return false }
        return known != told
    }

    /// Whether a word of the broker's is new to us.
    var isUnknownWord: Bool {
        guard let word = report.broker?.status, word != order.brokerStatus else { return false }
        return BrokerStatus(rawValue: word) == nil
    }

    /// Whether the broker has what we held to be nowhere, or the report speaks of another order.
    var isContradiction: Bool { report.broker != nil && (isForeign || isTurningUp) }

    /// Whether the broker has what we held to be nowhere, told for the first time.
    var isTurningUp: Bool {
        guard let broker = report.broker else { return false }
        return order.state == .rejected && order.brokerOrderID == nil && broker.status != "rejected"
    }

    /// Whether the broker is done with an order that had turned up.
    var isAstrayEnding: Bool {
        guard order.isAstray, !isForeign, let word = report.broker?.status else { return false }
        return BrokerStatus(rawValue: word)?.isFinal == true
    }

    var change: OrderTransitions.Report {
        var change = OrderTransitions.Report(order)
        change.state = state
        change.filledQty = filledQty
        change.filledAvgPrice = averagePrice
        guard !isForeign else { return change }
        change.brokerOrderID = order.brokerOrderID ?? report.broker?.id
        change.submittedAt = order.submittedAt ?? report.broker?.submittedAt
        if !isStale { change.brokerStatus = report.broker?.status ?? order.brokerStatus }
        change.isTurnedUp = order.turnedUpAt != nil || isTurningUp
        if state != order.state { change.reason = reason }
        return change
    }

    /// Whether the broker's word is older than what is known.
    private var isStale: Bool {
        guard let broker = report.broker else { return false }
        let isOver = order.state.isFinal && order.brokerStatus != nil && !order.isAstray
        return isOver || broker.filledQty < order.filledQty
    }

    private var averagePrice: ExactDecimal? {
        guard filledQty.isPositive else { return order.filledAvgPrice }
        if filledByExecutions == filledQty {
            let value = fills.reduce(ExactDecimal.zero) { $0 + $1.qty * $1.price }
            return value.divided(by: filledQty, scale: 9, rounding: .halfEven)
        }
        if let broker = report.broker, broker.filledQty == filledQty, let price = broker.filledAvgPrice {
            return price
        }
        return order.filledAvgPrice
    }

    private var reason: String? {
        if state == .rejected || state == .unknown {
            return report.error ?? "the broker says: \(report.broker?.status ?? "rejected")"
        }
        if let other = report.broker?.replacedBy, state == .canceled {
            return "somebody replaced it at the broker by order \(other), which nobody approved here"
        }
        if state.isFinal, state != .filled, filledQty.isPositive {
            return
                "\(filledQty) of \(order.qty) shares were filled; attached exits may not protect them"
        }
        return state.isFinal && state != .filled ? report.error : nil
    }
}
