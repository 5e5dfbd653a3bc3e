package import Domain
package import JSON
import Postgres
import Store

/// Takes in what a worker tells of the account: the newest state, the statement's entries, and the day's row.
enum AccountKeeping {
    static func keep(
        _ account: (report: JSONValue, snapshot: AccountSnapshot), _ activities: ActivityReport?,
        by workerID: String, _ context: GateContext, in session: PostgresSession
    ) throws {
        let before = try CheckingStore.accountState(in: session)
        try AccountStateStore.store(account.report, account.snapshot, by: workerID, in: session)
        try learnLegs(account.report["open_orders"], activities, in: session)
        try BooksLock.take(in: session)
        let began = try beginBooks(account.snapshot, in: session)
        if let activities {
            try takeFlows(activities.flows, isFirst: began, account.snapshot, in: session)
            try record(activities.executions, in: session)
        }
        try note(account, before, in: session)
        if activities != nil {
            try Reconciling.compare(account.snapshot, context, in: session)
        }
    }

    private static func learnLegs(
        _ orders: JSONValue?, _ activities: ActivityReport?, in session: PostgresSession
    ) throws {
        let nested = OrderLegs.read(orders)
        let owners = try OrderLegStore.orders(clientOrderIDs: Array(nested.keys), in: session)
        var legs: [String: Identifier] = [:]
        for (name, ids) in nested {
            guard let owner = owners[name] else { continue }
            for id in ids { legs[id] = owner }
        }
        let replaced = activities?.replaced ?? [:]
        let known = try OrderLegStore.parts(of: Array(replaced.values), in: session)
        for (new, old) in replaced {
            if let owner = known[old]?.orderID ?? legs[old] { legs[new] = owner }
        }
        try Bookkeeping.learn(legs: legs, in: session)
    }

    /// Begins the books with what the account holds; tells whether it did.
    private static func beginBooks(_ snapshot: AccountSnapshot, in session: PostgresSession) throws -> Bool {
        guard try BooksLock.startedAt(in: session) == nil else { return false }
        let startedAt = snapshot.clock?.timestamp ?? snapshot.receivedAt
        try BooksLock.start(at: startedAt, in: session)
        let openings = snapshot.positions.filter { !$0.qty.isZero }.map { position in
            Execution(
                id: "opening:\(position.symbol)", kind: .opening, symbol: position.symbol,
                side: position.qty.isNegative ? .sell : .buy, qty: position.qty.magnitude,
                price: position.costPerShare, executedAt: startedAt)
        }
        try Bookkeeping.record(openings, in: session)
        try JournalStore.append(
            [
                JournalDraft(
                    kind: "books.began", actor: "system", subject: "account:\(snapshot.accountNumber)",
                    data: ["positions": .array(openings.map(\.json))])
            ], in: session)
        return true
    }

    /// What moved cash counts from when we learn of it: the worker reads the account again where an entry is
    /// new, so that equity and entry come together.
    ///
    /// What moved it before the first contact is in the equity already; only today's part is taken off the
    /// day's profit.
    private static func takeFlows(
        _ flows: [CashFlow], isFirst: Bool, _ snapshot: AccountSnapshot, in session: PostgresSession
    ) throws {
        let startedAt = try BooksLock.startedAt(in: session) ?? snapshot.receivedAt
        let earlier = flows.filter { $0.isBefore(startedAt, orOn: isFirst) }
        let today = Bookkeeping.tradingDay(startedAt)
        _ = try CashFlowStore.insert(
            earlier.map { flow in
                let isOfToday = isFirst && flow.tradingDay.map { $0 >= today } ?? false
                return flow.effective(at: isOfToday ? flow.effectiveAt : Timestamp(seconds: 0))
            }, in: session)
        try takeNewFlows(flows.filter { !$0.isBefore(startedAt, orOn: isFirst) }, snapshot, in: session)
    }

    private static func takeNewFlows(
        _ flows: [CashFlow], _ snapshot: AccountSnapshot, in session: PostgresSession
    ) throws {
        // Never before a snapshot that is kept already: its day would have to change afterwards.
        let kept = try AccountSnapshotStore.newest(in: session)
        let after = kept.map { Timestamp(microseconds: $0.microseconds + 1) }
        let late = flows.map { $0.effective(at: max($0.effectiveAt, after ?? $0.effectiveAt)) }
        let new = try CashFlowStore.insert(late, in: session)
        let fresh = flows.filter { new.contains($0.id) }
        try JournalStore.append(
            fresh.map { flow in
                JournalDraft(
                    kind: "account.cash-flow", actor: "system",
                    subject: "account:\(snapshot.accountNumber)",
                    data: [
                        "activity_id": .string(flow.id), "activity_type": .string(flow.type),
                        "amount": .string(flow.amount.description),
                        "class": .string(flow.flowClass.rawValue),
                    ])
            }, in: session)
    }

