package import Domain
import JSON
import Store

/// Writes messages: the one place that knows what to say.
package struct MessageWriter: Sendable {
    private let links: MessageLinks

    /// A writer whose messages link to one public address.
    package init(links: MessageLinks) { self.links = links }

    /// The message on a subject, with the link of a user or of nobody.
    package func message(on subject: Subject, for userID: Identifier?) -> Message {
        var message = body(subject)
        message.proposalID = subject.proposal?.id
        message.mode = subject.mode
        if let sheet = subject.report {
            message.report = .object(subject.data)
            message.link = links.page(sheet.reviewPath ?? sheet.path)
            message.linkLabel = sheet.reviewPath == nil ? "Open the report" : "Answer and sign the review"
            return message
        }
        if let alert = subject.alert {
            message.link = links.alert(alert.id, at: subject.now, for: userID)
            message.linkLabel = alert.state == .raised ? "See and acknowledge" : "See the alert"
            return message
        }
        if let proposal = subject.proposal {
            message.link = links.review(proposal.id, deadline: proposal.expiresAt, for: userID)
        } else if subject.kind.hasPrefix("halt-") || StopNotice.kinds.contains(subject.kind) {
            message.link = links.page("/halts")
            message.linkLabel = "See what is stopped"
        } else if subject.kind == "channel-disabled" {
            message.link = links.page("/deliveries")
            message.linkLabel = "See the deliveries"
        }
        return message
    }

    private func body(_ subject: Subject) -> Message {
        if let sheet = subject.report {
            var message = Message(
                tone: .neutral, title: sheet.title, summary: PlainText.unlinked(sheet.lead),
                writtenAt: subject.now)
            message.sections = sheet.sections
            if subject.isFallback {
                message.warnings = [
                    "None of the people whom the policy names for reports has a channel in use, so every channel got this one."
                ]
            }
            return message
        }
        if let proposal = subject.proposal {
            let facts = ProposalFacts(subject, proposal)
            if subject.kind == "approval-requested" { return facts.request }
            if subject.kind == "approval-counted" { return facts.count }
            if subject.kind == "approval-priced" { return facts.approvals > 0 ? facts.count : facts.request }
            if subject.kind == "approval-reminder" { return facts.reminder }
            if subject.kind == "approval-unheard" { return facts.unheard }
            if let state = ProposalState(kind: subject.kind) { return facts.outcome(state) }
            if subject.kind.hasPrefix("order-") { return facts.order(subject.kind) }
            return facts.other(subject.kind)
        }
        if let alert = subject.alert {
            return AlertNotice(alert, kind: subject.kind, now: subject.now).message
        }
        return Notice(kind: subject.kind, data: subject.data, now: subject.now).message
    }
}

extension ProposalState {
    /// The state that a kind of message tells of: `proposal-rejected`.
    fileprivate init?(kind: String) {
        guard kind.hasPrefix("proposal-") else { return nil }
        self.init(rawValue: String(kind.dropFirst("proposal-".count)))
    }
}
