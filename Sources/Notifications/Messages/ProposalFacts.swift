import Domain
import JSON
import Store

/// Writes messages on a proposal and its order.
struct ProposalFacts {
    let proposal: ProposalRecord
    let decisions: [DecisionRecord]
    let data: JSONObject
    let now: Timestamp

    /// How much of a bot's reasons a message carries; the page has all of it.
    static let rationaleLimit = 600
    private static let warningLimit = 8

    /// Asks for a decision.
    var request: Message {
        var message = start(.asks, "Approve? \(proposal.terms.headline)")
        message.summary =
            "\(mode)About \(proposal.notional.dollars). "
            + "Decide by \(proposal.expiresAt.clockWords(now: now)), \(proposal.expiresAt.distanceWords(now: now)); "
            + "then it expires and nothing is sent."
        addOrder(&message)
        message.add("Approvals", approvalWords)
        message.add("Deadline", deadlineWords)
        addReasons(&message)
        return close(message)
    }

    /// Tells that somebody approved and further approvals are needed.
    var count: Message {
        var message = start(
            .asks, "\(approvals) of \(proposal.approvalsRequired) approvals: \(proposal.terms.headline)")
        let missing = proposal.approvalsRequired - approvals
        message.summary =
            "\(mode)About \(proposal.notional.dollars). \(missing) more \(missing == 1 ? "approval is" : "approvals are") "
            + "needed by \(proposal.expiresAt.clockWords(now: now)), \(proposal.expiresAt.distanceWords(now: now))."
        addOrder(&message)
        message.add("Approvals", approvalWords)
        message.add("Deadline", deadlineWords)
        return close(message)
    }

    /// Tells how a proposal ended, or that it is held.
    func outcome(_ state: ProposalState) -> Message {
        var message = start(state.tone, "\(state.title): \(proposal.terms.headline)")
        message.summary = "\(mode)About \(proposal.notional.dollars). \(state.sentence)"
        addOrder(&message)
        message.add("Decisions", decisionWords)
        if decisions.isEmpty || state.isByAnother { message.add("By", Actor.words(proposal.decidedBy)) }
        message.add("When", proposal.decidedAt?.clockWords(now: now))
        if !decisions.contains(where: { $0.comment == proposal.reason }) {
            message.add("Reason", proposal.reason)
        }
        if state == .approved || state == .released {
            message.add("Valid until", proposal.validUntil?.clockWords(now: now))
        }
        return close(message)
    }

    /// Tells what became of the order.
    func order(_ kind: String) -> Message {
        let words = OrderNews(kind: kind)
        var message = start(words.tone, "\(words.title): \(proposal.terms.headline)")
        message.summary = mode + words.sentence
        addOrder(&message)
        message.add("Filled", filledWords)
        message.add("Broker's status", data["broker_status"]?.stringValue ?? data["status"]?.stringValue)
        message.add("Reason", data["reason"]?.stringValue)
        message.add("Decisions", decisionWords)
        return close(message)
    }

    /// Tells of something that has no words of its own yet.
    func other(_ kind: String) -> Message {
        var message = start(.neutral, "\(Notice.title(kind)): \(proposal.terms.headline)")
        message.summary = mode + proposal.state.sentence
        addOrder(&message)
        message.add("Reason", data["reason"]?.stringValue)
        return close(message)
    }

    private var mode: String { proposal.mode == .live ? "Real money. " : "" }

    private func start(_ tone: Message.Tone, _ title: String) -> Message {
        Message(tone: tone, title: PlainText.line(title, limit: 120), summary: "", writtenAt: now)
    }

    private func close(_ message: Message) -> Message {
        var message = message
        message.add("Check code", proposal.checkCode)
        return message
    }

    private func addOrder(_ message: inout Message) {
        message.add("Order", proposal.terms.headline)
        message.add("About", proposal.notional.dollars)
        message.add("Stop loss", proposal.terms.stopLoss?.stopPrice.priceWords)
        message.add("Take profit", proposal.terms.takeProfitLimitPrice?.priceWords)
        message.add("Price then", proposal.notes.referencePrice?.priceWords)
        message.add("Bot", proposal.proposerName)
        message.add("Strategy", proposal.notes.strategy)
    }

    private func addReasons(_ message: inout Message) {
        message.rationale = proposal.notes.rationale.map {
            PlainText.paragraphs($0, limit: Self.rationaleLimit)
        }
        if message.rationale?.isEmpty == true { message.rationale = nil }
        let findings = (proposal.checks.arrayValue ?? []).compactMap(Finding.init(json:))
        let warnings = findings.having(.warn).map { PlainText.line($0.detail, limit: 300) }
        message.warnings = Array(warnings.prefix(Self.warningLimit))
        if warnings.count > Self.warningLimit {
            message.warnings.append("and \(warnings.count - Self.warningLimit) more, on the page")
        }
        let passed = findings.having(.pass).count
        message.add("Checks", "\(passed) passed, \(warnings.count) \(warnings.count == 1 ? "warns" : "warn")")
    }

    private var approvals: Int {
        decisions.count { $0.verdict == .approve && $0.orderHash == proposal.orderHash }
    }

    private var approvalWords: String {
        let count = "\(approvals) of \(proposal.approvalsRequired)"
        let names = decisions.filter { $0.verdict == .approve }.map(\.userName)
        return names.isEmpty ? count : "\(count): \(names.joined(separator: ", "))"
    }

    private var deadlineWords: String {
        "\(proposal.expiresAt.clockWords(now: now)), \(proposal.expiresAt.distanceWords(now: now))"
    }

    private var decisionWords: String? {
        let words = decisions.map { decision in
            let comment = decision.comment.map { ": \(PlainText.line($0, limit: 80))" } ?? ""
            let clock = decision.decidedAt.clockWords(now: now)
            return
                "\(decision.userName) \(decision.verdict.past) at \(clock) (\(decision.method.rawValue))\(comment)"
        }
        return words.isEmpty ? nil : words.joined(separator: "; ")
    }

    private var filledWords: String? {
        guard let text = data["filled_qty"]?.numberText, let qty = ExactDecimal(text), qty.isPositive else {
            return nil
        }
        let price = data["filled_avg_price"]?.numberText.flatMap { ExactDecimal($0) }
        let shares = "\(qty.grouped()) of \(proposal.terms.qty.grouped())"
        return price.map { "\(shares) at \($0.priceWords) on average" } ?? shares
    }
}

/// How the journal's actors are called in messages.
enum Actor {
    static func words(_ actor: String?) -> String? {
        guard let actor else { return nil }
        let parts = actor.split(separator: ":", maxSplits: 1)
        guard parts.count == 2 else { return actor == "system" ? "Countersign" : actor }
        return parts[0] == "cli" ? "\(parts[1]) (command line)" : String(parts[1])
    }
}
