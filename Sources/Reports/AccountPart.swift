import Domain
import JSON
import Postgres
import Store

/// What the account held at the end of a period.
struct AccountPart: Sendable {
    let snapshot: AccountSnapshot
    /// Whether open orders are known, and with them the stops.
    let knowsOrders: Bool

    /// The newest word where nothing was traded since, else the last one that was kept.
    static func read(
        _ period: ReportPeriod, now: Timestamp, in session: PostgresSession
    ) throws -> AccountPart? {
        let next = MarketCalendar.nyse.session(after: period.days.upperBound)?.opensAt
        if next.map({ now < $0 }) ?? true, now > period.start,
            let (report, receivedAt) = try CheckingStore.accountState(in: session), receivedAt > period.start,
            try !ReportQueries.hasTraded(after: period.end, in: session)
        {
            return AccountPart(
                snapshot: try AccountSnapshot.parse(report, receivedAt: receivedAt), knowsOrders: true)
        }
        guard let (report, receivedAt) = try ReportQueries.account(until: period.end, in: session),
            receivedAt > period.start
        else { return nil }
        return AccountPart(
            snapshot: try AccountSnapshot.parse(report, receivedAt: receivedAt), knowsOrders: false)
    }

    private var equity: ExactDecimal { snapshot.equity }

    var positions: JSONValue {
        .array(
            snapshot.positions.sorted { $0.symbol < $1.symbol }.map { position in
                let stop = StopCover(position, snapshot.openOrders)
                let cost = position.avgEntryPrice.map { position.qty.saturatingProduct($0) }
                return [
                    "symbol": .string(position.symbol), "qty": .decimal(position.qty),
                    "market_value": .decimal(position.marketValue),
                    "share_of_equity": .decimal(
                        equity.isPositive ? position.marketValue.magnitude.ratio(to: equity) : nil),
                    "avg_entry_price": .decimal(position.avgEntryPrice),
                    "unrealized_pnl": .decimal(cost.map { position.marketValue - $0 }),
                    "stop_status": .text(knowsOrders ? stop.standing.rawValue : nil),
                    "stop_price": .decimal(knowsOrders ? stop.stopPrice : nil),
                ]
            })
    }

    /// The value of all positions, each counted from nought.
    var grossValue: ExactDecimal { snapshot.positions.reduce(.zero) { $0 + $1.marketValue.magnitude } }

    /// What is borrowed: how far cash stands below nought, in USD.
    var marginUsed: ExactDecimal { snapshot.cash.isNegative ? snapshot.cash.magnitude : .zero }

    private var largestPosition: Position? {
        snapshot.positions.max { $0.marketValue.magnitude < $1.marketValue.magnitude }
    }

    var largest: JSONValue {
        guard let position = largestPosition else { return .null }
        return [
            "symbol": .string(position.symbol), "market_value": .decimal(position.marketValue),
            "share_of_equity": .decimal(
                equity.isPositive ? position.marketValue.magnitude.ratio(to: equity) : nil),
        ]
    }

    /// Each limit of the policy that can be seen at the day's end, with what of it is used.
    func limits(_ limits: PolicyLimits, openedToday: Int) -> [JSONValue] {
        let largest = largestPosition?.marketValue.magnitude ?? .zero
        let share = equity.isPositive ? largest.ratio(to: equity) : nil
        let cash = equity.isPositive ? snapshot.cash.ratio(to: equity) : nil
        return [
            limit(
                "open_positions", "Open positions", "count", ExactDecimal(snapshot.positions.count),
                limits.maxOpenPositions.map { ExactDecimal($0) }),
            limit(
                "new_positions", "New positions of the day", "count", ExactDecimal(openedToday),
                limits.maxNewPositionsPerDay.map { ExactDecimal($0) }),
            limit("largest_position", "Largest position", "usd", largest, limits.maxPositionUSD),
            limit(
                "largest_position_share", "Largest position of equity", "fraction", share,
                limits.maxPositionPct),
            limit(
                "cash_reserve", "Cash of equity", "fraction", cash, limits.cashReserveMinPct, isFloor: true),
        ].compactMap(\.self)
    }

    private func limit(
        _ name: String, _ title: String, _ unit: String, _ value: ExactDecimal?, _ limit: ExactDecimal?,
        isFloor: Bool = false
    ) -> JSONValue? {
        guard let value, let limit else { return nil }
        return [
            "name": .string(name), "title": .string(title), "unit": .string(unit), "value": .decimal(value),
            "limit": .decimal(limit), "is_floor": .bool(isFloor),
            "is_breached": .bool(isFloor ? value < limit : value > limit),
        ]
    }
}