    /// Executions that no order's report brought: of exits, and of orders that were not made here.
    private static func record(_ executions: [Execution], in session: PostgresSession) throws {
        let fresh = try Bookkeeping.record(executions, in: session).filter { $0.part != .entry }
        try JournalStore.append(
            fresh.map { execution in
                let subject = execution.orderID.map { "order:\($0.text)" } ?? "symbol:\(execution.symbol)"
                let kind = execution.part == .exit ? "order.exit-filled" : "account.foreign-execution"
                return JournalDraft(
                    kind: kind, actor: "system", subject: subject,
                    data: execution.json.objectValue ?? [:])
            }, in: session)
    }

    /// Keeps the snapshot where it is one to keep, and brings the day's row up to date.
    private static func note(
        _ account: (report: JSONValue, snapshot: AccountSnapshot),
        _ before: (report: JSONValue, receivedAt: Timestamp)?, in session: PostgresSession
    ) throws {
        let point = account.snapshot.equityPoint
        var last = try AccountSnapshotStore.newest(in: session)
        guard last.map({ $0 < point.at }) ?? true else { return }
        var curve = EquityCurve(after: try AccountDayStore.newest(in: session))
        let start = last ?? MarketCalendar.nyse.bookDayStart(Bookkeeping.tradingDay(point.at))
        let flows = try CashFlowStore.between(start, point.at, in: session)
        let isNewDay = curve.today.map { $0.day < Bookkeeping.tradingDay(point.at) } ?? false
        if isNewDay || !flows.isEmpty, let before, let kept = last, before.receivedAt > kept,
            let snapshot = try? AccountSnapshot.parse(before.report, receivedAt: before.receivedAt)
        {
            // The last word of the day before, or from before the cash moved, was not kept yet.
            try AccountSnapshotStore.insert(snapshot, before.report, in: session)
            curve.take(snapshot.equityPoint, flows: [])
            last = before.receivedAt
        }
        guard curve.keeps(point, after: last, isAfterFlow: !flows.isEmpty) else { return }
        try AccountSnapshotStore.insert(account.snapshot, account.report, in: session)
        curve.take(point, flows: flows)
        try AccountDayStore.save(curve.days, in: session)
    }
}

extension CashFlow {
    /// The trading day that the broker's own date gives it; nil where there is none.
    fileprivate var tradingDay: CalendarDate? {
        guard let date else { return nil }
        if date.utf8.count > 10, let instant = Timestamp(rfc3339: date) {
            return Bookkeeping.tradingDay(instant)
        }
        return CalendarDate(String(date.prefix(10)))
    }

    /// Whether the broker dates it before the books were begun; of what bears the same date without a time that is
    /// said by `orOn`.
    fileprivate func isBefore(_ start: Timestamp, orOn sameDay: Bool) -> Bool {
        guard let date else { return sameDay }
        if date.utf8.count > 10, let instant = Timestamp(rfc3339: date) { return instant <= start }
        guard let day = CalendarDate(String(date.prefix(10))) else { return sameDay }
        let first = NewYork.date(start)
        return day < first || sameDay && day == first
    }

    fileprivate func effective(at instant: Timestamp) -> CashFlow {
        CashFlow(
            id: id, type: type, amount: amount, symbol: symbol, description: description, date: date,
            effectiveAt: instant)
    }
}

extension Position {
    /// What a share cost, by the broker; its price where the broker does not tell.
    var costPerShare: ExactDecimal {
        avgEntryPrice ?? currentPrice ?? marketValue.magnitude.divided(by: qty.magnitude, scale: 9) ?? .zero
    }
}

extension Execution {
    /// The execution as journal and API show it.
    package var json: JSONValue {
        [
            "execution_id": .string(id), "kind": .string(kind.rawValue), "symbol": .string(symbol),
            "side": .string(side.rawValue), "qty": .decimal(qty), "price": .decimal(price),
            "commission": .decimal(commission), "executed_at": .string(executedAt.rfc3339),
            "broker_order_id": .text(brokerOrderID), "order_id": .text(orderID?.text),
            "strategy": .text(strategy), "part": .string(part.rawValue),
        ]
    }
}
