import Domain
import Gate
import HTTPServer
import JSON
import Postgres
import Store

extension RouteTable {
    /// Where messages go, and whether they arrive.
    mutating func addChannelSettings() {
        settings(
            "/settings/channels", isFor: \.canAudit, mayChange: \.canAdminister,
            { visit in try await channelsPage(visit) }, { visit in try await addChannel(visit) })
        settings(
            "/settings/channels/{id}", isFor: \.canAudit, mayChange: \.canAdminister,
            { visit in try await ChannelPage(visit).page }, { visit in try await ChannelPage(visit).change() }
        )
    }
}

private func channelsPage(_ visit: SettingsVisit) async throws -> SettingsPage {
    let channels = try await Channels(visit.context.gate).list()
    let activity = try await visit.context.gate.pool.withSnapshot { try ChannelActivity.read(in: $0) }
    let rows = channels.map { channel -> [SettingsPage.Part.Cell] in
        let seen = activity[channel.id]
        return [
            .init(channel.name, address: "/settings/channels/\(channel.id)"), .init(channel.wayWords),
            .init(channel.userName ?? "nobody's"), .init(channel.stateWords),
            .init(seen?.lastSuccess?.tableWords ?? "never"), .init(seen?.failureWords ?? "never"),
        ]
    }
    var page = SettingsPage(
        title: "Channels",
        lead: "Where messages go. A channel belongs to a person, whose links it carries, or to nobody.",
        parts: [
            .init(
                title: "All channels",
                words: rows.isEmpty
                    ? "There are none; messages are kept on the list of deliveries."
                    : "A name opens the channel's page: test it, change it, take it out of use and back.",
                columns: ["Name", "Kind", "Whose", "State", "Last success", "Last failure"], rows: rows)
        ])
    guard visit.mayChange else { return page }
    let people = try await visit.context.identity.users().filter { $0.disabledAt == nil }
    page.forms = ChannelKind.allCases.map { form(adding: $0, people.map(\.name)) }
    return page
}

private func form(adding kind: ChannelKind, _ people: [String]) -> SettingsPage.Form {
    .init(
        id: kind.rawValue, title: "Add \(kind.title)", words: kind.hintWords,
        fields: [
            .init(name: "name", label: "Name", hint: "What it is called here. It stays taken."),
            .init(
                name: "user", label: "Whose",
                kind: .choice([("", "nobody's: its link asks who you are")] + people.map { ($0, $0) })),
        ] + ChannelFields.fields(kind, nil), buttons: [("\(kind.rawValue)-add", "Add \(kind.title)", false)])
}

private func addChannel(_ visit: SettingsVisit) async throws -> HTTPResponse {
    guard let kind = ChannelKind(rawValue: visit.form), visit.action == "\(kind.rawValue)-add" else {
        throw Problem.malformed("The form says none of the things that can be done here.")
    }
    let settings = ChannelFields.settings(visit)
    let secret = ChannelFields.secret(visit)
    if kind == .slack { try ChannelFields.requireOneWay(secret, settings.conversation) }
    do {
        let channel = try await Channels(visit.context.gate).add(
            NewChannel(
                kind: kind, name: visit.text("name") ?? "", userName: visit.text("user"), settings: settings,
                secret: secret), by: visit.actor)
        return visit.goOn("channel", to: "/settings/channels/\(channel.id)")
    } catch let refusal as Refusal {
        throw refusal.aboutChannelForm
    }
}

extension ChannelKind {
    fileprivate var title: String {
        switch self {
        case .slack: "a Slack channel"
        case .discord: "a Discord channel"
        case .email: "a mail address"
        }
    }

    fileprivate var hintWords: String {
        switch self {
        case .slack:
            "With an app's bot token each proposal has one message, which changes with it. With a webhook each news is a "
                + "message of its own."
        case .discord: "Each proposal has one message, which changes with it."
        case .email: "Each news is a mail; those about one proposal hang together."
        }
    }
}

extension ChannelRecord {
    /// By what way messages go: `Slack, by bot token to C0123ABCD`.
    var wayWords: String {
        switch kind {
        case .slack: settings.conversation.map { "Slack, by bot token to \($0)" } ?? "Slack, by webhook"
        case .discord: settings.threadID.map { "Discord, thread \($0)" } ?? "Discord"
        case .email: "mail" + (settings.to.map { " to \($0)" } ?? "")
        }
    }

    /// Whether it is in use, and if not why.
    var stateWords: String { disabledReason.map { "disabled: \($0)" } ?? "in use" }
}

extension ChannelActivity {
    /// When it last failed, and why; nil where it never did.
    var failureWords: String? {
        lastFailure.map { "\($0.tableWords): \(lastError ?? "no reason was given")" }
    }
}
