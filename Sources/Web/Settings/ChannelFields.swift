import Domain
import Gate
import JSON

/// The fields of a channel's forms, by kind, and what was typed into them.
enum ChannelFields {
    typealias Field = SettingsPage.Form.Field

    /// What is asked for a channel of that kind; `settings` are those that it has, where there is one already.
    static func fields(_ kind: ChannelKind, _ settings: ChannelSettings?) -> [Field] {
        let keep = settings == nil ? "" : " Empty: the one it has."
        let sealed = "It is stored sealed and never shown again."
        switch kind {
        case .slack:
            return [
                Field(
                    name: "url", label: "The webhook's address, or the app's bot token",
                    hint: "https://hooks.slack.com/… or xoxb-…. \(sealed)\(keep)", kind: .secret),
                Field(
                    name: "channel", label: "With a token: the channel's identity",
                    hint: "Such as C0123ABCD; it stands at the foot of the channel's details in Slack. "
                        + "A webhook knows its channel: leave this empty.",
                    value: settings?.conversation ?? ""), base(settings),
            ]
        case .discord:
            return [
                Field(
                    name: "url", label: "The webhook's address",
                    hint: "https://discord.com/api/webhooks/…. \(sealed)\(keep)", kind: .secret),
                Field(
                    name: "thread_id", label: "The thread's number",
                    hint: "Only where messages go to a thread of the channel.",
                    value: settings?.threadID ?? ""), base(settings),
            ]
        case .email:
            return [
                Field(
                    name: "smtp", label: "The mail server", hint: "Such as smtp://mail.example.com:587.",
                    value: settings?.smtp ?? ""),
                Field(
                    name: "smtp_user", label: "Whom to log in as", hint: "Where the server wants it.",
                    value: settings?.smtpUser ?? ""),
                Field(
                    name: "url", label: "The password",
                    hint: sealed + keep
                        + (settings == nil ? "" : " Needed again where the server or the login changes."),
                    kind: .secret),
                Field(
                    name: "from", label: "The sender", hint: "A mail address.", value: settings?.from ?? ""),
                Field(
                    name: "to", label: "The recipient", hint: "Where it is not the person's own address.",
                    value: settings?.to ?? ""),
            ]
        }
    }

    private static func base(_ settings: ChannelSettings?) -> Field {
        Field(
            name: "base_url", label: "By way of",
            hint: "A proxy's address in place of the provider's own. Usually empty.",
            value: settings?.baseURL ?? "")
    }

    /// The settings that were typed.
    static func settings(_ visit: SettingsVisit) -> ChannelSettings {
        ChannelSettings(
            baseURL: visit.text("base_url"), conversation: visit.text("channel"),
            threadID: visit.text("thread_id"), smtp: visit.text("smtp"),
            smtpUser: visit.text("smtp_user"), from: visit.text("from"), to: visit.text("to"))
    }

    /// The secret that was typed; nil where the field was left empty.
    static func secret(_ visit: SettingsVisit) -> String? { visit.text("url") }

    /// A channel that would mix up Slack's two ways, in the words of the form.
    static func requireOneWay(_ secret: String?, _ conversation: String?) throws {
        guard let secret else { return }
        if secret.hasPrefix("xox"), conversation == nil {
            throw Refusal.invalid([
                JSONFault(pointer: "/channel", detail: "is needed with a token: it says where to post")
            ])
        }
        if secret.hasPrefix("http"), conversation != nil {
            throw Refusal.invalid([
                JSONFault(pointer: "/channel", detail: "must be empty: a webhook's address has its channel")
            ])
        }
    }
}

extension Refusal {
    /// The same refusal where the secret's field has one name, whatever it is, and nobody types commands.
    var aboutChannelForm: Refusal {
        guard code == .validation else { return self }
        return .invalid(
            faults.map { fault in
                let isSecret = ["/token", "/password", "/url"].contains(fault.pointer)
                let words = fault.detail.replacing(", by standard input", with: "")
                    .replacing(
                        "goes with --channel, by --token-stdin", with: "goes with the channel's identity"
                    )
                    .replacing(
                        "goes without --channel, by --url-stdin", with: "goes without a channel's identity")
                return JSONFault(pointer: isSecret ? "/url" : fault.pointer, detail: words)
            })
    }
}
