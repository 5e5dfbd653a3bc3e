import Console
import Domain
import FoundationEssentials
import JSON
import Notifications
import Templates

/// `notify …`: what messages look like.
enum NotifyCommands {
    static let all = [preview]

    private static let preview = Command(
        CommandShape(
            "notify preview", "Prints what a message looks like, for a made-up trade.",
            options: [
                .init("type", "KIND", "what it tells", isRequired: true),
                .init("channel", "CHANNEL", "slack, slack-bot, discord or email", isRequired: true),
                .init("as", "PLACE", "slack-bot, discord: new (or left out), edit or reply"),
                .init("live", nil, "as where real money is at stake"),
                .init("rationale-file", "FILE", "the bot's reasons, instead of the sample's"),
                .init("part", "PART", "email: text or html alone, not the whole mail"),
            ], printsData: true,
            notes: """
                It needs no database and no server, and sends nothing: the payload is exactly what would be sent.
                With --json it stands in a document with its kind and channel; a mail is taken apart into subject, text and
                html.

                Kinds:
                \(folded(MessageSample.kinds))

                  countersign notify preview --type approval-requested --channel slack
                  countersign notify preview --type order-filled --channel slack-bot --as edit
                  countersign notify preview --type approval-requested --channel email --part html > mail.html
                """)
    ) { call in
        let kind = try call.invocation.required("type")
        let medium = try call.invocation.word("channel", as: MessagePreview.Medium.self) ?? .slack
        let placement = try call.invocation.word("as", as: MessagePreview.Placement.self) ?? .new
        let preview = try preview(call)
        guard let message = preview.message(kind, for: medium) else {
            throw usage(
                "There is no kind of message \(kind). See the list at the end of the command's --help.")
        }
        if medium == .email { return try show(mail: message, preview, kind, placement, call) }
        guard let payload = preview.payload(message, medium, placement) else {
            throw usage("A message to an incoming webhook of Slack is always new: it cannot be changed.")
        }
        let document: JSONValue = [
            "type": .string(kind), "channel": .string(medium.rawValue), "as": .string(placement.rawValue),
            "payload": payload,
        ]
        Output.show(document, asJSON: call.wantsJSON) { payload.serialized() }
        return .done
    }

    private static func preview(_ call: Call) throws -> MessagePreview {
        let environment = ProcessInfo.processInfo.environment
        let resources = try Resources.find(environment["COUNTERSIGN_RESOURCES"])
        var preview = MessagePreview(
            templates: try TemplateSet(directory: resources.templates),
            publicURL: "https://countersign.example.com")
        if call.invocation.has("live") { preview.sample.mode = .live }
        if let path = call.invocation.value("rationale-file") {
            guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
                throw usage("--rationale-file: \(path) cannot be read as UTF-8.")
            }
            preview.sample.rationale = text
        }
        return preview
    }

    private static func show(
        mail message: Message, _ preview: MessagePreview, _ kind: String,
        _ placement: MessagePreview.Placement, _ call: Call
    ) throws -> ExitCode {
        guard placement == .new else { throw usage("A mail is always new: it cannot be changed.") }
        let parts = try preview.mailParts(message)
        if call.wantsJSON {
            let document: JSONObject = ["type": .string(kind), "channel": "email", "as": "new"]
            Output.print(JSONValue.object(document.merging(parts.objectValue ?? [:])).serialized())
            return .done
        }
        switch call.invocation.value("part") {
        case nil: Output.print(try preview.mail(message), terminator: "")
        case let part? where ["text", "html"].contains(part):
            Output.print(parts[part]?.stringValue ?? "", terminator: "")
        case let part?: throw usage("There is no part \(part) of a mail; there are text and html.")
        }
        return .done
    }

    private static func usage(_ words: String) -> UsageError {
        UsageError(words, command: "notify preview")
    }

    /// The words in lines that fit a terminal.
    private static func folded(_ words: [String]) -> String {
        var lines = [" "]
        for word in words {
            if lines[lines.count - 1].count + word.count > 96 { lines.append(" ") }
            lines[lines.count - 1] += " \(word)"
        }
        return lines.joined(separator: "\n")
    }
}
