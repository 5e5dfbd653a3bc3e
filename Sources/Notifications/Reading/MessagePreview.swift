import Cryptography
import Domain
import HTTPClient
package import JSON
package import Templates

/// Shows the exact payload of a message about a made-up trade: `countersign notify preview`.
///
/// It is written by what writes real messages.
package struct MessagePreview: Sendable {
    /// For what a message is dressed.
    package enum Medium: String, Sendable, Hashable, CaseIterable {
        /// An incoming webhook of Slack.
        case slack
        /// Slack's Web API with a bot's token.
        case slackBot = "slack-bot"
        case discord
        case email
    }

    /// Where it goes: below others, in the place of an older one, or under it.
    package enum Placement: String, Sendable, Hashable, CaseIterable {
        case new, edit, reply
    }

    private let content: MailContent
    private let writer: MessageWriter
    private let host: String
    package var sample = MessageSample()

    /// Previews whose links lead to one public address; personal ones open nothing.
    package init(templates: TemplateSet, publicURL: String) {
        let links = MessageLinks(publicURL: publicURL, key: SecretBytes([UInt8](repeating: 0, count: 32)))
        content = MailContent(templates: templates)
        writer = MessageWriter(links: links)
        host = links.host
    }

    /// The message of that kind; nil where there is none.
    package func message(_ kind: String, for medium: Medium) -> Message? {
        guard let subject = sample.subject(kind) else { return nil }
        return writer.message(on: subject, for: medium == .email ? MessageSample.identifier(1) : nil)
    }

    /// What a chat is sent; nil for mail, and where a medium has no such place for a message.
    package func payload(_ message: Message, _ medium: Medium, _ placement: Placement) -> JSONValue? {
        let (channel, stamp) = ("C0123456789", "1795201500.000100")
        switch (medium, placement) {
        case (.slack, .new): return SlackPayload.webhook(message)
        case (.slack, .edit), (.slack, .reply), (.email, _): return nil
        case (.slackBot, .new): return SlackPayload.post(message, channel: channel)
        case (.slackBot, .edit): return SlackPayload.update(message, channel: channel, timestamp: stamp)
        case (.slackBot, .reply): return SlackPayload.reply(message, channel: channel, thread: stamp)
        case (.discord, .new): return DiscordPayload.post(message)
        case (.discord, .edit): return DiscordPayload.edit(message)
        case (.discord, .reply): return DiscordPayload.followUp(message)
        }
    }

    /// The whole mail as it goes over the wire.
    package func mail(_ message: Message) throws -> String {
        guard let from = MailAddress("countersign@example.com"), let to = MailAddress("ana@example.com")
        else {
            return ""
        }
        let data = try content.mail(
            message, from: Mailbox(from, name: "Countersign"), to: Mailbox(to, name: "Ana"),
            deliveryID: MessageSample.identifier(5).text, host: host)
        return String(decoding: data, as: UTF8.self)
    }

    /// A mail's subject, text and HTML.
    package func mailParts(_ message: Message) throws -> JSONValue {
        [
            "subject": .string(message.headline), "text": .string(message.plainText),
            "html": .string(try content.html(message)),
        ]
    }
}
