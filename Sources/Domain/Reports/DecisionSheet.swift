import JSON

extension ReportSheet {
    /// What was decided, how fast, and why proposals were blocked.
    static func decisions(_ report: JSONValue) -> [Section] {
        var part = Section("Decisions")
        let hasty = report.count("hasty_approvals")
        part.add("Proposed", report.count("proposed"))
        part.add("Approved", report.count("approved"))
        part.add("Rejected", report.count("rejected"))
        part.add("Expired: nobody answered", report.count("expired"))
        part.add("Blocked by a check", report.count("blocked"))
        part.add("Withdrawn by the bot", report.count("withdrawn"))
        part.add("Cancelled by a halt", report.count("cancelled"))
        part.add("Still waiting", report.count("pending"))
        part.add("Time to decide, median", report.duration("median_seconds"))
        let slowest = report.part("slowest")
        part.add(
            "Slowest",
            slowest.isNull
                ? "–"
                : "\(slowest.duration("seconds")) (\(slowest.words("symbol")), by \(slowest.words("by")))",
            path: slowest["proposal_id"]?.stringValue.map { "/proposals/\($0)" })
        part.add("Approved within five seconds", hasty)
        return [part] + [times(report), blockers(report), people(report), bots(report)].compactMap(\.self)
    }

    /// How long decisions took; nil where there was none.
    private static func times(_ report: JSONValue) -> Section? {
        let times = report.list("time_to_decide")
        guard times.contains(where: { $0["count"] != 0 }) else { return nil }
        var part = Section("Time to decide")
        part.chart = .timeToDecide
        part.table(
            ["From proposal to decision", "Decisions"],
            times.indices.map { [Cell(timeWords(times, $0)), Cell(times[$0].count("count"))] }, empty: "")
        return part
    }

    private static func timeWords(_ times: [JSONValue], _ index: Int) -> String {
        func bound(_ index: Int) -> String? {
            guard times.indices.contains(index) else { return nil }
            return times[index]["within_seconds"]?.intValue.map { SheetWords.duration(ExactDecimal($0)) }
        }
        switch (bound(index - 1), bound(index)) {
        case (nil, let upper?): return "under \(upper)"
        case (let lower?, let upper?): return "\(lower) to \(upper)"
        case (let lower?, nil): return "longer than \(lower)"
        case (nil, nil): return "all"
        }
    }

    private static func blockers(_ report: JSONValue) -> Section? {
        guard !report.list("blocked_by").isEmpty else { return nil }
        var part = Section("Why proposals were blocked")
        part.table(
            ["Check", "Proposals"],
            report.list("blocked_by").map { [Cell(checkTitle($0.words("code"))), Cell($0.count("count"))] },
            empty: "")
        return part
    }

    /// What a check looks at; one that is not known any more by its code.
    static func checkTitle(_ code: String) -> String { CheckCode(rawValue: code)?.title ?? code }

    private static func people(_ report: JSONValue) -> Section? {
        guard !report.list("by_person").isEmpty else { return nil }
        var part = Section("Decisions by person")
        part.table(
            ["Person", "Approved", "Rejected", "Median", "Slowest", "Within 5 s"],
            report.list("by_person").map { person in
                [
                    Cell(person.words("name")), Cell(person.count("approvals")),
                    Cell(person.count("rejections")), Cell(person.duration("median_seconds")),
                    Cell(person.duration("slowest_seconds")), Cell(person.count("hasty_approvals")),
                ]
            }, empty: "")
        return part
    }

    private static func bots(_ report: JSONValue) -> Section? {
        guard !report.list("by_bot").isEmpty else { return nil }
        var part = Section("Decisions by bot")
        part.table(
            ["Bot", "Proposed", "Approved", "Rejected", "Expired", "Blocked", "Median", "Slowest"],
            report.list("by_bot").map { bot in
                [
                    Cell(bot.words("name")), Cell(bot.count("proposed")), Cell(bot.count("approved")),
                    Cell(bot.count("rejected")), Cell(bot.count("expired")), Cell(bot.count("blocked")),
                    Cell(bot.duration("median_seconds")), Cell(bot.duration("slowest_seconds")),
                ]
            }, empty: "")
        return part
    }
}
