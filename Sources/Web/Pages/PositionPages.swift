import Domain
import Gate
import HTTPServer
import Postgres
import Store
import Templates

extension RouteTable {
    /// What the account holds, and what became of what it held.
    mutating func addPositionPages() {
        let context = context
        memberPage(.get, "/positions") { request, session in
            var query = QueryReader(request)
            try query.finish()
            let read = try await context.gate.pool.withSnapshot { session in
                let hasAccount = try CheckingStore.accountState(in: session) != nil
                let account = hasAccount ? try AccountView.read(in: session) : nil
                let trips = try RoundTripStore.closed(.account, limit: 50, in: session)
                return (
                    account: account, trips: trips, stops: try RoundTripStore.stops(of: trips, in: session),
                    results: try account.map { try StrategyResult.all(of: $0, in: session) } ?? [],
                    surroundings: try Surroundings.load(in: session)
                )
            }
            let tripForm = AmountForm(read.trips.map(\.netPnL))
            var values: TemplateValues = [
                "HAS_ACCOUNT": .shown(read.account != nil), "HAS_TRIPS": .shown(!read.trips.isEmpty),
                "TRIPS": .sections(read.trips.map { $0.rowValues(read.stops, tripForm) }),
                "HAS_STRATEGIES": .shown(!read.results.isEmpty),
                "STRATEGIES": .sections(read.results.rows),
            ]
            if let account = read.account {
                values = values.merging(account.values(canOperate: session.person.role.canOperate))
            }
            return try context.page(
                "positions.html", "Positions", values, visitor: .person(session), around: read.surroundings,
                current: "/positions")
        }
    }
}

extension AccountView {
    fileprivate func values(canOperate: Bool) -> TemplateValues {
        let profit = snapshot.equityPoint.unrealizedPnL
        return [
            "EQUITY": .text(snapshot.equity.money), "CASH": .text(snapshot.cash.money),
            "UNREALIZED": .text(profit?.gainWords ?? "not known"),
            "TODAY": .text(day.map { ($0.pnl + snapshot.equity - $0.endEquity).gainWords } ?? "not known"),
            "REPORTED": .text(snapshot.receivedAt.newYorkWords),
            "HAS_POSITIONS": .shown(!positions.isEmpty), "CAN_OPERATE": .shown(canOperate),
            "POSITIONS": .sections(
                positions.rows.map { $0.merging(["CAN_OPERATE": .shown(canOperate)]) }),
            "HAS_FOREIGN": .shown(!foreignOrders.isEmpty),
            "FOREIGN": .sections(
                foreignOrders.map { order in
                    [
                        "FOREIGN_ORDER": .text(
                            "\(order.side.word) \(order.qty.grouped()) \(order.symbol) \(order.type)")
                    ]
                }),
            "MISMATCHES": .sections(
                mismatches.map { mismatch in
                    [
                        "MISMATCH": .text(
                            "\(mismatch.symbol): the broker holds \(mismatch.brokerQty.grouped()), the books "
                                + "\(mismatch.bookQty.grouped()), since \(mismatch.suspectedAt.newYorkWords)."
                        )
                    ]
                }),
        ]
    }
}

extension [PositionView] {
    /// The rows of their table, each column of amounts in one form.
    fileprivate var rows: [TemplateValues] {
        // What it cost and what it is worth stand side by side.
        let worth = AmountForm(flatMap { [$0.cost, $0.position.marketValue] })
        let profit = AmountForm(map(\.unrealizedPnL))
        return map { view in
            view.rowValues.merging([
                "COST": .text(view.cost.map { worth.money($0.magnitude) } ?? "–"),
                "VALUE": .text(worth.money(view.position.marketValue.magnitude)),
                "PNL": .text(view.unrealizedPnL.map(profit.gain) ?? "–"),
            ])
        }
    }
}

extension PositionView {
    fileprivate var rowValues: TemplateValues {
        let names = parts.map { $0.key.scope == .strategy ? $0.key.target : "not made here" }
        return [
            "SYMBOL": .text(position.symbol),
            "QTY": .text((position.qty.isNegative ? "short " : "") + position.qty.magnitude.grouped()),
            "AVERAGE": .text(averagePrice?.price ?? "–"), "PRICE": .text(position.currentPrice?.price ?? "–"),
            "PNL_PERCENT": .text(unrealizedFraction.map(Self.percentWords) ?? ""),
            "STOP_CLASS": .text(stop.standing == .live ? "good" : stop.standing == .partial ? "warn" : "bad"),
            "STOP": .text(stopWords), "STRATEGY": .text(names.joined(separator: ", ")),
            "DAYS": .text(daysHeld.map { counted($0, "day", "days") } ?? "–"),
        ]
    }

    private var averagePrice: ExactDecimal? {
        (isReconciled ? book?.averageCost : position.avgEntryPrice)?.rounded(scale: 4)
    }

    private var stopWords: String {
        let price = stop.stopPrice.map { " at \($0.price)" } ?? ""
        switch stop.standing {
        case .live: return "live\(price)"
        case .partial: return "for \(stop.qty.grouped()) only\(price)"
        case .none: return "no live stop"
        }
    }

    private static func percentWords(_ fraction: ExactDecimal) -> String {
        let percent = (fraction * ExactDecimal(100)).rounded(scale: 2)
        let sign = percent.isNegative ? "−" : percent.isZero ? "" : "+"
        return sign + percent.magnitude.text(minimumPlaces: 2) + "%"
    }
}

extension [StrategyResult] {
    /// The rows of their table; its amounts add up from left to right, so that all have one form.
    fileprivate var rows: [TemplateValues] {
        let form = AmountForm(flatMap { [$0.unrealizedPnL, $0.realizedPnL, $0.commission, $0.total] })
        return map { result in
            [
                "RESULT_STRATEGY": .text(result.strategy ?? "not made here"),
                "RESULT_POSITIONS": .text("\(result.positions)"),
                "RESULT_OPEN": .text(result.unrealizedPnL.map(form.gain) ?? "not known"),
                "RESULT_TAKEN": .text(form.gain(result.realizedPnL)),
                "RESULT_COMMISSION": .text(form.money(result.commission)),
                "RESULT_TOTAL": .text(result.total.map(form.gain) ?? "not known"),
            ]
        }
    }
}

extension RoundTrip {
    fileprivate func rowValues(_ stops: [Identifier: ExactDecimal], _ form: AmountForm) -> TemplateValues {
        let multiple = riskMultiple(stopPrice: orderID.flatMap { stops[$0] })?.rounded(scale: 2)
        return [
            "TRIP_MULTIPLE": .text(multiple.map(Self.multipleWords) ?? "no stop given"),
            "TRIP_SYMBOL": .text(key.symbol), "DIRECTION": .text(direction.rawValue),
            "TRIP_QTY": .text(entryQty.grouped()),
            "ENTRY": .text(averageEntryPrice?.rounded(scale: 4).price ?? "–"),
            "EXIT": .text(averageExitPrice?.rounded(scale: 4).price ?? "–"),
            "TRIP_PNL": .text(form.gain(netPnL)), "OPENED": .text(openedAt.tableWords),
            "CLOSED": .text(closedAt?.tableWords ?? ""),
        ]
    }

    private static func multipleWords(_ multiple: ExactDecimal) -> String {
        (multiple.isNegative ? "−" : multiple.isPositive ? "+" : "")
            + multiple.magnitude.text(minimumPlaces: 2)
    }
}

extension ExactDecimal {
    /// A profit or loss with its sign: `+$120` or `−$50.25`.
    fileprivate var gainWords: String { AmountText.gain(self) }
}
