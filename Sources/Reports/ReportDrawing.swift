package import Domain
package import JSON
package import Plotting

/// Draws the charts of reports.
package struct ReportDrawing: Sendable {
    private let plotter: Plotter

    /// Drawing by the program at that path, or where Debian has it.
    package init(program: String?) { self.init(Plotter(program: program ?? Plotter.debianProgram)) }

    /// Drawing with a plotter.
    package init(_ plotter: Plotter = Plotter()) { self.plotter = plotter }

    /// Whether the plotting program is installed; without it reports go out without charts.
    package var isAvailable: Bool { plotter.isAvailable }

    /// The chart of a report as a file's bytes; nil where the report has no numbers for it.
    package func draw(
        _ chart: ReportChart, of report: JSONValue, _ format: Plot.Format, _ shade: Plot.Shade
    ) async throws(PlottingError) -> [UInt8]? {
        guard let plot = Self.plot(chart, of: report) else { return nil }
        return try await plotter.draw(plot, format, shade)
    }

    /// The numbers of a chart; nil where there are none.
    ///
    /// Numbers become binary only here, for the eye; the table beside the chart has them exact.
    static func plot(_ chart: ReportChart, of report: JSONValue) -> Plot? {
        let recent = report["performance"]?["recent"]?.arrayValue ?? []
        // `11-24`: the year stands in the report's title.
        let days = recent.map { String(($0["date"]?.stringValue ?? "").dropFirst(5)) }
        switch chart {
        case .equity:
            return Plot(
                labels: days,
                panels: [
                    Plot.Panel(
                        "Equity at the close, USD", .line, recent.map { number($0, "ending_value") },
                        prefix: "$"),
                    Plot.Panel(
                        "Below the high-water mark, %", .depth,
                        recent.map { day in number(day, "drawdown").map { $0 == 0 ? 0 : -100 * $0 } },
                        suffix: "%", places: 1),
                ])
        case .profits:
            return Plot(
                labels: days,
                panels: [
                    Plot.Panel(
                        "Profit or loss by day, USD", .bars, recent.map { number($0, "pnl") }, prefix: "$")
                ])
        case .timeToDecide:
            let times = report["decisions"]?["time_to_decide"]?.arrayValue ?? []
            return Plot(
                labels: times.indices.map { label(times, $0) },
                panels: [
                    Plot.Panel("Decisions by the time they took", .bars, times.map { number($0, "count") })
                ])
        }
    }

    private static func label(_ times: [JSONValue], _ index: Int) -> String {
        func words(_ seconds: Int) -> String { seconds < 60 ? "\(seconds) s" : "\(seconds / 60) min" }
        if let bound = times[index]["within_seconds"]?.intValue { return "< \(words(bound))" }
        let last = index > 0 ? times[index - 1]["within_seconds"]?.intValue : nil
        return last.map { "> \(words($0))" } ?? "all"
    }

    private static func number(_ value: JSONValue, _ key: String) -> Double? {
        (value[key]?.decimalValue?.description ?? value[key]?.numberText).flatMap { Double($0) }
    }
}
