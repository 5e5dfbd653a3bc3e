import Domain
import JSON
import Postgres
import Store

/// What did not go as it should in a week.
enum WeekEvents {
    /// Positions above the limits of the policy that held at the week's end.
    static func sizing(_ period: ReportPeriod, in session: PostgresSession) throws -> JSONValue {
        guard let document = try ReportQueries.policy(at: period.end, in: session)?.document else {
            return ["max_position_usd": .null, "max_position_pct": .null, "violations": []]
        }
        let limits = try PolicyDocument.parse(document).limits
        let found = try WeekQueries.oversizes(
            period, maxUSD: limits.maxPositionUSD, maxShare: limits.maxPositionPct, in: session)
        return [
            "max_position_usd": .decimal(limits.maxPositionUSD),
            "max_position_pct": .decimal(limits.maxPositionPct),
            "violations": .array(
                found.map { each in
                    [
                        "symbol": .string(each.symbol), "market_value": .decimal(each.value),
                        "share_of_equity": .decimal(each.share),
                    ]
                }),
        ]
    }

    /// Whether each open position has a live stop; null where open orders are not known any more.
    static func stops(_ account: AccountPart?) -> JSONValue {
        guard let account, account.knowsOrders else {
            return ["all_in_place": .null, "positions": account?.positions ?? []]
        }
        let standings = account.snapshot.positions.map { StopCover($0, account.snapshot.openOrders).standing }
        return [
            "all_in_place": .bool(standings.allSatisfy { $0 == .live }), "positions": account.positions,
        ]
    }

    static func unexpected(_ period: ReportPeriod, in session: PostgresSession) throws -> JSONValue {
        let halts = try ReportQueries.halts(period, in: session)
        let troubles = try WeekQueries.troubles(period, in: session)
        let mismatches = try WeekQueries.mismatches(period, in: session)
        let (dead, foreign) = try WeekQueries.counts(period, in: session)
        return [
            "count": .integer(halts.count + troubles.count + mismatches.count + dead + foreign),
            "halts": .array(halts.map(\.reportJSON)),
            "orders": .array(
                troubles.map { order in
                    [
                        "order_id": .string(order.id.text), "symbol": .string(order.symbol),
                        "state": .string(order.state.rawValue), "reason": .text(order.reason),
                    ]
                }),
            "mismatches": .array(
                mismatches.map { each in
                    [
                        "symbol": .string(each.symbol), "book_qty": .decimal(each.bookQty),
                        "broker_qty": .decimal(each.brokerQty),
                        "confirmed_at": .text(each.confirmedAt?.rfc3339),
                        "cleared_at": .text(each.clearedAt?.rfc3339),
                    ]
                }),
            "dead_deliveries": .integer(dead), "foreign_executions": .integer(foreign),
        ]
    }
}
