import JSON

extension ReportSheet {
    /// What was not traded would have made; nil where nothing could be judged.
    static func hindsight(_ report: JSONValue) -> Section? {
        let groups = report.list("groups")
        guard !groups.isEmpty else { return nil }
        var part = Section("What was not traded would have made")
        part.note = [entries(report), doubts(report), leftOut(report)].joined(separator: " ")
        let rows = groups + (groups.count > 1 ? [report.part("total")] : [])
        let carrying = rows.filter { $0["standing"] == "sufficient" }
        let (total, average) = (carrying.form("total"), carrying.form("average"))
        part.table(
            [
                "Because", "Could be judged", "Settled", "Entered", "Won", "Stopped", "Made in all",
                "On average",
            ],
            rows.map { group in
                let carries = group["standing"] == "sufficient"
                return [
                    Cell(reason(group.words("state"))), Cell(group.count("assessable")),
                    Cell(group.count("settled")), Cell(group.count("entered")), Cell(group.count("won")),
                    Cell(group.count("stopped")), Cell(carries ? group.gain("total", total) : "insufficient"),
                    Cell(carries ? group.gain("average", average) : "insufficient"),
                ]
            }, empty: "")
        return part
    }

    private static func entries(_ report: JSONValue) -> String {
        "Orders of the last \(report.count("days")) days, on daily bars and never in their favour. A limit order is entered at "
            + "its limit if the price touched it, a stop order where the price reached its stop or at a worse open, one at the "
            + "market at the next open after the decision; each is left at its stop, its target or after \(Hindsight.days) days."
    }

    private static func doubts(_ report: JSONValue) -> String {
        let ambiguous = report.part("total").counted("ambiguous", "bar")
        return
            "Where one bar held stop and target (\(ambiguous)) the stop counts. Fewer than "
            + "\(report.count("sample_limit")) entered are insufficient for a sum."
    }

    /// What is not among them, and why; reports of older versions do not count it.
    private static func leftOut(_ report: JSONValue) -> String {
        let counts = report.part("left_out")
        let parts = [
            ("reducing", "that would have reduced a position"),
            ("partly_filled", "filled in part, whose price is known"), ("under_way", "not over yet"),
        ].compactMap { key, why in
            counts[key]?.intValue.flatMap { $0 == 0 ? nil : "\($0) \(why)" }
        }
        return "Left out: \((parts + ["commissions"]).joined(separator: ", "))."
    }

    private static func reason(_ state: String) -> String {
        switch ProposalState(rawValue: state) {
        case .rejected: "Rejected by a person"
        case .expired: "Nobody answered"
        case .blocked: "Blocked by a check"
        case .withdrawn: "Withdrawn by the bot"
        case .cancelled: "Cancelled by a halt"
        case .refused: "Refused by a later check"
        case .lapsed: "Approval ran out"
        case .revoked: "Approval taken back"
        case .released: "Released, never filled"
        case .pending, .approved: state
        case nil: "All of them"
        }
    }
}
