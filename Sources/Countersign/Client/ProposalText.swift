import Domain
import JSON

/// A proposal as people read it at the command line, and as scripts read its exit code.
struct ProposalText {
    let proposal: JSONValue

    init(_ proposal: JSONValue) { self.proposal = proposal }

    /// 0 while it may still become an order or has, 3 where it will not, 4 where nobody answered in time.
    var exitCode: ExitCode {
        switch text("state") {
        case "pending", "approved", "released": .done
        case "expired", "lapsed": .expired
        default: .refused
        }
    }

    /// `BUY 400 NVDA LIMIT 118.20 DAY, about $47,280`.
    var order: String {
        let order = (try? OrderTerms.parse(proposal))?.headline ?? text("symbol") ?? ""
        let notional = text("notional").flatMap { ExactDecimal($0) }
        return notional.map { "\(order), about $\($0.rounded(scale: 2).grouped(minimumPlaces: 2))" } ?? order
    }

    /// Everything that helps to decide.
    var lines: String {
        var lines = [
            "\(text("id") ?? "")  \(text("state") ?? "")  \(text("mode")?.uppercased() ?? "")", order,
        ]
        for (name, label) in [
            ("proposed_by", "proposed by"), ("strategy", "strategy"), ("rationale", "rationale"),
            ("check_code", "check code"), ("expires_at", "expires at"), ("reason", "reason"),
            ("order_id", "order"), ("order_state", "order state"),
        ] {
            if let value = text(name) { lines.append("\(label): \(value)") }
        }
        lines += exits + decisions
        lines.append("checks: \(checkCounts)\(checksWhen)")
        return (lines + troubles).joined(separator: "\n")
    }

    /// How many checks ended in which way.
    private var checkCounts: String {
        let endings = (proposal["checks"]?.arrayValue ?? []).compactMap(CheckEnding.init(json:))
        return endings.isEmpty ? "none" : endings.countWords
    }

    /// That the checks are those of the beginning, where more was done since.
    private var checksWhen: String {
        ["pending", "blocked", nil].contains(text("state")) ? "" : ", as found when it was proposed"
    }

    /// The checks that failed or warn, in words.
    var troubles: [String] {
        (proposal["checks"]?.arrayValue ?? []).compactMap { check in
            guard let outcome = check["outcome"]?.stringValue, ["fail", "warn"].contains(outcome) else {
                return nil
            }
            return "  \(outcome) \(check["code"]?.stringValue ?? ""): \(check["detail"]?.stringValue ?? "")"
        }
    }

    private var exits: [String] {
        var exits: [String] = []
        if let price = proposal["stop_loss"]?["stop_price"]?.stringValue {
            exits.append("stop loss at \(price)")
        }
        if let price = proposal["take_profit"]?["limit_price"]?.stringValue {
            exits.append("take profit at \(price)")
        }
        return exits.isEmpty ? [] : [exits.joined(separator: ", ")]
    }

    private var decisions: [String] {
        (proposal["decisions"]?.arrayValue ?? []).map { decision in
            let comment = decision["comment"]?.stringValue.map { ": \($0)" } ?? ""
            let verdict = decision["verdict"] == "approve" ? "approved" : "rejected"
            return
                "\(verdict) by \(decision["by"]?.stringValue ?? "?") at \(decision["at"]?.stringValue ?? "?")\(comment)"
        }
    }

    func text(_ name: String) -> String? { proposal[name]?.stringValue }
}
