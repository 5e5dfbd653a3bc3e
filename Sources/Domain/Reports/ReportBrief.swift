package import JSON

/// A report in a screenful of text, for the command line.
///
/// It says in a line what the page says in a section, and names where to read on.
package struct ReportBrief: Sendable {
    private var lines: [String] = []
    /// Labelled lines that wait to be aligned with each other.
    private var facts: [(label: String, text: String)] = []

    private init(_ title: String, _ state: String) {
        lines.append(state.isEmpty ? title : "\(title)  (\(state))")
        lines.append("")
    }

    /// Adds a labelled line; nothing where there is nothing to say.
    private mutating func add(_ label: String, _ parts: String?...) {
        let text = parts.compactMap(\.self).filter { !$0.isEmpty }.joined(separator: ", ")
        if !text.isEmpty { facts.append((label, ReportSheet.Cell(text).text)) }
    }

    /// Adds rows in columns, under a heading that counts them.
    private mutating func table(_ heading: String, _ rows: [[String]]) {
        guard !rows.isEmpty else { return }
        align()
        lines += ["", heading]
        let rows = rows.map { $0.map { ReportSheet.Cell($0).text } }
        let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        lines += rows.map { row in
            "  " + Self.trimmed(zip(row, widths).map { Self.padded($0, $1) }.joined(separator: "  "))
        }
    }

    private mutating func align() {
        let width = facts.map(\.label.count).max() ?? 0
        lines += facts.map { "\(Self.padded($0.label, width))  \($0.text)" }
        facts = []
    }

    private func text(readOn: String) -> String {
        var brief = self
        brief.align()
        return (brief.lines + ["", readOn]).joined(separator: "\n")
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private static func trimmed(_ text: String) -> String {
        var text = text[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}

extension ReportBrief {
    /// The daily summary of a document as `/reports/daily/{date}` answers it.
    package static func daily(_ report: JSONValue) -> String {
        let date = report.words("date")
        var brief = ReportBrief(
            CalendarDate(date).map { "\($0.weekday.shortName) \($0)" } ?? date,
            report.words("status") == "final" ? "" : "the day is not over yet")
        if report["ending_value"]?.decimalValue == nil {
            brief.add("Account", "no worker reported it on this day")
        } else {
            let form = report.form("daily_pnl", "starting_value", "ending_value", "cash_balance")
            brief.add("Result", "\(report.gain("daily_pnl", form)) (\(report.change("daily_pnl_pct")))")
            brief.add(
                "Equity", "\(report.money("starting_value", form)) to \(report.money("ending_value", form))",
                "\(report.percent("drawdown")) below the high-water mark")
            brief.add("Cash", report.money("cash_balance", form), borrowed(report))
        }
        let week = report.part("seven_days")
        brief.add("Seven days", "\(week.gain("total_pnl")) taken", closings(week, "total_trades"))
        brief.addDecisions(report.part("decisions"))
        brief.add("Beyond limits", breaches(report))
        brief.table(
            "Closed (\(report.count("wins")) with a profit)", closed(report.list("positions_closed")))
        brief.table("Open", open(report.list("open_positions")))
        brief.addHalts(report.list("halts"))
        return brief.text(readOn: "More: the page /reports/daily/\(date), or --json.")
    }

    private static func borrowed(_ report: JSONValue) -> String? {
        report["margin_used"]?.decimalValue.flatMap {
            $0.isPositive ? "\(AmountText.money($0)) borrowed" : nil
        }
    }

    private static func closings(_ report: JSONValue, _ key: String) -> String {
        report.counted(key, "position closed", "positions closed")
    }

    private static func closed(_ trips: [JSONValue]) -> [[String]] {
        let profit = trips.form("realized_pnl")
        return trips.map { trip in
            [
                trip.words("symbol"), trip.words("direction"), trip.number("qty"),
                "\(trip.price("entry_price")) to \(trip.price("exit_price"))",
                trip.gain("realized_pnl", profit),
                trip.multiple("r_multiple").map { "\($0) R" } ?? "no stop given",
            ]
        }
    }

    private static func open(_ positions: [JSONValue]) -> [[String]] {
        let (value, profit) = (positions.form("market_value"), positions.form("unrealized_pnl"))
        return positions.map { position in
            [
                position.words("symbol"), position.number("qty"), position.money("market_value", value),
                position.gain("unrealized_pnl", profit), "stop \(ReportSheet.stop(position))",
            ]
        }
    }

    private static func breaches(_ report: JSONValue) -> String {
        report.list("limits").filter { $0["is_breached"] == true }.map { $0.words("title").lowercased() }
            .joined(separator: ", ")
    }

    private mutating func addDecisions(_ report: JSONValue) {
        let ends = [
            ("approved", "approved"), ("rejected", "rejected"), ("expired", "expired (nobody answered)"),
            ("blocked", "blocked"), ("withdrawn", "withdrawn"), ("cancelled", "cancelled by a halt"),
            ("pending", "waiting"),
        ].compactMap { key, word in
            report[key]?.intValue.flatMap { $0 == 0 ? nil : "\($0) \(word)" }
        }
        add(
            "Proposed",
            report.count("proposed") + (ends.isEmpty ? "" : ": \(ends.joined(separator: ", "))"))
        add(
            "Blocked by",
            report.list("blocked_by").map {
                "\(ReportSheet.checkTitle($0.words("code")).firstLetterLowered) \($0.count("count"))"
            }.joined(separator: ", "))
        guard report["median_seconds"]?.decimalValue != nil else { return }
        let slowest = report.part("slowest")
        let hasty = report["hasty_approvals"]?.intValue ?? 0
        add(
            "Time to decide", "median \(report.duration("median_seconds"))",
            slowest.isNull
                ? nil
                : "slowest \(slowest.duration("seconds")) (\(slowest.words("symbol")) by \(slowest.words("by")))",
            hasty == 0 ? nil : "\(hasty) approved within five seconds")
    }

    private mutating func addHalts(_ halts: [JSONValue]) {
        table(
            "Halts",
            halts.map { halt in
                let row = ReportSheet.haltRow(halt).map(\.text)
                return [row[0], row[1], "from \(row[3])", "until \(row[4])", row[2]]
            })
    }
}

extension ReportBrief {
    /// The weekly review of a document as `/reports/weekly/{week}` answers it; its questions are left to the review.
    package static func weekly(_ report: JSONValue) -> String {
        let week = report.words("week")
        var brief = ReportBrief(
            "Week \(week)", report.words("status") == "final" ? "" : "the week is not over yet")
        let performance = report.part("performance")
        if performance["pnl"]?.decimalValue == nil {
            brief.add("Account", "no worker reported it in this week")
        } else {
            let form = performance.form("pnl", "starting_value", "ending_value")
            brief.add("Result", "\(performance.gain("pnl", form)) (\(performance.change("return_pct")))")
            brief.add(
                "Equity",
                "\(performance.money("starting_value", form)) to \(performance.money("ending_value", form))",
                "at most \(performance.percent("max_drawdown")) below the high-water mark")
        }
        brief.addTrades(report.part("trades"))
        brief.addDecisions(report.part("decisions"))
        brief.add("Not traded", untraded(report.part("hindsight")))
        let execution = report.part("execution")
        if execution["executions"] != 0 {
            brief.add(
                "Execution", "fill rate \(execution.percent("fill_rate"))",
                "slippage \(execution.number("slippage_approved_bps")) basis points from the price approved")
        }
        brief.add(
            "Above limits",
            report.part("sizing").list("violations").map { $0.words("symbol") }.joined(separator: ", "))
        brief.add("Unexpected", ReviewQuestions.unexpected(report.part("unexpected")))
        brief.table("By strategy", strategies(report.list("strategies")))
        brief.table("By day", days(performance.list("days")))
        brief.addHalts(report.part("unexpected").list("halts"))
        return brief.text(
            readOn: "More: the page /reports/weekly/\(week), or --json. "
                + "Its questions: countersign review \(week)")
    }

    private mutating func addTrades(_ trades: JSONValue) {
        guard trades["count"] != 0 else { return add("Closed", "no position") }
        add(
            "Closed", trades.counted("count", "position"),
            "\(trades.count("wins")) with a profit (\(trades.percent("win_rate")))",
            "\(trades.gain("total")) taken")
        let form = trades.form("average_win", "average_loss")
        add(
            "On average", "profit \(trades.money("average_win", form))",
            "loss \(trades.money("average_loss", form))",
            "R multiple \(ReportSheet.averageMultiple(trades.part("r_multiple")))")
    }

    private static func untraded(_ hindsight: JSONValue) -> String {
        let total = hindsight.part("total")
        guard let judged = total["assessable"]?.intValue, judged > 0 else { return "" }
        let made =
            total["standing"] == "sufficient"
            ? "would have made \(total.gain("total"))" : "too few to say what they would have made"
        return
            "\(judged) in \(hindsight.count("days")) days, \(total.count("settled")) settled, \(total.count("entered")) entered: \(made)"
    }

    private static func strategies(_ all: [JSONValue]) -> [[String]] {
        let total = all.form("total")
        return all.map { each in
            [
                each.words("strategy"), "\(each.count("approved")) of \(each.count("proposed")) approved",
                closings(each, "trades"), each.gain("total", total),
            ]
        }
    }

    private static func days(_ days: [JSONValue]) -> [[String]] {
        let (value, profit) = (days.form("ending_value"), days.form("pnl"))
        return days.map { day in
            [
                day.words("date"), day.money("ending_value", value), day.gain("pnl", profit),
                day.change("return_pct"), closings(day, "trades"),
            ]
        }
    }
}
