import Domain
import Gate
import Store
import Templates

/// The receipt: what became of a proposal, who decided, when, and what was sent.
struct ProposalOutcome: Sendable {
    let scene: ProposalScene

    /// For people who have proved who they are.
    var values: TemplateValues {
        guard !scene.isOpen else { return [:] }
        return [
            "OUTCOME": .text(title), "OUTCOME_DETAIL": .text(detail), "OUTCOME_CLASS": .text(tone),
            "OUTCOME_NEXT": .text(next), "OUTCOME_PAUSE": .text(pause),
        ]
    }

    /// For the holder of a link: the state and nothing of who or why.
    var bareValues: TemplateValues {
        guard !scene.isOpen else { return [:] }
        return ["OUTCOME": .text(scene.state.sentence), "OUTCOME_CLASS": .text(tone)]
    }

    /// Who, when and what, in one line.
    var sentence: String { "\(title) \(detail)" }

    private var record: ProposalRecord { scene.record }

    /// What happens next, where the order does not tell.
    private var next: String {
        switch scene.state {
        case .approved: "It goes out by itself when it may, after every check has run again, or lapses."
        case .expired, .lapsed: "The bot can propose it again; everything is checked and decided anew."
        case .pending, .blocked, .rejected, .withdrawn, .cancelled, .released, .refused, .revoked: ""
        }
    }

    /// That its bot was paused with the rejection, or is by now, and how it goes on.
    private var pause: String {
        let bot = record.proposerName
        guard scene.state == .rejected,
            scene.surroundings.halts.contains(where: { $0.scope == .bot && $0.target == bot })
        else { return "" }
        return "The bot \(bot) is paused: what it proposes is blocked until an operator or an admin "
            + "lets it go on."
    }

    private var title: String {
        switch scene.state {
        case .pending: ""
        case .blocked: "Blocked when it came in. Nothing was sent."
        case .rejected: "Rejected by \(who(.reject)). Nothing was sent."
        case .expired: "Expired: \(expiryWords). Nothing was sent."
        case .withdrawn: "Withdrawn by the bot. Nothing was sent."
        case .cancelled: "Cancelled because trading was stopped. Nothing was sent."
        case .approved: "Approved by \(who(.approve)), and held until it may be released."
        case .released: "Approved by \(who(.approve)). The order was released."
        case .refused: "Approved by \(who(.approve)), but a check failed at release. Nothing was sent."
        case .lapsed: "Approved by \(who(.approve)), but the approval ran out. Nothing was sent."
        case .revoked: "Approved, then taken back by \(actorWords(record.decidedBy)). Nothing was sent."
        }
    }

    private var expiryWords: String {
        ProposalState.expiryWords(approvals: scene.view.approvals, of: record.approvalsRequired)
    }

    private var detail: String {
        let at = record.decidedAt ?? (scene.state == .expired ? record.expiresAt : nil)
        let when = at.map { "\($0.newYorkWords) (\($0.utcWords))." }
        let by = record.state == .cancelled ? record.decidedBy.map { "By \(actorWords($0))." } : nil
        return [when, by, reason].compactMap(\.self).joined(separator: " ")
    }

    /// Failed checks are spelled out below, and a rejection's comment stands with its vote.
    private var reason: String? {
        switch scene.state {
        case .blocked, .refused:
            let failed = scene.findings.having(.fail).count
            return failed == 0
                ? record.reason
                : "\(counted(failed, "check failed; it is", "checks failed; they are")) spelled out below."
        case .pending, .approved, .rejected, .expired, .withdrawn, .released: return nil
        case .cancelled, .lapsed, .revoked: return record.reason
        }
    }

    private func who(_ verdict: Verdict) -> String {
        let names = scene.view.decisions.filter { $0.verdict == verdict }.map(\.userName)
        return names.isEmpty ? actorWords(record.decidedBy) : names.joined(separator: " and ")
    }

    private var tone: String {
        switch scene.state {
        case .released: "good"
        case .pending, .approved: "info"
        case .expired, .withdrawn, .lapsed: "warn"
        case .blocked, .rejected, .cancelled, .refused, .revoked: "bad"
        }
    }
}

extension OrderView {
    /// How the page of a proposal shows its order.
    var cardValues: TemplateValues {
        [
            "HAS_ORDER": .shown(true), "ORDER_SENTENCE": .text(record.state.sentence),
            "ORDER_ADDRESS": .text("/orders/\(record.id)"), "ORDER_ID": .text(record.id.text),
            "FILLED": .text(filledWords), "FILLS": .sections(fills.map(\.values)),
            "ORDER_REASON": .text(record.reason ?? ""),
        ]
    }

    /// How much of it is filled, and at what price.
    var filledWords: String {
        let amount = "\(record.filledQty.grouped()) of \(record.qty.grouped())"
        return amount + (record.filledAvgPrice.map { " at \($0.price) on average" } ?? "")
    }
}

extension FillRecord {
    var values: TemplateValues {
        [
            "FILL_QTY": .text(qty.grouped()), "FILL_PRICE": .text(price.price),
            "FILL_AT": .text(executedAt.newYorkWords), "EXECUTION_ID": .text(executionID),
        ]
    }
}
