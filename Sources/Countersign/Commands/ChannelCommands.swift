import Console
import Domain
import Gate
import JSON
import Notifications
import Store

/// `channel …`: where messages to people go.
enum ChannelCommands {
    static let all = [add, list, test, disable]

    private static let name = CommandShape.Operand("NAME", "the channel's name")

    private static let add = Command(
        CommandShape(
            "channel add", "Adds a channel.", operands: [.init("KIND", "slack, discord or email")],
            options: [
                .init("name", "NAME", "what to call it", isRequired: true),
                .init("user", "NAME", "whom it belongs to; nobody's channel asks who you are"),
                .init("smtp", "URL", "email: the mail server, such as smtp://127.0.0.1:2525"),
                .init("smtp-user", "NAME", "email: whom to log in as"),
                .init("from", "ADDRESS", "email: the sender"),
                .init("to", "ADDRESS", "email: the recipient, where it is not its user's address"),
                .init("base-url", "URL", "another place for the provider, for tests and proxies"),
            ],
            secrets: [
                .init("url", "slack, discord: the incoming webhook's address"),
                .init("password", "email: the mail server's password"),
            ], printsData: true,
            notes: """
                The webhook's address and the password are stored sealed.

                  printf https://hooks.slack.com/services/T/B/x | countersign channel add slack --name desk --url-stdin
                  countersign channel add email --name alice --user alice --smtp smtp://127.0.0.1:2525 \\
                      --from countersign@example.com
                """)
    ) { call in
        let channel = try newChannel(call)
        let record = try await call.onDatabase(needsKey: true) { gate in
            try await Channels(gate).add(channel, by: Call.actor)
        }
        Output.show(record.json, asJSON: call.wantsJSON) {
            "Added the \(record.kind.rawValue) channel \(record.name). Try it: countersign channel test \(record.name)"
        }
        return .done
    }

    private static let list = Command(
        CommandShape("channel list", "Lists channels, without their secrets.", printsData: true)
    ) { call in
        let channels = try await call.onDatabase(needsKey: true) { gate in try await Channels(gate).list() }
        Output.show(.array(channels.map(\.json)), asJSON: call.wantsJSON) {
            Output.table(
                ["NAME", "KIND", "USER", "STATE"],
                channels.map { channel in
                    [
                        channel.name, channel.kind.rawValue, channel.userName ?? "-",
                        channel.disabledAt == nil ? "active" : "disabled: \(channel.disabledReason ?? "")",
                    ]
                })
        }
        return .done
    }

    private static let test = Command(
        CommandShape(
            "channel test", "Sends a test message to a channel, now.", operands: [name],
            notes: "It asks for nothing. COUNTERSIGN_ALLOW_PRIVATE_TARGETS counts as it does for the server.")
    ) { call in
        let name = try call.invocation.required("NAME")
        let settings = try call.settings(ServerSettings.init)
        let logger = call.logger(settings.logLevel)
        let (arrived, words) = try await call.onDatabase(needsKey: true) { gate in
            let ground = try DeliveryContext(
                gate: gate, resources: try Resources.find(settings.database.resources),
                publicURL: settings.publicURL, egress: settings.egress, worker: nil, logger: logger)
            return try await ChannelTest(ground).send(channel: name)
        }
        guard arrived else { throw CommandFailure(words) }
        Output.say(words)
        return .done
    }

    private static let disable = Command(
        CommandShape(
            "channel disable", "Takes a channel out of use.", operands: [name],
            options: [.init("reason", "WORDS", "why")],
            notes: "What waits for it is given up. Its name stays taken.")
    ) { call in
        let name = try call.invocation.required("NAME")
        let reason = call.invocation.value("reason") ?? "disabled at the command line"
        let changed = try await call.onDatabase(needsKey: true) { gate in
            try await Channels(gate).disable(named: name, reason: reason, by: Call.actor)
        }
        Output.say(changed ? "\(name) is disabled." : "\(name) was disabled already.")
        return .done
    }

    private static func newChannel(_ call: Call) throws -> NewChannel {
        let invocation = call.invocation
        let word = try invocation.required("KIND")
        guard let kind = ChannelKind(rawValue: word) else {
            let known = ChannelKind.allCases.map(\.rawValue).joined(separator: ", ")
            throw UsageError(
                "There is no kind of channel \(word); there are \(known).", command: "channel add")
        }
        let secret: String?
        switch kind {
        case .slack, .discord:
            secret = try call.secret("url")
            guard secret != nil else {
                throw UsageError(
                    "Pipe the webhook's address in with --url-stdin, or name a file: --url-file FILE.",
                    command: "channel add")
            }
        case .email: secret = try call.secret("password")
        }
        return NewChannel(
            kind: kind, name: try invocation.required("name"), userName: invocation.value("user"),
            settings: ChannelSettings(
                baseURL: invocation.value("base-url"), smtp: invocation.value("smtp"),
                smtpUser: invocation.value("smtp-user"), from: invocation.value("from"),
                to: invocation.value("to")),
            secret: secret)
    }
}
