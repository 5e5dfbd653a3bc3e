package import Domain
package import JSON
package import Postgres
package import Store

/// A position of the account as the broker and the books have it.
package struct PositionView: Sendable {
    package let position: Position
    /// What the books hold of it; nil where they hold nothing.
    package let book: BookPosition?
    /// What each strategy holds of it, and what was not made here.
    package let parts: [BookPosition]
    package let stop: StopCover
    /// Days since it was opened, begun ones not counted; nil where that is not known.
    package let daysHeld: Int?

    /// Whether broker and books agree on the shares.
    package var isReconciled: Bool { book?.qty == position.qty }

    /// What it cost in USD, with the sign of the shares: by the books, or by the broker where they differ.
    package var cost: ExactDecimal? {
        if isReconciled, let book { return book.cost }
        return position.avgEntryPrice.map { position.qty.saturatingProduct($0) }
    }

    /// What a share is worth in USD; nil where the report does not say.
    package var price: ExactDecimal? {
        position.currentPrice ?? position.marketValue.divided(by: position.qty)
    }

    /// Profit not yet taken in USD: market value − cost.
    package var unrealizedPnL: ExactDecimal? { cost.map { position.marketValue - $0 } }

    /// That profit as a fraction of what it cost; nil where it cost nothing.
    package var unrealizedFraction: ExactDecimal? {
        guard let cost, let profit = unrealizedPnL else { return nil }
        return profit.ratio(to: cost.magnitude)
    }

    /// The position as the API shows it.
    package var json: JSONValue {
        [
            "symbol": .string(position.symbol), "side": .string(position.qty.isNegative ? "short" : "long"),
            "qty": .decimal(position.qty), "market_value": .decimal(position.marketValue),
            "avg_entry_price": .decimal(position.avgEntryPrice),
            "current_price": .decimal(position.currentPrice), "cost_basis": .decimal(cost),
            "average_cost": .decimal(book?.averageCost?.rounded(scale: 6)),
            "unrealized_pnl": .decimal(unrealizedPnL), "unrealized_pnl_pct": .decimal(unrealizedFraction),
            "stop_status": .string(stop.standing.rawValue), "stop_price": .decimal(stop.stopPrice),
            "opened_at": .text(book?.trip?.openedAt.rfc3339),
            "days_held": daysHeld.map { .integer($0) } ?? .null,
            "strategies": .array(
                parts.map { part in
                    [
                        "strategy": part.key.scope == .strategy ? .string(part.key.target) : .null,
                        "qty": .decimal(part.qty), "cost_basis": .decimal(part.cost),
                        "unrealized_pnl": .decimal(price.map { part.unrealizedPnL(at: $0) }),
                    ]
                }), "is_reconciled": .bool(isReconciled),
        ]
    }
}

/// The account as it was reported last, with what the books say to it.
package struct AccountView: Sendable {
    package let snapshot: AccountSnapshot
    package let ageSeconds: Int
    package let positions: [PositionView]
    /// The trading day under way; nil before the first snapshot.
    package let day: AccountDay?
    /// Differences between broker and books that were believed and are open.
    package let mismatches: [MismatchRecord]

    /// Open orders at the broker that were not made here.
    package var foreignOrders: [BrokerOpenOrder] {
        snapshot.openOrders.filter { order in
            !order.isExit && order.isOpen && !(order.clientOrderID?.hasPrefix("cs-") ?? false)
        }
    }

    /// Reads everything in one session; throws the Refusal `not-found` before a worker reported the account.
    ///
    /// By several statements: only in a snapshot are `snapshot` and `day` of one moment.
    package static func read(in session: PostgresSession) throws -> AccountView {
        guard let (report, receivedAt) = try CheckingStore.accountState(in: session) else {
            throw Refusal(
                .notFound, "No worker has reported the account yet. Start one with `countersign worker`.")
        }
        let snapshot = try AccountSnapshot.parse(report, receivedAt: receivedAt)
        let now = try DatabaseClock.now(in: session)
        let held = try PositionStore.held(in: session)
        let positions = snapshot.positions.map { position in
            let books = held.filter { $0.key.symbol == position.symbol }
            let book = books.first { $0.key.scope == .account }
            return PositionView(
                position: position, book: book,
                parts: books.filter { $0.key.scope != .account },
                stop: StopCover(position, snapshot.openOrders),
                daysHeld: book?.trip.map { now.seconds(since: $0.openedAt) / 86_400 })
        }
        return AccountView(
            snapshot: snapshot, ageSeconds: max(0, now.seconds(since: receivedAt)), positions: positions,
            day: try AccountDayStore.newest(in: session),
            mismatches: try MismatchStore.open(onlyConfirmed: true, in: session))
    }
}

extension MismatchRecord {
    /// The difference as the API shows it.
    package var json: JSONValue {
        [
            "id": .string(id.text), "symbol": .string(symbol), "book_qty": .decimal(bookQty),
            "broker_qty": .decimal(brokerQty), "evidence": evidence,
            "suspected_at": .string(suspectedAt.rfc3339), "confirmed_at": .text(confirmedAt?.rfc3339),
            "cleared_at": .text(clearedAt?.rfc3339), "cleared_by": .text(clearedBy),
            "clear_reason": .text(clearReason),
        ]
    }
}
