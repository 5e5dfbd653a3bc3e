import Domain
import JSON

/// A message as a webhook of Discord wants it: one embed and a link button; nobody is ever mentioned.
enum DiscordPayload {
    private static let contentLimit = 300
    private static let titleLimit = 256
    private static let descriptionLimit = 3000
    private static let fieldLimit = 25
    private static let valueLimit = 400
    private static let linkLimit = 512

    static func json(_ message: Message) -> JSONValue {
        var payload: JSONObject = [
            "username": "Countersign", "content": .string(escaped(message.headline, contentLimit)),
            "allowed_mentions": ["parse": []], "embeds": [embed(message)],
        ]
        if let link = message.link, link.utf8.count <= linkLimit {
            payload["components"] = [
                [
                    "type": 1,
                    "components": [["type": 2, "style": 5, "label": "Review", "url": .string(link)]],
                ]
            ]
        }
        return .object(payload)
    }

    private static func embed(_ message: Message) -> JSONValue {
        var embed: JSONObject = [
            "title": .string(escaped(message.title, titleLimit)),
            "description": .string(PlainText.cut(description(message), limit: descriptionLimit)),
            "color": .integer(color(message.tone)), "timestamp": .string(message.writtenAt.rfc3339),
        ]
        if let link = message.link, link.utf8.count <= 2048 { embed["url"] = .string(link) }
        let fields = message.facts.prefix(fieldLimit).map { fact -> JSONValue in
            [
                "name": .string(escaped(fact.label, 100)),
                "value": .string(fact.value.isEmpty ? "-" : escaped(fact.value, valueLimit)),
                "inline": .bool(fact.value.unicodeScalars.count <= 30),
            ]
        }
        if !fields.isEmpty { embed["fields"] = .array(trimmed(fields)) }
        return .object(embed)
    }

    private static func description(_ message: Message) -> String {
        var blocks = [escaped(message.summary, 800)]
        if !message.warnings.isEmpty {
            blocks.append(message.warnings.map { "⚠ " + escaped($0, 150) }.joined(separator: "\n"))
        }
        if let rationale = message.rationale {
            blocks.append("**Why, says the bot**\n" + escaped(rationale, 1200))
        }
        return blocks.filter { !$0.isEmpty }.joined(separator: "\n\n")
    }

    /// All texts of an embed together may have 6,000 characters: fields that would exceed what is left are not sent.
    private static func trimmed(_ fields: [JSONValue]) -> [JSONValue] {
        var room = 6000 - descriptionLimit - titleLimit - 200
        return fields.prefix { field in
            room -=
                (field["name"]?.stringValue?.utf16.count ?? 0)
                + (field["value"]?.stringValue?.utf16.count ?? 0)
            return room >= 0
        }
    }

    /// The text with a backslash before everything that Discord would act on, cut before it is escaped.
    static func escaped(_ text: String, _ limit: Int) -> String {
        var result = ""
        var count = 0
        for scalar in text.unicodeScalars {
            let piece = marks.contains(scalar) ? "\\\(scalar)" : "\(scalar)"
            count += piece.utf16.count
            if count >= limit { return result + "…" }
            result.unicodeScalars.append(contentsOf: piece.unicodeScalars)
        }
        return result
    }

    private static let marks = Set("\\*_~`|<>[]()#@:-".unicodeScalars)

    private static func color(_ tone: Message.Tone) -> Int {
        switch tone {
        case .asks: 0xE6_A23C
        case .good: 0x2E_7D32
        case .bad: 0xC6_2828
        case .neutral: 0x60_7D8B
        case .alarm: 0x8E_0000
        }
    }
}
