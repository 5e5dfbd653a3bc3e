import Console
import Domain
import JSON

/// `report …`: the reports of the server, as text or as JSON.
enum ReportCommands {
    static let all = [daily, weekly]

    private static let daily = Command(
        CommandShape(
            "report daily", "Tells what became of the account and of the proposals on one trading day.",
            operands: [.init("DATE", "YYYY-MM-DD; without it the day under way", isRequired: false)],
            printsData: true,
            notes:
                "Days run from close to close, as the exchange in New York trades. Numbers and page are the same."
        )
    ) { call in
        let date = call.invocation.operand("DATE") ?? "today"
        let report = try await call.server().get("/reports/daily/\(ServerConnection.encoded(date))")
        Output.show(report, asJSON: call.wantsJSON) { ReportSheet.daily(report).plainText }
        return .done
    }

    private static let weekly = Command(
        CommandShape(
            "report weekly",
            "Tells how a week went: performance, what went wrong, decisions, and ten questions.",
            operands: [.init("WEEK", "YYYY-Www; without it the week under way", isRequired: false)],
            printsData: true,
            notes:
                "A week runs from Friday's close to Friday's close. It is made on Sunday at 09:00 in New York."
        )
    ) { call in
        let week = call.invocation.operand("WEEK") ?? "current"
        let report = try await call.server().get("/reports/weekly/\(ServerConnection.encoded(week))")
        Output.show(report, asJSON: call.wantsJSON) { ReportSheet.weekly(report).plainText }
        return .done
    }
}
