import Domain
import JSON
import Testing

@Suite struct NewChannelTests {
    private let hook = "https://hooks.slack.com/services/T0/B0/secret"

    private func faults(
        _ kind: ChannelKind, name: String = "desk", _ settings: ChannelSettings = ChannelSettings(),
        secret: String? = nil, userEmail: String? = nil
    ) -> [String] {
        NewChannel(kind: kind, name: name, settings: settings, secret: secret).faults(userEmail: userEmail)
            .map(\.pointer)
    }

    @Test(arguments: [
        "https://hooks.slack.com/services/T0/B0/x", "https://slack.proxy.example.com:8443/a?b=c",
        "http://127.0.0.1:9999/services/T0/B0/x", "http://localhost/x", "http://[::1]:80/x",
        "  https://discord.com/api/webhooks/1/x\n",
    ])
    func `takes a webhook that nobody can read on the way`(address: String) {
        #expect(faults(.slack, secret: address).isEmpty)
        #expect(faults(.discord, secret: address).isEmpty)
    }

    @Test(arguments: [
        "", "https://", "https://hooks.slack.com", "https://hooks.slack.com/",
        "http://hooks.slack.com/services/x",
        "ftp://hooks.slack.com/x", "hooks.slack.com/services/x", "https://user:pass@hooks.slack.com/x",
        "https://hooks.slack.com/a b", "https://hooks.slack.com/x#y", "https://hooks.slack.com:0/x",
        "https://hooks.slack.com:99999/x", "https://hooks.slack.com:+1/x", "https://hö.example/x",
        "http://127.0.0.1.example.com/x", "http://127.0.0.256/x", "https://a\\b/x",
    ])
    func `refuses other webhooks without repeating them`(address: String) {
        let found = NewChannel(kind: .slack, name: "desk", secret: address).faults(userEmail: nil)
        #expect(found.map(\.pointer) == ["/url"])
        if address.utf8.count > 8 { #expect(found.first?.detail.contains(address) == false) }
    }

    @Test func `an address given in place of the provider's may be plain`() {
        let proxied = ChannelSettings(baseURL: "http://mock:8080")
        #expect(faults(.slack, proxied, secret: "http://hooks.slack.com/services/x").isEmpty)
        #expect(faults(.slack, ChannelSettings(baseURL: "mock"), secret: hook) == ["/base_url"])
    }

    @Test func `settings of another kind are refused`() {
        let settings = ChannelSettings(smtp: "smtp://a", smtpUser: "u", from: "a@b", to: "a@b")
        #expect(faults(.discord, settings, secret: hook) == ["/smtp", "/smtp_user", "/from", "/to"])
        #expect(faults(.slack, name: "a b", secret: hook) == ["/name"])
    }

    @Test func `mail needs a server, a sender and a recipient`() {
        #expect(faults(.email) == ["/smtp", "/from", "/to"])
        let settings = ChannelSettings(smtp: "smtp://127.0.0.1:2525", from: "countersign@example.com")
        #expect(faults(.email, settings) == ["/to"])
        #expect(faults(.email, settings, userEmail: "alice@example.com").isEmpty)
        var to = settings
        to.to = "desk@example.com"
        #expect(faults(.email, to).isEmpty)
        to.to = "desk@example.com\r\nBcc: x@y"
        to.from = "nobody"
        to.smtp = "smtp://user:pass@host"
        #expect(faults(.email, to) == ["/smtp", "/from", "/to"])
    }

    @Test func `a mail user and a password come together`() {
        var settings = ChannelSettings(smtp: "smtps://mail.example.com", from: "a@b", to: "c@d")
        #expect(faults(.email, settings, secret: "pw") == ["/smtp_user"])
        settings.smtpUser = "alice"
        #expect(faults(.email, settings) == ["/password"])
        #expect(faults(.email, settings, secret: "pw").isEmpty)
        #expect(faults(.email, settings, secret: "p\u{0}w") == ["/password"])
    }

    @Test func `is never printed with its secret`() {
        let channel = NewChannel(kind: .slack, name: "desk", secret: hook)
        var text = "\(channel)"
        dump(channel, to: &text)
        #expect(!text.contains("secret"))
    }
}

/// Channels of a Slack app.
@Suite struct NewBotChannelTests {
    private func faults(
        _ conversation: String, secret: String?, threadID: String? = nil, kind: ChannelKind = .slack
    ) -> [String] {
        NewChannel(
            kind: kind, name: "desk",
            settings: ChannelSettings(conversation: conversation, threadID: threadID), secret: secret
        ).faults(userEmail: nil).map(\.pointer)
    }

    @Test func `a bot needs its token and a channel's identity`() {
        #expect(faults("C0123", secret: "xoxb-123456-abcDEF").isEmpty)
        #expect(faults("C0123", secret: " xoxb-123456-abcDEF\n").isEmpty)
        #expect(faults("#general", secret: "xoxb-123456-abcDEF") == ["/channel"])
        #expect(faults("c0123", secret: "xoxb-123456-abcDEF") == ["/channel"])
        #expect(faults("C0123", secret: nil) == ["/token"])
        #expect(faults("C0123", secret: "xoxp-123456-abcDEF") == ["/token"])
        #expect(faults("C0123", secret: "xoxb-123456-abc\r\nX: y") == ["/token"])
        #expect(faults("C0123", secret: "https://hooks.slack.com/services/T/B/x") == ["/token"])
        #expect(faults("C0123", secret: "xoxb-123456-abcDEF", threadID: "1") == ["/thread_id"])
    }

    @Test func `Discord takes a thread's number, and mail neither`() {
        let hook = "https://discord.com/api/webhooks/1/tok"
        func thread(_ id: String) -> [String] {
            NewChannel(
                kind: .discord, name: "room", settings: ChannelSettings(threadID: id), secret: hook
            ).faults(userEmail: nil).map(\.pointer)
        }
        #expect(thread("1180000000000000000").isEmpty)
        #expect(thread("1&wait=false") == ["/thread_id"])
        #expect(thread("") == ["/thread_id"])
        #expect(faults("C0123", secret: hook, kind: .discord) == ["/channel"])
        let mail = NewChannel(
            kind: .email, name: "alice",
            settings: ChannelSettings(
                conversation: "C0123", threadID: "1", smtp: "smtp://127.0.0.1", from: "a@example.com"))
        #expect(mail.faults(userEmail: "b@example.com").map(\.pointer) == ["/channel", "/thread_id"])
    }
}
