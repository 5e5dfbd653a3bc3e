import JSON

/// A message as Slack wants it: for an incoming webhook, or for the methods of its Web API.
///
/// No buttons: even one that only opens a link needs an interactivity endpoint, and without it shows a
/// warning. What others wrote goes into plain text objects only, in which Slack links nothing, mentions nobody and
/// formats nothing. Limits are Slack's own, in code points.
enum SlackPayload {
    private static let blockLimit = 50
    private static let headerLimit = 150
    private static let textLimit = 3000
    private static let fieldLimit = 2000
    private static let fieldsInSection = 10
    private static let fallbackLimit = 300

    /// For an incoming webhook, whose messages can neither be changed nor answered.
    static func webhook(_ message: Message) -> JSONValue {
        .object(body(message, blocks(message)).merging(unfurling))
    }

    /// For `chat.postMessage`: a message of its own.
    static func post(_ message: Message, channel: String) -> JSONValue {
        .object(body(message, blocks(message)).merging(unfurling).merging(address(channel)))
    }

    /// For `chat.update`: what the message of that timestamp says from now on.
    static func update(_ message: Message, channel: String, timestamp: String) -> JSONValue {
        let changed = message.changed
        return .object(
            body(changed, blocks(changed)).merging(address(channel)).merging(["ts": .string(timestamp)]))
    }

    /// For `chat.postMessage`: the news alone, under the message of that timestamp.
    static func reply(_ message: Message, channel: String, thread: String) -> JSONValue {
        let short = message.short
        return .object(
            body(short, blocks(short)).merging(unfurling).merging(address(channel))
                .merging(["thread_ts": .string(thread)]))
    }

    private static let unfurling: JSONObject = ["unfurl_links": false, "unfurl_media": false]

    private static func address(_ channel: String) -> JSONObject {
        ["channel": .string(channel), "parse": "none", "link_names": false]
    }

    private static func body(_ message: Message, _ blocks: [JSONValue]) -> JSONObject {
        [
            "text": .string(escape(message.headline, limit: fallbackLimit)),
            "blocks": .array(Array(blocks.prefix(blockLimit))),
        ]
    }

    private static func blocks(_ message: Message) -> [JSONValue] {
        let opening = [message.matter ?? "", message.summary].filter { !$0.isEmpty }
        var blocks: [JSONValue] = [
            ["type": "header", "text": plain(message.headline, headerLimit)],
            section(opening.joined(separator: "\n")),
        ]
        blocks += fields(message.results) + fields(message.facts)
        if !message.warnings.isEmpty {
            blocks.append(section("Warnings\n" + message.warnings.map { "• \($0)" }.joined(separator: "\n")))
        }
        if let rationale = message.rationale { blocks.append(section("Why, says the bot\n\(rationale)")) }
        blocks.append(contentsOf: message.link.map { [review($0, message.linkLabel)] } ?? [])
        return blocks
    }

    private static func section(_ text: String) -> JSONValue {
        ["type": "section", "text": plain(text, textLimit)]
    }

    private static func fields(_ facts: [Message.Fact]) -> [JSONValue] {
        stride(from: 0, to: facts.count, by: fieldsInSection).map { start in
            let some = facts[start..<min(start + fieldsInSection, facts.count)]
            return [
                "type": "section",
                "fields": .array(some.map { plain("\($0.label)\n\($0.value)", fieldLimit) }),
            ]
        }
    }

    /// Text that Slack shows as it is.
    ///
    /// An empty one is refused.
    private static func plain(_ text: String, _ limit: Int) -> JSONValue {
        let shown = text.isEmpty ? "-" : PlainText.cut(text, limit: limit)
        return ["type": "plain_text", "text": .string(shown), "emoji": false]
    }

    /// A link in the text; where it is too long for one, words that say where to look.
    private static func review(_ link: String, _ label: String) -> JSONValue {
        let text = "*<\(escape(link).replacing("|", with: "%7C"))|\(label)>*"
        guard text.unicodeScalars.count <= textLimit else {
            return section("\(label): open Countersign; the address is too long for Slack.")
        }
        return ["type": "section", "text": ["type": "mrkdwn", "text": .string(text), "verbatim": true]]
    }

    /// The three characters that Slack asks to be escaped; with them nothing becomes a mention or a link.
    static func escape(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }

    private static func escape(_ text: String, limit: Int) -> String {
        escape(PlainText.cut(text, limit: limit))
    }
}
