import Domain
import JSON
import Store

/// Writes messages on a proposal and its order.
struct ProposalFacts {
    let subject: Subject
    let proposal: ProposalRecord

    init(_ subject: Subject, _ proposal: ProposalRecord) {
        self.subject = subject
        self.proposal = proposal
    }

    var now: Timestamp { subject.now }

    /// Asks for a decision.
    var request: Message {
        var message = start(.asks, requestTitle, requestSummary)
        addAll(to: &message)
        return message
    }

    /// Tells that somebody approved and further approvals are needed.
    var count: Message {
        var message = start(.asks, countTitle, countSummary)
        addAll(to: &message)
        return message
    }

    /// Tells how a proposal ended, or that it is held.
    func outcome(_ state: ProposalState) -> Message {
        var message = start(state.tone, "\(brief) \(outcomeWords(state))", state.sentence)
        addAll(to: &message)
        return message
    }

    /// Tells what became of the order.
    func order(_ kind: String) -> Message {
        let news = OrderNews(kind: kind, data: subject.data)
        var message = start(news.tone, "\(brief) \(news.title)", news.sentence)
        addAll(to: &message)
        return message
    }

    /// Tells of something that has no words of its own yet.
    func other(_ kind: String) -> Message {
        let title = "\(brief): \(Notice.title(kind).lowercased())"
        var message = start(.neutral, title, proposal.state.sentence)
        addAll(to: &message)
        return message
    }

    private func start(_ tone: Message.Tone, _ title: String, _ summary: String) -> Message {
        var message = Message(
            tone: tone, title: PlainText.line(title, limit: 120), summary: money + summary, writtenAt: now)
        message.matter = "\(proposal.terms.headline), about \(proposal.notional.dollars)"
        message.linkLabel = proposal.state == .pending ? "Review" : "Receipt"
        message.standing = standing
        return message
    }

    private func addAll(to message: inout Message) {
        addResults(to: &message)
        addFacts(to: &message)
        addReasons(to: &message)
    }

    /// How it stands now, by the rows alone: whichever message brings it, it says the same.
    private var standing: Message.Standing {
        let state = proposal.state
        if state == .pending {
            return approvals > 0
                ? Message.Standing(tone: .asks, title: countTitle, summary: money + countSummary)
                : Message.Standing(tone: .asks, title: requestTitle, summary: money + requestSummary)
        }
        if state == .released, let order = subject.order, order.state != .released {
            let title = "\(brief) \(order.state.title(at: order.filledAvgPrice))"
            return Message.Standing(
                tone: order.state.tone, title: title, summary: money + order.state.sentence)
        }
        return Message.Standing(
            tone: state.tone, title: "\(brief) \(outcomeWords(state))", summary: money + state.sentence)
    }

    private var money: String { proposal.mode == .live ? "Real money. " : "" }

    /// `BUY 400 NVDA`.
    private var brief: String {
        "\(proposal.terms.side.word) \(proposal.terms.qty.grouped()) \(proposal.terms.symbol)"
    }

    private var deadlineTitle: String {
        "\(brief), \(proposal.notional.dollars) by \(proposal.expiresAt.newYorkWords(now: now))"
    }

    private var requestTitle: String { "approve \(deadlineTitle)" }

    private var requestSummary: String {
        "\(proposal.proposerName) asks for approval. " + deadlineSentence
    }

    private var countTitle: String {
        "\(requestTitle) (\(approvals) of \(proposal.approvalsRequired) so far)"
    }

    private var countSummary: String {
        let missing = proposal.approvalsRequired - approvals
        return "\(counted(missing, "more approval is", "more approvals are")) needed. " + deadlineSentence
    }

    private var deadlineSentence: String {
        "Decide by \(proposal.expiresAt.clockWords(now: now)), \(proposal.expiresAt.distanceWords(now: now)). "
            + "If nobody answers, it is cancelled automatically and nothing is sent."
    }

    /// `approved by Ana and Ben, and released`.
    private func outcomeWords(_ state: ProposalState) -> String {
        let approvers = names(.approve)
        let rejecters = names(.reject)
        return switch state {
        case .rejected: rejecters.isEmpty ? state.title : "rejected by \(rejecters)"
        case .approved: approvers.isEmpty ? state.title : "approved by \(approvers), held"
        case .released: approvers.isEmpty ? state.title : "approved by \(approvers) and released"
        case .revoked:
            ActorText.words(proposal.decidedBy).map { "approval taken back by \($0)" } ?? state.title
        case .blocked, .pending, .expired, .withdrawn, .cancelled, .refused, .lapsed: state.title
        }
    }

    private func names(_ verdict: Verdict) -> String {
        let names = counting.filter { $0.verdict == verdict }.map { PlainText.line($0.userName, limit: 40) }
        guard let last = names.last, names.count > 1 else { return names.first ?? "" }
        return names.dropLast().joined(separator: ", ") + " and \(last)"
    }

    /// Decisions on exactly this order.
    var counting: [DecisionRecord] { subject.decisions.filter { $0.orderHash == proposal.orderHash } }

    var approvals: Int { counting.count { $0.verdict == .approve } }
}
