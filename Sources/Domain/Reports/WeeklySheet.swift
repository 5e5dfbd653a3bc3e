package import JSON

extension ReportSheet {
    /// The weekly review of a document as `/reports/weekly/{week}` answers it.
    package static func weekly(_ report: JSONValue) -> ReportSheet {
        let week = report.words("week")
        return ReportSheet(
            title: "Weekly review, \(week)", lead: lead(weekly: report),
            sections: [
                questions(report), performance(report), days(report), equity(report), profits(report),
                trades(report), strategies(report), allocation(report), sizing(report), events(report),
            ] + decisions(report.part("decisions"))
                + [hindsight(report.part("hindsight"))].compactMap(\.self),
            path: "/reports/weekly/\(week)", reviewPath: "/reviews/\(week)")
    }

    private static func lead(weekly report: JSONValue) -> String {
        let performance = report.part("performance")
        let state = report.words("status") == "final" ? "" : " The week is not over yet."
        let decided =
            "\(report.part("decisions").count("approved")) of \(report.part("decisions").count("proposed")) proposals approved"
        guard performance["pnl"]?.decimalValue != nil else {
            return
                "No worker reported the account in this week, so its worth is not known; \(decided).\(state)"
        }
        let form = form(performance)
        return
            "\(performance.gain("pnl", form)) (\(performance.change("return_pct"))), from "
            + "\(performance.money("starting_value", form)) to \(performance.money("ending_value", form)); "
            + "\(decided).\(state)"
    }

    /// The form of the amounts that tell how the week went.
    private static func form(_ performance: JSONValue) -> AmountForm {
        performance.form("starting_value", "ending_value", "pnl", "capital_flows")
    }

    private static func questions(_ report: JSONValue) -> Section {
        var part = Section("The ten questions")
        for each in report.list("questions") {
            let answer = each["answer"]?.stringValue ?? "For you to answer in the review."
            part.add(
                "\(each.count("number")). \(each.words("question"))", answer,
                path: each.list("evidence").first?["path"]?.stringValue)
        }
        return part
    }

    private static func performance(_ report: JSONValue) -> Section {
        let week = report.part("performance")
        let year = week.part("statistics")
        let days = year.count("days")
        var part = Section(
            "Performance",
            note: "Ratios are of "
                + (days == "1" ? "the last trading day." : "the last \(days) trading days."))
        let form = form(week)
        part.add("Starting value", week.money("starting_value", form))
        part.add("Ending value", week.money("ending_value", form))
        part.add("Profit or loss", "\(week.gain("pnl", form)) (\(week.change("return_pct")))")
        part.add("Put in or taken out", week.gain("capital_flows", form))
        part.add("Deepest below the high-water mark", week.percent("max_drawdown"))
        part.add("Sharpe ratio", measure(year.part("sharpe")) { $0.number("value") })
        part.add("Sortino ratio", measure(year.part("sortino")) { $0.number("value") })
        part.add("Volatility a year", measure(year.part("volatility")) { $0.percent("value") })
        part.add("Largest drawdown", measure(year.part("max_drawdown")) { $0.percent("value") })
        part.add("Value at risk, 95%", measure(year.part("var_95")) { $0.percent("value") })
        let execution = report.part("execution")
        part.add(
            "Slippage from the price approved", basisPoints(execution, "slippage_approved_bps"))
        part.add("Slippage from the price sent", basisPoints(execution, "slippage_sent_bps"))
        part.add("Fill rate", execution.percent("fill_rate"))
        return part
    }

    private static func basisPoints(_ execution: JSONValue, _ key: String) -> String {
        execution[key]?.decimalValue == nil ? "–" : "\(execution.number(key)) basis points"
    }

    /// A statistic, with a word where its sample does not carry it.
    private static func measure(_ value: JSONValue, _ spell: (JSONValue) -> String) -> String {
        switch value["standing"]?.stringValue.flatMap(Measure.Standing.init) {
        case .sufficient: spell(value)
        case .insufficient:
            value["value"]?.decimalValue == nil
                ? "insufficient data"
                : "\(spell(value)) (insufficient data: \(value.counted("count", "day")))"
        case .undefined: "no value"
        case nil: "–"
        }
    }

    private static func days(_ report: JSONValue) -> Section {
        let days = report.part("performance").list("days")
        // A day begins where the one before it ended, so that both columns have one form.
        let value = AmountForm(
            days.flatMap { [$0["starting_value"]?.decimalValue, $0["ending_value"]?.decimalValue] })
        let profit = days.form("pnl")
        var part = Section("Day by day")
        part.table(
            ["Day", "Start", "End", "Profit or loss", "Return", "Below high", "Closed"],
            days.map { day in
                [
                    Cell(day.words("date"), path: "/reports/daily/\(day.words("date"))"),
                    Cell(day.money("starting_value", value)), Cell(day.money("ending_value", value)),
                    Cell(day.gain("pnl", profit)), Cell(day.change("return_pct")),
                    Cell(day.percent("drawdown")), Cell(day.count("trades")),
                ]
            }, empty: "No worker reported the account.")
        return part
    }

    private static func recent(_ report: JSONValue) -> [JSONValue] {
        report.part("performance").list("recent")
    }

