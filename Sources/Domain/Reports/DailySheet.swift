package import JSON

extension ReportSheet {
    /// The daily summary of a document as `/reports/daily/{date}` answers it.
    package static func daily(_ report: JSONValue) -> ReportSheet {
        let date = report.words("date")
        return ReportSheet(
            title: "Daily summary, \(dayName(date))", lead: lead(report),
            sections: [
                result(report), closed(report), held(report), trailing(report), limits(report),
            ] + decisions(report.part("decisions")),
            path: "/reports/daily/\(date)")
    }

    private static func dayName(_ date: String) -> String {
        CalendarDate(date).map { "\($0.weekday.shortName) \($0)" } ?? date
    }

    private static func lead(_ report: JSONValue) -> String {
        let trades = counted(
            report.list("positions_closed").count, "position closed", "positions closed", none: "no")
        let executed = report.counted("trades_executed", "trade executed", "trades executed")
        let state = report.words("status") == "final" ? "" : " The day is not over yet."
        guard report["ending_value"]?.decimalValue != nil else {
            return "No worker reported the account on this day, so its worth is not known; \(executed)."
        }
        let form = form(report)
        return
            "\(report.gain("daily_pnl", form)) (\(report.change("daily_pnl_pct"))), from "
            + "\(report.money("starting_value", form)) to \(report.money("ending_value", form)); \(executed), "
            + "\(trades).\(state)"
    }

    /// The form of the amounts that tell how the day went.
    private static func form(_ report: JSONValue) -> AmountForm {
        report.form(
            "starting_value", "ending_value", "daily_pnl", "capital_flows", "income_and_fees", "cash_balance",
            "margin_used")
    }

    /// Whether a worker reported the account on the day.
    private static func isKnown(_ report: JSONValue) -> Bool { report["account_as_of"]?.stringValue != nil }

    private static func result(_ report: JSONValue) -> Section {
        let form = form(report)
        var part = Section("Result")
        part.add("Starting value", report.money("starting_value", form))
        part.add("Ending value", report.money("ending_value", form))
        part.add("Profit or loss", "\(report.gain("daily_pnl", form)) (\(report.change("daily_pnl_pct")))")
        part.add("Put in or taken out", report.gain("capital_flows", form))
        part.add("Dividends, interest and charges", report.gain("income_and_fees", form))
        part.add("Trades executed", report.count("trades_executed"))
        part.add(
            "Positions closed",
            "\(report.list("positions_closed").count), of them \(report.count("wins")) with a profit")
        part.add("Win rate", report.percent("win_rate"))
        part.add("Cash", report.money("cash_balance", form))
        part.add("Margin used", report.money("margin_used", form))
        let largest = report.part("largest_position")
        part.add(
            "Largest position",
            largest.isNull
                ? isKnown(report) ? "none" : "–"
                : "\(largest.words("symbol")), \(largest.money("market_value")), \(largest.percent("share_of_equity")) of equity"
        )
        part.add("Below the high-water mark", report.percent("drawdown"))
        return part
    }

    private static func closed(_ report: JSONValue) -> Section {
        let trips = report.list("positions_closed")
        let form = trips.form("realized_pnl")
        var part = Section("Closed today")
        part.table(
            [
                "Symbol", "Direction", "Shares", "Entry", "Exit", "Profit or loss", "R multiple", "Opened",
                "Closed",
            ],
            trips.map { trip in
                [
                    Cell(trip.words("symbol")), Cell(trip.words("direction")), Cell(trip.number("qty")),
                    Cell(trip.price("entry_price")), Cell(trip.price("exit_price")),
                    Cell(trip.gain("realized_pnl", form)), Cell(multiple(trip)), Cell(trip.time("opened_at")),
                    Cell(trip.time("closed_at")),
                ]
            }, empty: "Nothing was closed.")
        return part
    }

    /// A round trip's profit as a multiple of what was risked.
    static func multiple(_ trip: JSONValue) -> String { trip.multiple("r_multiple") ?? "no stop given" }

