import Console
import Domain
import JSON

/// `report …`: the reports of the server, as text or as JSON.
enum ReportCommands {
    static let all = [daily, weekly]

    private static let daily = Command(
        CommandShape(
            "report daily", "One trading day in a screenful: result, proposals, closed and open positions.",
            operands: [.init("DATE", "YYYY-MM-DD; without it the day under way", isRequired: false)],
            printsData: true,
            notes: """
                  countersign report daily               the day under way
                  countersign report daily 2026-11-20

                A day runs from close to close of the exchange in New York. Its summary is made half an hour after the
                closing bell; until then it tells how things stand.
                """
        )
    ) { call in
        let date = call.invocation.operand("DATE") ?? "today"
        let report = try await call.server().get("/reports/daily/\(ServerConnection.encoded(date))")
        Output.show(report, asJSON: call.wantsJSON) { ReportBrief.daily(report) }
        return .done
    }

    private static let weekly = Command(
        CommandShape(
            "report weekly",
            "One week in a screenful: result, decisions, what was not traded, strategies and days.",
            operands: [.init("WEEK", "YYYY-Www; without it the week under way", isRequired: false)],
            printsData: true,
            notes: """
                  countersign report weekly              the week under way
                  countersign report weekly 2026-W47

                A week runs from the close before its first trading day to the close of its last. Its report is made on
                Sunday at 09:00 in New York. Its ten questions are answered and signed with countersign review.
                """
        )
    ) { call in
        let week = call.invocation.operand("WEEK") ?? "current"
        let report = try await call.server().get("/reports/weekly/\(ServerConnection.encoded(week))")
        Output.show(report, asJSON: call.wantsJSON) { ReportBrief.weekly(report) }
        return .done
    }
}
