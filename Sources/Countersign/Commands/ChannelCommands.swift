import Console
import Domain
import Gate
import JSON
import Notifications
import Store

/// `channel …`: where messages to people go.
enum ChannelCommands {
    static let all = [add, list, test, disable, enable, replay]

    private static let name = CommandShape.Operand("NAME", "the channel's name")

    private static let add = Command(
        CommandShape(
            "channel add", "Adds a channel.", operands: [.init("KIND", "slack, discord or email")],
            options: [
                .init("name", "NAME", "what to call it", isRequired: true),
                .init("user", "NAME", "whom it belongs to; nobody's channel asks who you are"),
                .init(
                    "channel", "ID", "slack, with a bot's token: the channel's identity, such as C0123ABCD"),
                .init("thread-id", "ID", "discord: the thread of the webhook's channel to write to"),
                .init("smtp", "URL", "email: the mail server, such as smtp://127.0.0.1:2525"),
                .init("smtp-user", "NAME", "email: whom to log in as"),
                .init("from", "ADDRESS", "email: the sender"),
                .init("to", "ADDRESS", "email: the recipient, where it is not its user's address"),
                .init("base-url", "URL", "another place for the provider, for tests and proxies"),
            ],
            secrets: [
                .init("url", "slack, discord: the incoming webhook's address"),
                .init("token", "slack: the token of a bot, which can change its messages (scope chat:write)"),
                .init("password", "email: the mail server's password"),
            ], printsData: true,
            notes: """
                The webhook's address, the token and the password are stored sealed.

                  countersign channel add slack --name desk --channel C0123ABCD --token-stdin < token.txt
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
            notes:
                "The message asks for no decision. COUNTERSIGN_ALLOW_PRIVATE_TARGETS counts as it does for the server."
        )
    ) { call in
        let name = try call.invocation.required("NAME")
        let settings = try call.settings(ServerSettings.init)
        let logger = call.logger(settings.logLevel)
        let (arrived, words) = try await call.onDatabase(needsKey: true) { gate in
            let ground = try DeliveryContext(
                gate: gate, resources: try Resources.find(settings.database.resources),
                settings: settings, worker: nil, logger: logger)
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

    private static let enable = Command(
        CommandShape(
            "channel enable", "Takes a disabled channel into use again.", operands: [name],
            secrets: [
                .init("url", "slack, discord: another webhook's address"),
                .init("token", "slack: another token of the bot"),
                .init("password", "email: another password"),
            ],
            notes: """
                Mend first what was wrong; the reason is shown by "channel list". What was given up meanwhile is sent
                again with "channel replay".
                """)
    ) { call in
        let name = try call.invocation.required("NAME")
        var secret: String?
        for kind in ["url", "token", "password"] { secret = try secret ?? call.secret(kind) }
        let replacement = secret
        let enabled = try await call.onDatabase(needsKey: true) { gate in
            try await Channels(gate).enable(named: name, secret: replacement, by: Call.actor)
        }
        guard let enabled else {
            guard replacement == nil else {
                throw CommandFailure(
                    "\(name) is in use; to give it another secret, disable it first: countersign channel disable \(name)"
                )
            }
            Output.say("\(name) was in use already.")
            return .done
        }
        Output.say(
            "\(enabled.channel.name) is in use again. Try it: countersign channel test \(enabled.channel.name)"
        )
        if enabled.deadLetters > 0 {
            Output.say(
                "\(enabled.deadLetters) of its messages were given up meanwhile and are still of use. Send them: "
                    + "countersign channel replay \(enabled.channel.name)")
        }
        return .done
    }

    private static let replay = Command(
        CommandShape(
            "channel replay", "Sends again what a channel did not take.",
            operands: [.init("NAME", "the channel's name, or worker")],
            options: [.init("dry-run", nil, "only tell how many there are")],
            notes: "What expired, and questions that are settled, stay given up.")
    ) { call in
        let name = try call.invocation.required("NAME")
        let isTrial = call.invocation.has("dry-run")
        let replay = try await call.onDatabase(needsKey: true) { gate in
            try await DeadLetters(gate).retryAll(of: name, isTrial: isTrial, by: Call.actor)
        }
        let late = replay.leftOut == 0 ? "" : " \(replay.leftOut) came too late and stay given up."
        Output.say(
            isTrial
                ? "\(replay.queued) would be sent to \(replay.destination) again.\(late)"
                : "\(replay.queued) wait to be sent to \(replay.destination) again.\(late)")
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
        case .slack where invocation.value("channel") != nil: secret = try requiredSecret("token", call)
        case .slack, .discord: secret = try requiredSecret("url", call)
        case .email: secret = try call.secret("password")
        }
        return NewChannel(
            kind: kind, name: try invocation.required("name"), userName: invocation.value("user"),
            settings: ChannelSettings(
                baseURL: invocation.value("base-url"), conversation: invocation.value("channel"),
                threadID: invocation.value("thread-id"), smtp: invocation.value("smtp"),
                smtpUser: invocation.value("smtp-user"), from: invocation.value("from"),
                to: invocation.value("to")),
            secret: secret)
    }

    private static func requiredSecret(_ name: String, _ call: Call) throws -> String {
        if let secret = try call.secret(name) { return secret }
        let other = try call.secret(name == "url" ? "token" : "url")
        let words =
            switch (name, other) {
            case ("token", _):
                "With --channel, pipe the bot's token in with --token-stdin, or name a file: --token-file FILE."
            case (_, .some): "A bot's token needs to know where to post: --channel C0123ABCD."
            case (_, .none):
                "Pipe the webhook's address in with --url-stdin, or name a file: --url-file FILE."
            }
        throw UsageError(words, command: "channel add")
    }
}