    private static func held(_ report: JSONValue) -> Section {
        let positions = report.list("open_positions")
        var part = Section("Open positions")
        part.note = positions.isEmpty ? nil : "Worth \(report.money("open_positions_value")) in all."
        part.table(
            heldColumns, heldRows(positions),
            empty: isKnown(report)
                ? "The account holds nothing." : "Not known: no worker reported the account on this day.")
        return part
    }

    static let heldColumns = ["Symbol", "Shares", "Value", "Of equity", "Not yet taken", "Stop"]

    /// Open positions as rows of a table.
    static func heldRows(_ positions: [JSONValue]) -> [[Cell]] {
        let (value, profit) = (positions.form("market_value"), positions.form("unrealized_pnl"))
        return positions.map { position in
            [
                Cell(position.words("symbol"), path: "/positions"), Cell(position.number("qty")),
                Cell(position.money("market_value", value)), Cell(position.percent("share_of_equity")),
                Cell(position.gain("unrealized_pnl", profit)), Cell(stop(position)),
            ]
        }
    }

    /// How a position's stop stands, in words.
    static func stop(_ position: JSONValue) -> String {
        let at = position["stop_price"]?.decimalValue == nil ? "" : " at \(position.price("stop_price"))"
        let standing = position["stop_status"]?.stringValue.flatMap(StopCover.Standing.init)
        guard let standing else { return "not known any more" }
        switch standing {
        case .live: return "live\(at)"
        case .partial: return "for a part only\(at)"
        case .none: return "no live stop"
        }
    }

    private static func trailing(_ report: JSONValue) -> Section {
        let week = report.part("seven_days")
        var part = Section("Seven days up to this one")
        part.add("Positions closed", week.count("total_trades"))
        part.add("With a profit", "\(week.count("wins")) (\(week.percent("win_rate")))")
        part.add("Profit or loss taken", week.gain("total_pnl"))
        part.add("Return of the account", week.change("return_pct"))
        return part
    }

    private static func limits(_ report: JSONValue) -> Section {
        var part = Section("Limits and halts")
        for limit in report.list("limits") {
            let isShare = limit["unit"] == "fraction"
            let isMoney = limit["unit"] == "usd"
            func shown(_ key: String) -> String {
                isShare ? limit.percent(key) : isMoney ? limit.money(key) : limit.number(key)
            }
            let bound = limit["is_floor"]?.boolValue == true ? "at least" : "at most"
            let breached = limit["is_breached"]?.boolValue == true ? " – beyond the limit" : ""
            part.add(limit.words("title"), "\(shown("value")), \(bound) \(shown("limit"))\(breached)")
        }
        part.table(
            ["Halt on", "Cause", "Reason", "From", "Until"], report.list("halts").map(haltRow),
            empty: "Nothing was halted.")
        return part
    }

    /// What a halt came of, in words; one that has none reads like them.
    private static func cause(_ cause: String) -> String {
        switch BreakerKind(rawValue: cause) {
        case .dailyLoss: "loss of the day"
        case .drawdown: "drawdown"
        case .consecutiveLosses: "losses in a row"
        case .positionLoss: "loss of a position"
        case .executionFailures: "orders that failed"
        case .staleSnapshot: "account not reported"
        case .reconcileMismatch: "difference from the broker"
        case nil: cause.replacing("_", with: " ")
        }
    }

    /// A halt as a row of a table.
    static func haltRow(_ halt: JSONValue) -> [Cell] {
        let target = halt["target"]?.stringValue.flatMap { $0.isEmpty ? nil : " \($0)" } ?? ""
        return [
            Cell(halt.words("scope") + target, path: "/halts"), Cell(cause(halt.words("cause"))),
            Cell(halt.words("reason")), Cell(halt.time("opened_at")),
            Cell(halt["cleared_at"]?.stringValue == nil ? "still open" : halt.time("cleared_at")),
        ]
    }
}
