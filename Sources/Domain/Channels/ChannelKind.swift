package import JSON

/// The kinds of destination that messages to people go to.
package enum ChannelKind: String, Sendable, Hashable, CaseIterable {
    case slack, discord, email

    /// Whether a channel of this kind cannot work without a secret: the webhook's whole address.
    package var needsSecret: Bool {
        switch self {
        case .slack, .discord: true
        case .email: false
        }
    }
}

/// What a channel is set up with besides its secret; stored as JSON in `channels.settings`.
///
/// The secret, sealed in `channels.sealed_secret`, is the webhook's address for Slack and Discord, for Slack with a
/// conversation the bot's token, and for mail the password of the mail server where there is one.
package struct ChannelSettings: Sendable, Hashable {
    /// What stands in place of the provider's scheme, host and port.
    package var baseURL: String?
    /// Slack: the conversation that a bot posts to, by its identity; nil for an incoming webhook.
    package var conversation: String?
    /// Discord: the thread of the webhook's channel that messages go to.
    package var threadID: String?
    /// Where mail is handed in, without credentials: `smtp://127.0.0.1:2525`.
    package var smtp: String?
    /// Whom to log in to the mail server as.
    package var smtpUser: String?
    /// The mail's sender.
    package var from: String?
    /// The mail's recipient; nil for the address of the user whom the channel belongs to.
    package var to: String?

    /// Settings.
    package init(
        baseURL: String? = nil, conversation: String? = nil, threadID: String? = nil, smtp: String? = nil,
        smtpUser: String? = nil, from: String? = nil, to: String? = nil
    ) {
        self.baseURL = baseURL
        self.conversation = conversation
        self.threadID = threadID
        self.smtp = smtp
        self.smtpUser = smtpUser
        self.from = from
        self.to = to
    }

    /// The settings in a stored document; what it does not name is nil.
    package init(json: JSONValue) {
        baseURL = json["base_url"]?.stringValue
        conversation = json["channel"]?.stringValue
        threadID = json["thread_id"]?.stringValue
        smtp = json["smtp"]?.stringValue
        smtpUser = json["smtp_user"]?.stringValue
        from = json["from"]?.stringValue
        to = json["to"]?.stringValue
    }

    /// The document that is stored and shown; it holds no secret.
    package var json: JSONValue {
        var object = JSONObject()
        object["base_url"] = baseURL.map(JSONValue.string)
        object["channel"] = conversation.map(JSONValue.string)
        object["thread_id"] = threadID.map(JSONValue.string)
        object["smtp"] = smtp.map(JSONValue.string)
        object["smtp_user"] = smtpUser.map(JSONValue.string)
        object["from"] = from.map(JSONValue.string)
        object["to"] = to.map(JSONValue.string)
        return .object(object)
    }

    /// Whether messages in a channel of that kind can be changed after they were sent.
    package func changesMessages(_ kind: ChannelKind) -> Bool {
        switch kind {
        case .slack: conversation != nil
        case .discord: true
        case .email: false
        }
    }

    /// What the sealed secret is bound to, so that a box moved to another channel does not open.
    package static func sealingContext(of channelID: Identifier) -> [UInt8] {
        Array("channels/\(channelID)/sealed_secret".utf8)
    }
}
