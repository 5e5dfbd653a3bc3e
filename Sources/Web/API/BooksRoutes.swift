import Domain
import Gate
import HTTPServer
import JSON
import Postgres
import Store

extension RouteTable {
    /// The account, its positions and what the books make of them.
    mutating func addBooks() {
        reading("/trading/account", to: "read the account") { _, session in
            let account = try AccountView.read(in: session)
            return .object(account.snapshot.accountJSON.merging(account.bookJSON))
        }
        api(.get, "/positions/active") { call in try await listPositions(call) }
        reading("/risk/metrics", to: "read the metrics") { _, session in
            try RiskReading.metrics(in: session)
        }
        reading("/risk/mismatches", to: "read the books") { _, session in
            let found = try MismatchStore.list(limit: 200, in: session)
            return ["items": .array(found.map(\.json)), "next_cursor": .null]
        }
        api(.post, "/risk/mismatches/{id}/clear") { call in
            try call.require(call.caller.mayOperate, to: "change the books")
            let id = try call.identifier(of: "mismatch")
            let reader = JSONReader(try call.request.json())
            let reason = reader.requiredText("reason", maxCharacters: TextLimits.reason)
            try reader.finish()
            let reconciling = Reconciling(call.context.gate)
            return .json(try await reconciling.accept(id, reason: reason, by: call.caller).json)
        }
    }
}

private func listPositions(_ call: APICall) async throws -> HTTPResponse {
    try call.require(call.caller.mayRead, to: "read positions")
    var query = QueryReader(call.request)
    let (limit, after) = query.pageAfterName()
    try query.finish()
    let account = try await call.context.gate.pool.withSnapshot { session in
        try AccountView.read(in: session)
    }
    let rest = account.positions.sorted { $0.position.symbol < $1.position.symbol }.filter { view in
        after.map { view.position.symbol > $0 } ?? true
    }
    let page = rest.prefix(limit)
    let next = rest.count > limit ? page.last.map { Cursor.text(after: $0.position.symbol) } : nil
    return .json([
        "items": .array(page.map(\.json)), "next_cursor": .text(next),
        "received_at": .string(account.snapshot.receivedAt.rfc3339),
        "age_seconds": .integer(account.ageSeconds),
    ])
}

extension AccountView {
    fileprivate var bookJSON: JSONObject {
        let live = day.map { snapshot.equity - $0.endEquity } ?? .zero
        return [
            "age_seconds": .integer(ageSeconds), "positions": .integer(positions.count),
            "trading_day": .text(day?.day.description),
            "start_equity": .decimal(day?.startEquity), "daily_pnl": .decimal(day.map { $0.pnl + live }),
            "capital_flows": .decimal(day?.capitalFlows), "high_water_mark": .decimal(day?.highWaterMark),
            "unrealized_pnl": .decimal(snapshot.equityPoint.unrealizedPnL),
        ]
    }
}

extension AccountSnapshot {
    fileprivate var accountJSON: JSONObject {
        [
            "account_number": .string(accountNumber), "status": .string(status), "equity": .decimal(equity),
            "last_equity": .decimal(lastEquity), "cash": .decimal(cash),
            "buying_power": .decimal(buyingPower), "multiplier": .decimal(multiplier),
            "trading_blocked": .bool(isTradingBlocked), "account_blocked": .bool(isAccountBlocked),
            "trade_suspended_by_user": .bool(isTradeSuspendedByUser),
            "received_at": .string(receivedAt.rfc3339),
        ]
    }
}
