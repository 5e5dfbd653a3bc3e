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
            { visit in try await channelPage(visit) }, { visit in try await changeChannels(visit) })
    }
}

private func channelPage(_ visit: SettingsVisit) async throws -> SettingsPage {
    let channels = try await Channels(visit.context.gate).list()
    let activity = try await visit.context.gate.pool.withSession { try ChannelActivity.read(in: $0) }
    let rows = channels.map { channel -> [SettingsPage.Part.Cell] in
        let seen = activity[channel.id]
        return [
            .init(channel.name), .init(channel.kind.rawValue), .init(channel.userName ?? "nobody's"),
            .init(channel.disabledReason.map { "disabled: \($0)" } ?? "in use"),
            .init(seen?.lastSuccess?.tableWords ?? "never"),
            .init(
                seen?.lastFailure.map { "\($0.tableWords): \(seen?.lastError ?? "no reason was given")" }
                    ?? "never"),
        ]
    }
    var page = SettingsPage(
        title: "Channels",
        lead: "Where messages go. A channel belongs to a person, whose links it carries, or to nobody.",
        parts: [
            .init(
                title: "All channels",
                words: rows.isEmpty ? "There are none; messages are kept on the list of deliveries." : "",
                columns: ["Name", "Kind", "Whose", "State", "Last success", "Last failure"], rows: rows)
        ])
    if visit.mayChange { page.forms = try await forms(visit, channels) }
    return page
}

private func forms(_ visit: SettingsVisit, _ channels: [ChannelRecord]) async throws -> [SettingsPage.Form] {
    let people = try await visit.context.identity.users().filter { $0.disabledAt == nil }
    var forms: [SettingsPage.Form] = [
        .init(
            id: "add", title: "Add a channel",
            words: "The webhook's address and the password are stored sealed and never shown again.",
            fields: [
                .init(
                    name: "kind", label: "Kind",
                    kind: .choice(ChannelKind.allCases.map { ($0.rawValue, $0.rawValue) })),
                .init(name: "name", label: "Name"),
                .init(
                    name: "user", label: "Whose",
                    kind: .choice(
                        [("", "nobody's: its link asks who you are")] + people.map { ($0.name, $0.name) })),
                .init(
                    name: "url", label: "Slack, Discord: the webhook's address; mail: the server's password",
                    kind: .secret),
                .init(name: "smtp", label: "Mail: the server", hint: "Such as smtp://mail.example.com:587."),
                .init(name: "smtp_user", label: "Mail: whom to log in as"),
                .init(name: "from", label: "Mail: the sender"),
                .init(
                    name: "to", label: "Mail: the recipient",
                    hint: "Where it is not the person's own address."),
            ], buttons: [("add", "Add", false)])
    ]
    let disabled = channels.filter { $0.disabledAt != nil }
    if !disabled.isEmpty {
        forms.append(
            .init(
                id: "enable", title: "Take into use again",
                words:
                    "Once it is mended. What was given up meanwhile stays so; the list of deliveries sends it "
                    + "again.",
                fields: [
                    .init(
                        name: "channel", label: "Channel",
                        kind: .choice(disabled.map { ($0.name, "\($0.name), \($0.kind.rawValue)") })),
                    .init(
                        name: "url", label: "A new address or password", hint: "Empty: the one it had.",
                        kind: .secret),
                ], buttons: [("enable", "Take into use", false)]))
    }
    let inUse = channels.filter { $0.disabledAt == nil }
    guard !inUse.isEmpty else { return forms }
    forms.append(
        .init(
            id: "one", title: "Test or disable",
            words: "A test sends a message that asks for nothing. Disabling gives up what waits.",
            fields: [
                .init(
                    name: "channel", label: "Channel",
                    kind: .choice(inUse.map { ($0.name, "\($0.name), \($0.kind.rawValue)") })),
                .init(name: "reason", label: "Why it is disabled", hint: "Not needed for a test."),
            ], buttons: [("one-test", "Send a test", false), ("one-disable", "Disable", true)]))
    return forms
}

private func changeChannels(_ visit: SettingsVisit) async throws -> HTTPResponse {
    let channels = try Channels(visit.context.gate)
    switch visit.action {
    case "add":
        guard let kind = visit.text("kind").flatMap(ChannelKind.init) else {
            throw Refusal.invalid([JSONFault(pointer: "/kind", detail: "must be one of the kinds")])
        }
        let secret = visit.typed?.first("url") ?? ""
        _ = try await channels.add(
            NewChannel(
                kind: kind, name: visit.text("name") ?? "", userName: visit.text("user"),
                settings: ChannelSettings(
                    smtp: visit.text("smtp"), smtpUser: visit.text("smtp_user"), from: visit.text("from"),
                    to: visit.text("to")), secret: secret.isEmpty ? nil : secret), by: visit.actor)
        return visit.goOn("added")
    case "one-test":
        guard let test = visit.context.dependencies.testChannel else {
            throw Refusal(.conflict, "This server sends no messages.")
        }
        let known = try await channels.find(named: visit.text("channel") ?? "")
        let (arrived, words) = try await test(known.name)
        guard arrived else { throw Refusal(.conflict, words) }
        return visit.goOn("tested")
    case "enable":
        let secret = visit.typed?.first("url") ?? ""
        _ = try await channels.enable(
            named: visit.text("channel") ?? "", secret: secret.isEmpty ? nil : secret, by: visit.actor)
        return visit.goOn("enabled")
    case "one-disable":
        try await channels.disable(
            named: visit.text("channel") ?? "",
            reason: visit.text("reason") ?? "disabled on the page of channels",
            by: visit.actor)
        return visit.goOn("disabled")
    default: throw Problem.malformed("The form says none of the things that can be done here.")
    }
}
