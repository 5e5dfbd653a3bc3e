import Domain
import JSON
import Store

/// Writes messages that are not about a proposal.
struct Notice {
    let kind: String
    let data: JSONObject
    let now: Timestamp

    var message: Message {
        switch kind {
        case "halt-opened": halt
        case "halt-cleared": cleared
        case "channel-disabled": disabled
        case "channel-test": test
        default: StopNotice(kind: kind, data: data, now: now).message ?? other
        }
    }

    /// A kind in words: `worker-silent` becomes `Worker silent`.
    static func title(_ kind: String) -> String {
        let words = PlainText.line(kind.replacing("-", with: " "), limit: 60)
        return words.prefix(1).uppercased() + words.dropFirst()
    }

    /// What a halt covers: `the whole account`, `symbol NVDA`.
    private var reach: String {
        let scope = text("scope") ?? "account"
        return scope == "account" ? "the whole account" : scope + (text("target").map { " \($0)" } ?? "")
    }

    private var halt: Message {
        var message = start(.alarm, "Trading is halted: \(reach)")
        let reducing = data["allows_reducing"]?.boolValue == true
        let cancelled =
            data["complete"]?.boolValue == false
            ? "Not everything that waited could be cancelled yet; the server keeps trying. "
            : "What waited, was held or was not yet taken by the worker is cancelled. "
        message.summary =
            cancelled
            + (reducing
                ? "Orders that reduce a position may still go out." : "Nothing goes out until it is cleared.")
        message.add("At the broker", text("at_broker").flatMap(CommandRecord.Kind.init)?.haltWords)
        message.add("Reason", text("reason"))
        message.add("Cause", text("cause"))
        message.add("By", ActorText.words(text("opened_by")))
        message.add("When", text("opened_at").flatMap { Timestamp(rfc3339: $0) }?.clockWords(now: now))
        return message
    }

    private var cleared: Message {
        var message = start(.good, "The halt is cleared: \(reach)")
        message.summary = "Trading may go on where no other halt is open."
        message.add("Reason", text("reason"))
        message.add("By", ActorText.words(text("by")))
        message.add("Was stopped because", text("stopped_because"))
        message.add("Was stopped by", ActorText.words(text("opened_by")))
        return message
    }

    private var disabled: Message {
        var message = start(.alarm, "Channel \(text("channel") ?? "") no longer works")
        message.summary =
            "It refused a message for good, so nothing is sent there any more. Mend what the reason names, then "
            + "\"countersign channel enable\" takes it into use again and \"countersign channel replay\" sends "
            + "what it missed."
        message.add("Channel", text("channel"))
        message.add("Kind", text("channel_kind"))
        message.add("Belongs to", text("user"))
        message.add("Reason", text("reason"))
        return message
    }

    private var test: Message {
        var message = start(.neutral, "This is a test")
        message.summary = "Somebody tried whether messages arrive here. They do. There is nothing to decide."
        message.add("Channel", text("channel"))
        return message
    }

    private var other: Message {
        var message = start(.neutral, Self.title(kind))
        message.summary = text("detail") ?? text("reason") ?? "See the pages for particulars."
        return message
    }

    private func start(_ tone: Message.Tone, _ title: String) -> Message {
        Message(tone: tone, title: PlainText.line(title, limit: 120), summary: "", writtenAt: now)
    }

    private func text(_ key: String) -> String? {
        data[key]?.stringValue.map { PlainText.line($0, limit: 300) }
    }
}

extension CommandRecord.Kind {
    /// What the worker does besides, because of a halt.
    fileprivate var haltWords: String {
        switch self {
        case .flatten: "the worker cancels every order and closes every position at the market"
        case .closePosition: "the worker closes the position at the market"
        case .cancelEntries: "the worker cancels what is open, save what only reduces a position"
        }
    }
}
