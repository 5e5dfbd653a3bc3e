import JSON

/// A message as an incoming webhook of Slack wants it.
///
/// No buttons: even one that only opens a link needs an interactivity endpoint, and without it shows a
/// warning. Limits are Slack's own, in code points.
enum SlackPayload {
    private static let headerLimit = 150
    private static let textLimit = 3000
    private static let fieldLimit = 2000
    private static let fieldsInSection = 10

    static func json(_ message: Message) -> JSONValue {
        [
            "text": .string(escape(PlainText.cut(message.headline, limit: 300))),
            "blocks": .array(blocks(message)), "unfurl_links": false, "unfurl_media": false,
        ]
    }

    private static func blocks(_ message: Message) -> [JSONValue] {
        var blocks: [JSONValue] = [
            ["type": "header", "text": plain(message.headline, headerLimit)],
            ["type": "section", "text": plain(message.summary, textLimit)],
        ]
        for start in stride(from: 0, to: message.facts.count, by: fieldsInSection) {
            let facts = message.facts[start..<min(start + fieldsInSection, message.facts.count)]
            blocks.append([
                "type": "section",
                "fields": .array(facts.map { plain("\($0.label)\n\($0.value)", fieldLimit) }),
            ])
        }
        if !message.warnings.isEmpty {
            let text = "Warnings\n" + message.warnings.map { "• \($0)" }.joined(separator: "\n")
            blocks.append(["type": "section", "text": plain(text, textLimit)])
        }
        if let rationale = message.rationale {
            blocks.append(["type": "section", "text": plain("Why, says the bot\n\(rationale)", textLimit)])
        }
        if let link = message.link { blocks.append(["type": "section", "text": review(link)]) }
        return blocks
    }

    /// Text that Slack shows as it is: it links nothing, mentions nobody and formats nothing.
    ///
    /// An empty one is refused.
    private static func plain(_ text: String, _ limit: Int) -> JSONValue {
        let shown = text.isEmpty ? "-" : PlainText.cut(text, limit: limit)
        return ["type": "plain_text", "text": .string(shown), "emoji": false]
    }

    private static func review(_ link: String) -> JSONValue {
        ["type": "mrkdwn", "text": .string("*<\(escape(link))|Review>*"), "verbatim": true]
    }

    /// The three characters that Slack asks to be escaped; with them nothing becomes a mention or a link.
    static func escape(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}
