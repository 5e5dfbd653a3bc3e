import Console
import Domain
import Gate
import JSON

/// `books …`, `metrics` and `calendar`: what was traded, and the numbers made of it.
enum BooksCommands {
    static let all = [rebuild]
    static let besides = [metrics, calendar]

    private static let rebuild = Command(
        CommandShape(
            "books rebuild", "Works the books out again from executions, cash flows and snapshots.",
            options: [.init("check", nil, "only compare; write nothing")], printsData: true,
            notes: """
                Positions, bookings, round trips and trading days are compared to the last digit with those that are kept, and
                written anew where anything differs. Executions, cash flows and snapshots themselves are never changed. With
                --check the exit code is 1 where anything differs.
                """)
    ) { call in
        let onlyCompares = call.invocation.has("check")
        let report = try await call.onDatabase { gate in
            try await Rebuilding(gate).rebuild(write: !onlyCompares, actor: Call.actor)
        }
        Output.show(report.json, asJSON: call.wantsJSON) { words(report) }
        return report.differenceCount > 0 && onlyCompares ? .failed : .done
    }

    private static func words(_ report: Rebuilding.Report) -> String {
        let read =
            "\(counted(report.executions, "execution")), \(counted(report.cashFlows, "cash flow")) and "
            + "\(counted(report.snapshots, "snapshot")) were read."
        guard report.differenceCount > 0 else { return "\(read)\nThe books are right." }
        let more = report.differenceCount - report.differences.count
        let rest = more > 0 ? ["… and \(more) more."] : []
        let end =
            report.isWritten
            ? "The books were written anew."
            : "Nothing was changed. countersign books rebuild writes them anew."
        return ([read] + report.differences + rest + [end]).joined(separator: "\n")
    }

    private static let metrics = Command(
        CommandShape(
            "metrics", "Computes the metrics of the reports from your own numbers.",
            operands: [.init("FILE", "JSON; - reads standard input")], printsData: true,
            notes: """
                The document has any of: "returns" (of equal periods, oldest first, 0.01 is one percent) and beside them
                "benchmark" of the same length; "periods_per_year" (252); "executions" ({"symbol", "side", "qty", "price",
                "executed_at", "commission"?, "execution_id"?}), from which round trips are made at average cost; or
                "profits" of round trips. A number that its sample does not carry is null or marked insufficient. Needs no
                database and no server.
                """)
    ) { call in
        let document = try Call.document(at: try call.invocation.required("FILE"), command: "metrics")
        let sheet = try MetricsSheet(document)
        Output.show(sheet.json, asJSON: call.wantsJSON) {
            PolicyText.lines(sheet.json).joined(separator: "\n")
        }
        return .done
    }

    private static let calendar = Command(
        CommandShape(
            "calendar", "Lists the sessions of the New York Stock Exchange.",
            options: [
                .init("from", "DATE", "the first day, such as 2026-11-23", isRequired: true),
                .init("to", "DATE", "the last day", isRequired: true),
            ], printsData: true,
            notes: "By the built-in calendar; the broker's own goes before it where the two differ.")
    ) { call in
        let first = try date(call, "from")
        let last = try date(call, "to")
        guard first <= last, last.daysSince1970 - first.daysSince1970 < 40_000 else {
            throw UsageError("--to must not be before --from.", command: "calendar")
        }
        let sessions = MarketCalendar.nyse.sessions(first...last)
        let json = sessions.map { session -> JSONValue in
            [
                "date": .string(session.date.description), "opens_at": .string(session.opensAt.rfc3339),
                "closes_at": .string(session.closesAt.rfc3339), "is_early_close": .bool(session.isEarlyClose),
            ]
        }
        Output.show(.array(json), asJSON: call.wantsJSON) {
            Output.table(
                ["DATE", "OPENS (UTC)", "CLOSES (UTC)", ""],
                sessions.map {
                    [
                        "\($0.date.weekday.shortName) \($0.date)", $0.opensAt.rfc3339, $0.closesAt.rfc3339,
                        $0.isEarlyClose ? "early" : "",
                    ]
                })
        }
        return .done
    }

    private static func date(_ call: Call, _ name: String) throws -> CalendarDate {
        guard let date = try call.invocation.required(name).asDate else {
            throw UsageError("--\(name) takes a date such as 2026-11-23.", command: "calendar")
        }
        return date
    }
}

extension String {
    fileprivate var asDate: CalendarDate? { CalendarDate(self) }
}
