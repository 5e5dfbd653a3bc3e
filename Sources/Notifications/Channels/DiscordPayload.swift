import Domain
import JSON

/// A message as a webhook of Discord wants it: one embed and a link button; nobody is ever mentioned.
///
/// Lengths are counted in UTF-16, which is never less than what Discord counts.
enum DiscordPayload {
    private static let contentLimit = 300
    private static let titleLimit = 256
    private static let descriptionLimit = 3000
    private static let embedLimit = 6000
    private static let fieldLimit = 25
    private static let nameLimit = 100
    private static let valueLimit = 600
    private static let buttonLinkLimit = 512
    private static let titleLinkLimit = 2048

    /// For a new message.
    static func post(_ message: Message) -> JSONValue {
        .object(body(message).merging(["username": "Countersign"]))
    }

    /// For `PATCH …/messages/{id}`: what that message says from now on.
    static func edit(_ message: Message) -> JSONValue { .object(body(message.changed)) }

    /// For a new message with the news alone, after one that can no longer be changed.
    static func followUp(_ message: Message) -> JSONValue {
        .object(body(message.short).merging(["username": "Countersign"]))
    }

    private static func body(_ message: Message) -> JSONObject {
        [
            "content": .string(escaped(message.headline, contentLimit)),
            "allowed_mentions": ["parse": []], "embeds": [embed(message)],
            "components": .array(components(message)),
        ]
    }

    private static func components(_ message: Message) -> [JSONValue] {
        guard let link = message.link, link.utf16.count <= buttonLinkLimit else { return [] }
        let label = JSONValue.string(PlainText.cut(message.linkLabel, limit: 80))
        return [["type": 1, "components": [["type": 2, "style": 5, "label": label, "url": .string(link)]]]]
    }

    private static func embed(_ message: Message) -> JSONValue {
        let title = escaped(message.matter ?? message.title, titleLimit)
        let description = PlainText.cut(description(message), limit: descriptionLimit)
        var embed: JSONObject = [
            "title": .string(title), "description": .string(description),
            "color": .integer(color(message.tone)), "timestamp": .string(message.writtenAt.rfc3339),
        ]
        if let link = message.link, link.utf16.count <= titleLinkLimit { embed["url"] = .string(link) }
        let room = embedLimit - title.utf16.count - description.utf16.count
        let fields = fields(message, room: room)
        if !fields.isEmpty { embed["fields"] = .array(fields) }
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
        if let link = message.link, link.utf16.count > titleLinkLimit {
            blocks.append("\(message.linkLabel): open Countersign; the address is too long for Discord.")
        }
        return blocks.filter { !$0.isEmpty }.joined(separator: "\n\n")
    }

    /// What is known first: fields that would exceed what an embed may hold in all are not sent.
    private static func fields(_ message: Message, room: Int) -> [JSONValue] {
        var room = room
        return (message.results + message.facts).prefix(fieldLimit).map { fact in
            (escaped(fact.label, nameLimit), escaped(fact.value, valueLimit), fact.value.count <= 30)
        }.prefix { name, value, _ in
            room -= name.utf16.count + value.utf16.count
            return room >= 0
        }.map { name, value, isShort in
            ["name": .string(name), "value": .string(value), "inline": .bool(isShort)]
        }
    }

    /// The text with a backslash before everything that Discord would act on, cut before it is escaped.
    ///
    /// It is shorter than the limit, ellipsis and all.
    static func escaped(_ text: String, _ limit: Int) -> String {
        var result = ""
        var count = 0
        for scalar in text.unicodeScalars {
            let piece = marks.contains(scalar) ? "\\\(scalar)" : "\(scalar)"
            count += piece.utf16.count
            if count >= limit { return result + "…" }
            result.unicodeScalars.append(contentsOf: piece.unicodeScalars)
        }
        return result.isEmpty ? "-" : result
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
