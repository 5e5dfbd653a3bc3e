import Domain
import Gate
import HTTPServer
import JSON
import Postgres
import Store

/// The page of one channel: what is known of it, and what an admin can do about it.
struct ChannelPage {
    private let visit: SettingsVisit
    private let channel: ChannelRecord
    private let activity: ChannelActivity?

    /// Throws `not-found` where there is no such channel.
    init(_ visit: SettingsVisit) async throws {
        guard let id = visit.request.parameters["id"].flatMap(Identifier.init) else {
            throw Refusal.notFound("channel")
        }
        self.visit = visit
        channel = try await Channels(visit.context.gate).find(id)
        activity = try await visit.context.gate.pool.withSnapshot { try ChannelActivity.read(in: $0)[id] }
    }

    var page: SettingsPage {
        var page = SettingsPage(
            title: channel.name, lead: "\(channel.wayWords.firstRaised); \(channel.stateWords).",
            parts: [
                .init(title: "What is known of it", facts: facts)
            ])
        guard visit.mayChange else { return page }
        page.forms = (channel.disabledAt == nil ? [test, change, disable] : [enable, change])
        return page
    }

    private var facts: [(name: String, value: String)] {
        [
            ("Whose", channel.userName ?? "nobody's: its link asks who you are"),
            ("Added", channel.createdAt.newYorkWords),
            ("Last success", activity?.lastSuccess?.newYorkWords ?? "never"),
            ("Last failure", activity?.failureWords ?? "never"),
            ("Failing since", channel.failingSince?.newYorkWords ?? "it does not fail"),
            ("Secret", channel.hasSecret ? "stored sealed; it is never shown" : "none"),
        ]
    }

    private var test: SettingsPage.Form {
        .init(
            id: "test", title: "Test it", words: "Sends a message that asks for nothing.",
            buttons: [("test", "Send a test", false)])
    }

    private var change: SettingsPage.Form {
        .init(
            id: "change", title: "Change it",
            words: "Kind, name and owner stay. What waits to be sent goes the new way.",
            fields: ChannelFields.fields(channel.kind, channel.settings),
            buttons: [("change", "Save", false)])
    }

    private var disable: SettingsPage.Form {
        .init(
            id: "disable", title: "Take it out of use", words: "What waits to be sent is given up.",
            fields: [.init(name: "reason", label: "Why")], buttons: [("disable", "Disable", true)])
    }

    private var enable: SettingsPage.Form {
        .init(
            id: "enable", title: "Take it into use again",
            words:
                "Once it is mended. What was given up meanwhile stays so; the list of deliveries sends it again.",
            fields: [
                .init(
                    name: "url", label: "A new address, token or password", hint: "Empty: the one it had.",
                    kind: .secret)
            ], buttons: [("enable", "Take into use", false)])
    }

    /// Does what a form asks for.
    func change() async throws -> HTTPResponse {
        let channels = try Channels(visit.context.gate)
        do {
            switch visit.action {
            case "test": return try await sendTest()
            case "change":
                let settings = ChannelFields.settings(visit)
                let secret = ChannelFields.secret(visit)
                if channel.kind == .slack {
                    try ChannelFields.requireOneWay(secret, settings.conversation)
                }
                _ = try await channels.change(channel.id, to: settings, secret: secret, by: visit.actor)
                return visit.goOn("saved")
            case "enable":
                _ = try await channels.enable(
                    named: channel.name, secret: ChannelFields.secret(visit), by: visit.actor)
                return visit.goOn("enabled")
            case "disable":
                try await channels.disable(
                    named: channel.name, reason: visit.text("reason") ?? "disabled on its page",
                    by: visit.actor)
                return visit.goOn("disabled")
            default: throw Problem.malformed("The form says none of the things that can be done here.")
            }
        } catch let refusal as Refusal {
            throw refusal.aboutChannelForm
        }
    }

    private func sendTest() async throws -> HTTPResponse {
        guard let test = visit.context.dependencies.testChannel else {
            throw Refusal(.conflict, "This server sends no messages.")
        }
        let (arrived, words) = try await test(channel.name)
        guard arrived else { throw Refusal(.conflict, words) }
        return visit.goOn("tested")
    }
}

extension String {
    fileprivate var firstRaised: String { prefix(1).uppercased() + dropFirst() }
}
