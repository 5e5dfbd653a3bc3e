import JSON

extension ReportSheet {
    /// What was not traded would have made; nil where nothing could be judged.
    static func hindsight(_ report: JSONValue) -> Section? {
        let groups = report.list("groups")
        guard !groups.isEmpty else { return nil }
        var part = Section("What was not traded would have made")
        let ambiguous = report.part("total").count("ambiguous")
        part.note =
            "Limit orders of the last \(report.count("days")) days, on daily bars, never in their favour: entered at the limit "
            + "if the price touched it, left at stop, target or after \(Hindsight.days) days. Where one bar held stop and "
            + "target (\(ambiguous) of them) the stop counts. Fewer than \(report.count("sample_limit")) entered are "
            + "insufficient for a sum. Commissions are left out."
        part.table(
            [
                "Because", "Could be judged", "Settled", "Entered", "Won", "Stopped", "Made in all",
                "On average",
            ],
            (groups + (groups.count > 1 ? [report.part("total")] : [])).map { group in
                let carries = group["standing"] == "sufficient"
                return [
                    Cell(reason(group.words("state"))), Cell(group.count("assessable")),
                    Cell(group.count("settled")), Cell(group.count("entered")), Cell(group.count("won")),
                    Cell(group.count("stopped")), Cell(carries ? group.gain("total") : "insufficient"),
                    Cell(carries ? group.gain("average") : "insufficient"),
                ]
            }, empty: "")
        return part
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
        case .pending, .approved, .released: state
        case nil: "All of them"
        }
    }
}
