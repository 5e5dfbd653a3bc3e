import Domain
import Gate
import HTTPServer
import JSON
import Logging
import Plotting
import Postgres
import Reports
import Store
import Templates

extension RouteTable {
    /// Reports, as JSON and as pages.
    mutating func addReports() {
        api(.get, "/reports/daily/{date}") { call in
            try call.require(call.caller.mayRead, to: "read reports")
            var query = QueryReader(call.request)
            try query.finish()
            return .json(try await call.context.dailyReport(call.request.parameters["date"]))
        }
        api(.get, "/reports/weekly/{week}") { call in
            try call.require(call.caller.mayRead, to: "read reports")
            var query = QueryReader(call.request)
            try query.finish()
            return .json(try await call.context.weeklyReport(call.request.parameters["week"]).report)
        }
        let context = context
        memberPage(.get, "/reports/weekly/{week}") { request, session in
            var query = QueryReader(request)
            try query.finish()
            let (week, report) = try await context.weeklyReport(request.parameters["week"])
            return try await context.reportPage(
                .weekly(report), report, session, of: .week(week),
                before: ReportPeriod(week: week.adding(weeks: -1)).map { _ in .week(week.adding(weeks: -1)) },
                after: ReportPeriod(week: week.adding(weeks: 1)).map { _ in .week(week.adding(weeks: 1)) })
        }
        memberPage(.get, "/reports/weekly/{week}/{chart}") { request, _ in
            var query = QueryReader(request)
            let shade = query.choice("shade", Plot.Shade.self) ?? .light
            try query.finish()
            let report = try await context.weeklyReport(request.parameters["week"]).report
            return try await context.chart(request, shade, of: report)
        }
        memberPage(.get, "/reports/daily/{date}/{chart}") { request, _ in
            var query = QueryReader(request)
            let shade = query.choice("shade", Plot.Shade.self) ?? .light
            try query.finish()
            let report = try await context.dailyReport(request.parameters["date"])
            return try await context.chart(request, shade, of: report)
        }
        memberPage(.get, "/reports") { request, session in
            var query = QueryReader(request)
            try query.finish()
            return .redirect(to: "/reports/daily/today")
        }
        memberPage(.get, "/reports/daily/{date}") { request, session in
            var query = QueryReader(request)
            try query.finish()
            let report = try await context.dailyReport(request.parameters["date"])
            guard let date = report["date"]?.stringValue.flatMap({ CalendarDate($0) }) else {
                throw Refusal.notFound("daily summary")
            }
            let calendar = MarketCalendar.nyse
            return try await context.reportPage(
                .daily(report), report, session, of: .day(date),
                before: calendar.session(before: date).map { .day($0.date) },
                after: calendar.session(after: date).map { .day($0.date) })
        }
    }
}

extension WebContext {
    /// The daily summary of the day that a path names.
    fileprivate func dailyReport(_ text: String?) async throws -> JSONValue {
        let known = text.flatMap { CalendarDate($0) }
        guard text == "today" || known != nil else {
            throw Refusal(.notFound, "A day reads YYYY-MM-DD, such as 2026-11-20, or today.")
        }
        return try await gate.pool.withSnapshot { session in
            let today = MarketCalendar.nyse.bookDay(of: try DatabaseClock.now(in: session))
            if let report = try DailyReport.find(known ?? today, in: session) { return report }
            throw Refusal(
                .notFound,
                "There is no daily summary of \(known ?? today): the exchange does not trade on it, or it has not begun."
            )
        }
    }

    /// The weekly review of the week that a path names.
    func weeklyReport(_ text: String?) async throws -> (week: ISOWeek, report: JSONValue) {
        let known = text.flatMap { ISOWeek($0) }
        guard text == "current" || known != nil else {
            throw Refusal(.notFound, "A week reads YYYY-Www, such as 2026-W47, or current.")
        }
        return try await gate.pool.withSnapshot { session in
            let today = MarketCalendar.nyse.bookDay(of: try DatabaseClock.now(in: session))
            let week = known ?? today.isoWeek
            if let report = try WeeklyReport.find(week, in: session) { return (week, report) }
            throw Refusal(.notFound, "There is no weekly review of \(week): it has not begun.")
        }
    }

    /// A chart of a report: `equity.svg`.
    fileprivate func chart(
        _ request: HTTPRequest, _ shade: Plot.Shade, of report: JSONValue
    ) async throws -> HTTPResponse {
        let name = request.parameters["chart"] ?? ""
        guard name.hasSuffix(".svg"), let chart = ReportChart(rawValue: String(name.dropLast(4))) else {
            throw Refusal.notFound("chart")
        }
        do {
            guard let picture = try await dependencies.drawing.draw(chart, of: report, .svg, shade) else {
                throw Refusal.notFound("chart")
            }
            return HTTPResponse(status: 200, headers: ["Content-Type": "image/svg+xml"], body: picture)
        } catch let error as PlottingError {
            logger.with(requestID: request.id).error(
                "chart.failed", ["chart": .string(chart.rawValue), "error": .string(error.description)])
            throw Problem(
                slug: "unavailable", title: "The chart could not be drawn", status: 503,
                detail:
                    "The program that draws charts is missing or failed. The table beside it has the numbers."
            )
        }
    }

