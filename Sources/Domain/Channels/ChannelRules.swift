package import JSON

/// A channel about to be set up.
package struct NewChannel: Sendable, Hashable {
    package let kind: ChannelKind
    package let name: String
    /// Whom it belongs to; nil for nobody's channel, whose link asks who you are.
    package let userName: String?
    package let settings: ChannelSettings
    /// The webhook's address, the bot's token, or the mail server's password.
    package let secret: String?

    /// A channel; spaces and line breaks around the secret are not part of it.
    package init(
        kind: ChannelKind, name: String, userName: String? = nil,
        settings: ChannelSettings = ChannelSettings(),
        secret: String? = nil
    ) {
        self.kind = kind
        self.name = name
        self.userName = userName
        self.settings = settings
        let bare = secret?.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()
        self.secret = bare.map { String($0) }
    }

    /// Everything that is wrong with it; no fault repeats the secret.
    ///
    /// `userEmail` is the address of its user.
    package func faults(userEmail: String?) -> [JSONFault] {
        var faults: [JSONFault] = []
        if !Names.isThingName(name) {
            faults.append(JSONFault(pointer: "/name", detail: Names.thingNameRule))
        }
        switch kind {
        case .slack: faults += settings.conversation == nil ? webhookFaults : botFaults
        case .discord: faults += webhookFaults
        case .email: faults += mailFaults(userEmail: userEmail)
        }
        return faults
    }

    // MARK: webhooks

    private var webhookFaults: [JSONFault] {
        var faults = foreignFaults + baseFaults
        if kind == .discord, settings.conversation != nil {
            faults += unexpected([("channel", settings.conversation)])
        }
        if let thread = settings.threadID, kind == .discord, !Self.isSnowflake(thread) {
            faults.append(
                JSONFault(
                    pointer: "/thread_id", detail: "must be the thread's number, such as 1180000000000000000")
            )
        }
        if let detail = webhookObjection { faults.append(JSONFault(pointer: "/url", detail: detail)) }
        return faults
    }

    /// Settings that belong to other kinds.
    private var foreignFaults: [JSONFault] {
        unexpected([
            ("smtp", settings.smtp), ("smtp_user", settings.smtpUser), ("from", settings.from),
            ("to", settings.to), ("thread_id", kind == .discord ? nil : settings.threadID),
        ])
    }

    private var baseFaults: [JSONFault] {
        guard let base = settings.baseURL, ChannelAddress(base, schemes: ["http", "https"]) == nil else {
            return []
        }
        return [
            JSONFault(pointer: "/base_url", detail: "must be an address such as https://proxy.example.com")
        ]
    }

    /// A Slack app's token, and the conversation it posts to.
    private var botFaults: [JSONFault] {
        var faults = foreignFaults + baseFaults
        if let conversation = settings.conversation, !Self.isConversation(conversation) {
            faults.append(
                JSONFault(
                    pointer: "/channel",
                    detail: "must be the channel's identity, such as C0123ABCD: it stands at the foot of the "
                        + "channel's details in Slack"))
        }
        if let detail = tokenObjection { faults.append(JSONFault(pointer: "/token", detail: detail)) }
        return faults
    }

    private var tokenObjection: String? {
        guard let secret, !secret.isEmpty else {
            return "is required: the bot's token, which begins with xoxb-, by standard input"
        }
        if secret.hasPrefix("https://") {
            return "must be the bot's token; a webhook's address goes without --channel, by --url-stdin"
        }
        guard secret.hasPrefix("xoxb-"), (15...400).contains(secret.utf8.count),
            secret.utf8.allSatisfy({ Self.isLetterOrDigit($0) || $0 == UInt8(ascii: "-") })
        else {
            return
                "must be the token of a bot, which begins with xoxb- (OAuth & Permissions in the app's settings)"
        }
        return nil
    }

    private static func isConversation(_ text: String) -> Bool {
        guard let first = text.first, "CGD".contains(first), (3...32).contains(text.utf8.count) else {
            return false
        }
        return text.utf8.allSatisfy { isLetterOrDigit($0) && !(97...122).contains($0) }
    }

    private static func isSnowflake(_ text: String) -> Bool {
        (1...20).contains(text.utf8.count) && text.utf8.allSatisfy { (48...57).contains($0) }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122: true
        default: false
        }
    }

    private var webhookObjection: String? {
        guard let secret, !secret.isEmpty else {
            return "is required: the webhook's whole address, by standard input"
        }
        if secret.hasPrefix("xox") {
            return "must be the webhook's whole address; a bot's token goes with --channel, by --token-stdin"
        }
        guard let address = ChannelAddress(secret, schemes: ["http", "https"]) else {
            return "must be the webhook's whole address, https://…, without credentials or spaces"
        }
        guard address.path.utf8.count > 1 else {
            return "must be the webhook's whole address: what follows the host is missing"
        }
        guard address.scheme == "https" || address.isLoopback || settings.baseURL != nil else {
            return "must begin with https://, or everybody on the way could read the messages"
        }
        return nil
    }

    // MARK: mail

    private func mailFaults(userEmail: String?) -> [JSONFault] {
        var faults = unexpected([("channel", settings.conversation), ("thread_id", settings.threadID)])
        func add(_ key: String, _ detail: String) {
            faults.append(JSONFault(pointer: "/\(key)", detail: detail))
        }
        for (key, server) in [("smtp", settings.smtp), ("base_url", settings.baseURL)] {
            guard let server else { continue }
            let address = ChannelAddress(server, schemes: ["smtp", "smtps"])
            if address == nil || (address?.path.utf8.count ?? 0) > 1 {
                add(key, "must be smtp://host:port or smtps://host:port, without credentials")
            }
        }
        if settings.smtp == nil { add("smtp", "is required: smtp://host:port or smtps://host:port") }
        switch settings.from {
        case .none: add("from", "is required: the sender's mail address")
        case .some(let from) where !Names.isMailAddress(from): add("from", "must be a mail address")
        case .some: break
        }
        if let to = settings.to {
            if !Names.isMailAddress(to) { add("to", "must be a mail address") }
        } else if userEmail == nil {
            add("to", "is required where the channel belongs to nobody who has a mail address")
        }
        return faults + loginFaults
    }

    private var loginFaults: [JSONFault] {
        let isText: (String) -> Bool = { text in
            (1...256).contains(text.utf8.count)
                && text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        }
        switch (settings.smtpUser, secret) {
        case (.none, .none): return []
        case (.none, .some):
            return [JSONFault(pointer: "/smtp_user", detail: "is required where there is a password")]
        case (.some, .none):
            return [JSONFault(pointer: "/password", detail: "is required where there is a user to log in as")]
        case (.some(let user), .some(let password)):
            var faults: [JSONFault] = []
            if !isText(user) {
                faults.append(JSONFault(pointer: "/smtp_user", detail: "must be 1 to 256 plain characters"))
            }
            if !isText(password) {
                faults.append(JSONFault(pointer: "/password", detail: "must be 1 to 256 plain characters"))
            }
            return faults
        }
    }

    private func unexpected(_ settings: [(String, String?)]) -> [JSONFault] {
        settings.filter { $0.1 != nil }.map { key, _ in
            JSONFault(pointer: "/\(key)", detail: "is not a setting of a channel of kind \(kind.rawValue)")
        }
    }
}

extension NewChannel: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "\(kind.rawValue) channel \(name)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["kind": kind.rawValue, "name": name]) }
}
