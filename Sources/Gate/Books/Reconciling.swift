package import Domain
import JSON
import Postgres
package import Store

/// Compares the broker's positions with the books, and lets people take over the broker's word.
package struct Reconciling: Sendable {
    /// How long a difference must stay before it is believed: an execution may be on its way.
    package static let confirmAfterSeconds = 30

    private let context: GateContext

    /// The use case.
    package init(_ context: GateContext) { self.context = context }

    /// Notes differences, confirms those that stayed, and clears those that are gone.
    static func compare(
        _ snapshot: AccountSnapshot, _ context: GateContext, in session: PostgresSession
    ) throws {
        let held = try PositionStore.held(.account, in: session)
        let book = Dictionary(uniqueKeysWithValues: held.map { ($0.key.symbol, $0) })
        let broker = snapshot.positions.reduce(into: [String: Position]()) { $0[$1.symbol] = $1 }
        let open = try MismatchStore.open(in: session)
        let known = Dictionary(uniqueKeysWithValues: open.map { ($0.symbol, $0) })
        let now = snapshot.receivedAt
        for symbol in Set(book.keys).union(broker.keys).union(known.keys).sorted() {
            let difference = Difference(symbol, book[symbol], broker[symbol], snapshot)
            try note(difference, known[symbol], now, context, in: session)
        }
    }

    private static func note(
        _ difference: Difference, _ known: MismatchRecord?, _ now: Timestamp, _ context: GateContext,
        in session: PostgresSession
    ) throws {
        guard !difference.isNone else {
            if let known { try end(known, by: "system", "both are equal again", in: session) }
            return
        }
        guard let known else { return try suspect(difference, now, context, in: session) }
        let isSame = known.bookQty == difference.bookQty && known.brokerQty == difference.brokerQty
        guard isSame || known.confirmedAt != nil else {
            // Things are moving: what is suspected now is another difference.
            try end(known, by: "system", "it changed before it was believed", in: session)
            return try suspect(difference, now, context, in: session)
        }
        let confirms =
            known.confirmedAt == nil && now.seconds(since: known.suspectedAt) >= confirmAfterSeconds
        guard !isSame || confirms else { return }
        try MismatchStore.update(
            known.id, book: difference.bookQty, broker: difference.brokerQty, evidence: difference.evidence,
            confirm: confirms, in: session)
        if confirms { try tell("reconcile.mismatch", known.id, "system", difference.evidence, in: session) }
    }

    private static func suspect(
        _ difference: Difference, _ now: Timestamp, _ context: GateContext, in session: PostgresSession
    ) throws {
        try MismatchStore.insert(
            context.newIdentifier(at: now), difference.symbol, book: difference.bookQty,
            broker: difference.brokerQty, evidence: difference.evidence, in: session)
    }

    private static func end(
        _ known: MismatchRecord, by actor: String, _ reason: String, in session: PostgresSession
    ) throws {
        try MismatchStore.clear(known.id, by: actor, reason: reason, in: session)
        guard known.confirmedAt != nil else { return }
        let data: JSONObject = ["symbol": .string(known.symbol), "reason": .string(reason)]
        try tell("reconcile.cleared", known.id, actor, .object(data), in: session)
    }

    private static func tell(
        _ kind: String, _ id: Identifier, _ actor: String, _ data: JSONValue, in session: PostgresSession
    ) throws {
        try JournalStore.append(
            [
                JournalDraft(
                    kind: kind, actor: actor, subject: "mismatch:\(id.text)", data: data.objectValue ?? [:])
            ], in: session)
    }

    // MARK: people

    /// The newest differences that were believed, open ones first.
    package func list(limit: Int = 50) async throws -> [MismatchRecord] {
        try await context.pool.withSession { session in try MismatchStore.list(limit: limit, in: session) }
    }

    /// Takes over the broker's word: an adjustment brings the books to its shares and average price.
    package func accept(_ id: Identifier, reason: String, by caller: Caller) async throws -> MismatchRecord {
        guard caller.mayOperate else {
            throw Refusal(.notAllowed, "Only operators and admins may change the books.")
        }
        return try await context.pool.transaction { session in
            try BooksLock.take(in: session)
            guard let known = try MismatchStore.lockOpen(id, in: session) else {
                throw Refusal.notFound("open mismatch")
            }
            try Self.adjust(known, in: session)
            try Self.end(known, by: caller.journalActor, reason, in: session)
            return known
        }
    }

    private static func adjust(_ known: MismatchRecord, in session: PostgresSession) throws {
        guard let (report, receivedAt) = try CheckingStore.accountState(in: session) else {
            throw Refusal(.conflict, "No worker has reported the account yet.")
        }
        let snapshot = try AccountSnapshot.parse(report, receivedAt: receivedAt)
        let broker = snapshot.positions.first { $0.symbol == known.symbol }
        let key = BookKey(.account, "", known.symbol)
        let book = try PositionStore.find([key], in: session)[key]
        let change = (broker?.qty ?? .zero) - (book?.qty ?? .zero)
        guard !change.isZero else { return }
        let clock = snapshot.clock?.timestamp ?? receivedAt
        let last = book?.last?.at ?? clock
        let adjustment = Execution(
            id: "adjustment:\(known.id.text)", kind: .adjustment, symbol: known.symbol,
            side: change.isNegative ? .sell : .buy, qty: change.magnitude,
            price: broker?.costPerShare ?? .zero, executedAt: max(last, clock))
        try Bookkeeping.record([adjustment], in: session)
    }
}

/// One symbol, as the books and as the broker have it.
private struct Difference {
    let symbol: String
    let bookQty: ExactDecimal
    let brokerQty: ExactDecimal
    let evidence: JSONValue

    var isNone: Bool { bookQty == brokerQty }

    init(_ symbol: String, _ book: BookPosition?, _ broker: Position?, _ snapshot: AccountSnapshot) {
        self.symbol = symbol
        bookQty = book?.qty ?? .zero
        brokerQty = broker?.qty ?? .zero
        let orders = snapshot.openOrders.filter { $0.symbol == symbol }
        evidence = [
            "symbol": .string(symbol), "book_qty": .decimal(bookQty), "broker_qty": .decimal(brokerQty),
            "book_average_cost": .decimal(book?.averageCost?.rounded(scale: 6)),
            "broker_average_price": .decimal(broker?.avgEntryPrice),
            "last_execution_id": .text(book?.last?.executionID),
            "last_executed_at": .text(book?.last?.at.rfc3339),
            "open_orders": .array(orders.prefix(20).map { .text($0.clientOrderID) }),
            "account_received_at": .string(snapshot.receivedAt.rfc3339),
        ]
    }
}
