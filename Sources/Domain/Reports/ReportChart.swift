package import JSON

/// A picture in a report, drawn from numbers that stand in a table beside it.
package enum ReportChart: String, Sendable, Hashable, CaseIterable {
    case equity
    case profits = "daily-pnl"
    case timeToDecide = "time-to-decide"

    /// How many trading days the charts of the account go back.
    package static let recentDays = 20

    /// What it shows, for those who do not see it.
    package func words(_ report: JSONValue) -> String {
        let days = report.part("performance").list("recent")
        if let only = days.first, days.count == 1 { return words(of: only, report) }
        let span =
            days.isEmpty ? "" : " from \(days[0].words("date")) to \(days[days.count - 1].words("date"))"
        switch self {
        case .equity:
            let deepest = days.compactMap { $0["drawdown"]?.decimalValue }.max()
            let ends =
                days.isEmpty
                ? ""
                : ": \(days[0].money("ending_value")) at first, \(days[days.count - 1].money("ending_value")) at last"
            let depth = deepest.map { ", at most \(AmountText.percent($0)) below the high-water mark" } ?? ""
            return "Line of the equity at the close\(span)\(ends)\(depth). The table has the numbers."
        case .profits:
            let results = days.compactMap { $0["pnl"]?.decimalValue }
            return
                "Bars of each day's profit or loss\(span): \(counted(results.count(where: \.isPositive), "day")) with a profit, "
                + "\(results.count(where: \.isNegative)) with a loss. The table has the numbers."
        case .timeToDecide: return decisionWords(report)
        }
    }

    /// The same where there is a single trading day so far.
    private func words(of day: JSONValue, _ report: JSONValue) -> String {
        switch self {
        case .equity:
            "A point for the equity at the close of \(day.words("date")): \(day.money("ending_value")), "
                + "\(day.percent("drawdown")) below the high-water mark. One day makes no line yet."
        case .profits: "A bar for the profit or loss of \(day.words("date")): \(day.gain("pnl"))."
        case .timeToDecide: decisionWords(report)
        }
    }

    private func decisionWords(_ report: JSONValue) -> String {
        "Bars of how many decisions took how long; half took at most \(report.part("decisions").duration("median_seconds")). "
            + "The table has the numbers."
    }
}