    /// A report in the frame of the pages.
    func reportPage(
        _ sheet: ReportSheet, _ report: JSONValue, _ session: SessionRecord, of place: ReportPlace,
        before: ReportPlace?, after: ReportPlace?
    ) async throws -> HTTPResponse {
        let surroundings = try await gate.pool.withSnapshot { try Surroundings.load(in: $0) }
        // What has not begun has no report.
        let next = after.flatMap { $0.hasBegun(at: surroundings.now) ? $0 : nil }
        let asOf = report["as_of"]?.stringValue.flatMap { Timestamp(rfc3339: $0) }
        let values: TemplateValues = [
            "REPORT_TITLE": .text(sheet.title), "LEAD": .text(sheet.lead),
            "SECTIONS": .sections(sheet.sections.map { self.values($0, sheet, report) }),
            "REVIEW_PATH": .text(sheet.reviewPath ?? ""),
            "AS_OF": .text(asOf?.newYorkWords ?? ""), "JSON_PATH": .text("/api/v1\(sheet.path)"),
            "BEFORE_PATH": .text(before?.path ?? ""), "BEFORE": .text(before?.label ?? ""),
            "AFTER_PATH": .text(next?.path ?? ""), "AFTER": .text(next?.label ?? ""),
            "REPORT_KINDS": .sections(place.neighbours(at: surroundings.now)),
        ]
        return try page(
            "report.html", sheet.title, values, visitor: .person(session),
            around: surroundings, current: "/reports")
    }
}

extension WebContext {
    /// A part of a report with its chart, where one is drawn; a chart takes the place of the table, which unfolds below.
    private func values(
        _ section: ReportSheet.Section, _ sheet: ReportSheet, _ report: JSONValue
    ) -> TemplateValues {
        guard let chart = section.chart else { return section.values }
        let isDrawn = dependencies.drawing.isAvailable
        return section.values.merging([
            "HAS_CHART": .shown(isDrawn), "CHART_PATH": .text("\(sheet.path)/\(chart.rawValue).svg"),
            "CHART_WORDS": .text(chart.words(report)),
            "CHART_HEIGHT": .text(chart == .equity ? "420" : "300"),
            "CHART_MISSING": .text(
                isDrawn
                    ? ""
                    : "There is no chart: the program that draws it (gnuplot) is not installed on the server."
            ),
        ])
    }
}

extension ReportSheet.Section {
    var values: TemplateValues {
        let kinds = columns.indices.map { place in ColumnKind(of: rows.map { $0[place].text }) }
        return [
            "HEADING": .text(title), "NOTE": .text(note ?? ""), "HAS_FACTS": .shown(!facts.isEmpty),
            "FACTS": .sections(
                facts.map { fact in
                    fact.value.values.merging(["LABEL": .text(fact.label)])
                }), "HAS_TABLE": .shown(!columns.isEmpty),
            "COLUMNS": .sections(
                zip(columns, kinds).map { ["COLUMN": .text($0), "CELL_CLASS": .text($1.rawValue)] }),
            "ROWS": .sections(
                rows.map { row in
                    let cells = zip(zip(columns, kinds), row).map { column, cell in
                        cell.values.merging([
                            "COLUMN": .text(column.0), "CELL_CLASS": .text(column.1.rawValue),
                        ])
                    }
                    return [
                        "HEAD": .sections(Array(cells.prefix(1))),
                        "CELLS": .sections(Array(cells.dropFirst())),
                    ]
                }),
        ]
    }
}

/// How a column of a table is set.
private enum ColumnKind: String {
    /// To the right, so that the digits stand below one another.
    case number
    /// To the left, without a break inside.
    case time
    /// To the left.
    case words

    /// A column with these texts; a dash tells nothing.
    init(of texts: [String]) {
        let told = texts.filter { $0 != "–" }
        if !told.isEmpty, told.allSatisfy({ $0.contains(/^([A-Z][a-z]{2} )?\d{4}-\d{2}-\d{2}/) }) {
            self = .time
        } else {
            self = told.allSatisfy { $0.contains(/^[+−-]?\$?[0-9]/) } ? .number : .words
        }
    }
}

extension ReportSheet.Cell {
    fileprivate var values: TemplateValues {
        ["VALUE": .text(text), "PATH": .text(path ?? ""), "HAS_PATH": .shown(path != nil)]
    }
}