    private static func equity(_ report: JSONValue) -> Section {
        let form = recent(report).form("ending_value")
        var part = Section("Equity and drawdown")
        part.chart = recent(report).isEmpty ? nil : .equity
        if recent(report).count == 1 {
            part.note = "One trading day so far: a point, and no line before the second."
        }
        part.table(
            ["Day", "Equity at the close", "Below high"],
            recent(report).map { day in
                [
                    Cell(day.words("date")), Cell(day.money("ending_value", form)),
                    Cell(day.percent("drawdown")),
                ]
            }, empty: "No worker reported the account.")
        return part
    }

    private static func profits(_ report: JSONValue) -> Section {
        let form = recent(report).form("pnl")
        var part = Section("Profit or loss by day")
        part.chart = recent(report).isEmpty ? nil : .profits
        part.table(
            ["Day", "Profit or loss"],
            recent(report).map { day in [Cell(day.words("date")), Cell(day.gain("pnl", form))] },
            empty: "No worker reported the account.")
        return part
    }

    private static func trades(_ report: JSONValue) -> Section {
        let trades = report.part("trades")
        let few = trades["is_insufficient"] == true && trades["count"] != 0
        var part = Section(
            "Round trips that ended", note: few ? "Too few to rely on ratios: insufficient data." : nil)
        part.add("Ended", trades.count("count"))
        part.add("With a profit, with a loss", "\(trades.count("wins")), \(trades.count("losses"))")
        part.add("Win rate", trades.percent("win_rate"))
        let form = trades.form("total", "average_win", "average_loss", "expectancy")
        part.add("Profit or loss taken", trades.gain("total", form))
        part.add(
            "Average profit, average loss",
            "\(trades.money("average_win", form)), \(trades.money("average_loss", form))")
        part.add("Profit factor", trades.number("profit_factor"))
        part.add("Average profit to average loss", trades.number("payoff"))
        part.add("Expectancy of a round trip", trades.gain("expectancy", form))
        part.add("R multiple, average", averageMultiple(trades.part("r_multiple")))
        part.add("Losses in a row", trades.count("consecutive_losses"))
        return part
    }

    /// What round trips made on average as a multiple of what was risked at their stops.
    static func averageMultiple(_ figure: JSONValue) -> String {
        if figure.isNull { return "–" }
        guard let value = figure.multiple("value") else { return "insufficient data: no stop was given" }
        let without = figure["without_stop"]?.intValue ?? 0
        let parts = [
            figure["standing"] == "sufficient"
                ? nil
                : "insufficient data: "
                    + figure.counted("count", "round trip"),
            without == 0 ? nil : "\(without) without a stop left out",
        ].compactMap(\.self)
        return parts.isEmpty ? value : "\(value) (\(parts.joined(separator: "; ")))"
    }

    private static func strategies(_ report: JSONValue) -> Section {
        let form = report.list("strategies").form("total")
        var part = Section("By strategy")
        part.table(
            ["Strategy", "Proposed", "Approved", "Ended", "Won", "Win rate", "Profit or loss", "Slippage"],
            report.list("strategies").map { each in
                [
                    Cell(each.words("strategy")), Cell(each.count("proposed")), Cell(each.count("approved")),
                    Cell(each.count("trades")), Cell(each.count("wins")), Cell(each.percent("win_rate")),
                    Cell(each.gain("total", form)), Cell(basisPoints(each, "slippage_approved_bps")),
                ]
            }, empty: "No strategy proposed or closed anything.")
        return part
    }

    private static func allocation(_ report: JSONValue) -> Section {
        var part = Section("Held at the week's end")
        part.table(
            heldColumns, heldRows(report.part("stops").list("positions")),
            empty: "No position that a worker reported.")
        return part
    }

    private static func sizing(_ report: JSONValue) -> Section {
        let sizing = report.part("sizing")
        let form = sizing.list("violations").form("market_value")
        let limits = [
            sizing["max_position_usd"]?.decimalValue.map(AmountText.money),
            sizing["max_position_pct"]?.decimalValue.map { "\(AmountText.percent($0)) of equity" },
        ].compactMap(\.self)
        var part = Section(
            "Positions above their limits",
            note: limits.isEmpty ? "There was no limit." : "At most \(limits.joined(separator: " and ")).")
        part.table(
            ["Symbol", "Largest value", "Of equity"],
            sizing.list("violations").map { each in
                [
                    Cell(each.words("symbol")), Cell(each.money("market_value", form)),
                    Cell(each.percent("share_of_equity")),
                ]
            }, empty: "There was none.")
        return part
    }

    private static func events(_ report: JSONValue) -> Section {
        let events = report.part("unexpected")
        var part = Section("What was not expected")
        part.add("Messages given up", events.count("dead_deliveries"), path: "/deliveries")
        part.add("Executions not made here", events.count("foreign_executions"), path: "/positions")
        let orders = events.list("orders").map { order in
            [
                Cell("Order \(order.words("symbol"))", path: "/orders/\(order.words("order_id"))"),
                Cell("\(order.words("state")): \(order.words("reason"))"),
            ]
        }
        let halts = events.list("halts").map { halt in
            let row = haltRow(halt)
            return [
                Cell("Halt on \(row[0].text)", path: "/halts"),
                Cell("\(row[1].text): \(row[2].text.asSentence) From \(row[3].text), until \(row[4].text)"),
            ]
        }
        let mismatches = events.list("mismatches").map { each in
            [
                Cell("Difference \(each.words("symbol"))", path: "/positions"),
                Cell("books \(each.number("book_qty")), broker \(each.number("broker_qty"))"),
            ]
        }
        part.table(
            ["What", "Particulars"], halts + orders + mismatches,
            empty: "No halt, no order in trouble, no difference from the broker.")
        return part
    }
}
