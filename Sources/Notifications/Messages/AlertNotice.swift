import Domain
import JSON
import Store

/// Writes what is told of an alert: what happened, and how far people have come with it.
struct AlertNotice {
    /// The kinds of message that tell of alerts; those with news of their own have another kind for the first one.
    static let kinds = ["alert-raised", "alert-repeated", "alert-acknowledged", "alert-resolved"]

    private let alert: AlertRecord
    private let kind: String
    private let now: Timestamp

    init(_ alert: AlertRecord, kind: String, now: Timestamp) {
        self.alert = alert
        self.kind = kind
        self.now = now
    }

    /// The alert as it stands, with the news first.
    var message: Message {
        var message = matter
        let standing = standing(message)
        message.standing = standing
        switch kind {
        case "alert-repeated":
            message.title = PlainText.line("Still not acknowledged: \(message.title)", limit: Self.titleLimit)
            message.summary =
                "This was raised \(alert.raisedAt.distanceWords(now: now)) and nobody took note of it yet."
                + (message.summary.isEmpty ? "" : " \(message.summary)")
        case "alert-acknowledged", "alert-resolved": message = message.changed
        default:
            // What waited in the queue, or comes after a night's rest, tells how things are now.
            if alert.state != .raised { message = message.changed }
        }
        return message
    }

    private static let titleLimit = 150

    /// What happened: in its own words where there is a message for it, else from the alert's fields.
    private var matter: Message {
        var message: Message
        if Self.kinds.contains(alert.messageKind) {
            message = Message(
                tone: tone, title: clean(alert.title, Self.titleLimit),
                summary: alert.detail.isEmpty
                    ? "Raised by \(ActorText.words(alert.source) ?? "somebody"), without further words."
                    : PlainText.unlinked(PlainText.paragraphs(alert.detail, limit: 1500)), writtenAt: now)
            addEvidence(to: &message)
        } else {
            message = Notice(kind: alert.messageKind, data: alert.evidence, now: now).message
        }
        addStanding(to: &message)
        return message
    }

    private var tone: Message.Tone {
        switch alert.priority {
        case .info: .neutral
        case .high: .bad
        case .critical, .emergency: .alarm
        }
    }

    private func standing(_ message: Message) -> Message.Standing {
        switch alert.state {
        case .raised: return .init(tone: message.tone, title: message.title, summary: message.summary)
        case .acknowledged:
            return .init(
                tone: .neutral,
                title: PlainText.line("Acknowledged: \(message.title)", limit: Self.titleLimit),
                summary: message.summary)
        case .resolved:
            return .init(
                tone: .good, title: PlainText.line("Over: \(message.title)", limit: Self.titleLimit),
                summary: message.summary)
        }
    }

    private func addStanding(to message: inout Message) {
        if let at = alert.acknowledgedAt {
            message.addResult(
                "Acknowledged",
                "\(ActorText.words(alert.acknowledgedBy) ?? "somebody"), \(at.clockWords(now: now))")
            message.addResult("Comment", alert.comment)
        }
        if let at = alert.resolvedAt {
            let who = alert.resolvedBy == AlertDraft.system ? nil : ActorText.words(alert.resolvedBy)
            message.addResult(
                "Over since", [at.clockWords(now: now), who].compactMap(\.self).joined(separator: ", "))
            message.addResult("Why", alert.resolveReason)
        }
        message.add("Priority", alert.priority.rawValue)
        message.add("Raised", alert.raisedAt.clockWords(now: now))
        if alert.repeats > 0 {
            message.add("Raised again", alert.repeats == 1 ? "once" : "\(alert.repeats) times")
        }
        if alert.source != AlertDraft.system { message.add("Says", ActorText.words(alert.source)) }
    }

    /// What was measured, as far as it is plain values; the names are words of ours, or at least look like it.
    private func addEvidence(to message: inout Message) {
        for fact in AlertEvidence.facts(alert.evidence).prefix(12)
        where AlertDraft.isType(fact.key) && !fact.key.hasSuffix("_id") && !fact.isNested {
            let name = Notice.title(fact.key.replacing("_", with: "-"))
            message.add(PlainText.line(name, limit: 40), fact.text)
        }
    }

    private func clean(_ text: String, _ limit: Int) -> String {
        PlainText.line(PlainText.unlinked(text), limit: limit)
    }
}

extension MessageSample {
    /// An alert about a position without a stop, as far along as the kind of message says.
    static func alert(_ kind: String) -> AlertRecord {
        AlertRecord(
            AlertDraft(
                .positionWithoutStop, title: "NVDA has no live stop",
                detail:
                    "Nothing at the broker closes the position if its price falls. Look at the position at the broker and set a"
                    + " stop, or close it.",
                evidence: ["symbol": "NVDA", "qty": "400", "market_value": "47280"], subject: "symbol:NVDA",
                dedupKey: "position-without-stop:NVDA"),
            id: identifier(8), at: now.adding(minutes: -15),
            acknowledgedBy: kind == "alert-acknowledged" ? "user:Ana" : nil,
            resolved: kind == "alert-resolved")
    }
}
