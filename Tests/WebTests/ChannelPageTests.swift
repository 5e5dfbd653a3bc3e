import Cryptography
import Domain
import Gate
import JSON
import Logging
import Postgres
import Store
import Testing
import Web

/// Channels on their pages: added, changed, taken out of use and back, and their secrets never seen again.
@Suite struct ChannelPageTests {
    private static let token = "xoxb-1234567890-averyveryverysecrettoken"
    private static let hook = "https://hooks.slack.com/services/T000/B000/averyveryverysecretpath"

    private func admin(_ desk: Desk) async throws -> Browser {
        let browser = Browser(desk)
        _ = try await browser.logIn("adam", next: "/settings/channels")
        return browser
    }

    /// Sends a form of the page that has that field.
    private func send(
        _ browser: Browser, _ path: String, _ action: String, _ values: [String: String]
    ) async throws -> Page {
        let page = try await browser.open(path)
        let form = try #require(
            page.forms.first { form in form.buttons.contains { $0.1 == action } }, "\(action): \(page.text)")
        return try await browser.submit(
            form, values.merging(["pin": Desk.pin]) { $1 }, button: ("action", action))
    }

    private func addBot(_ browser: Browser) async throws -> Page {
        try await send(
            browser, "/settings/channels", "slack-add",
            ["name": "desk", "user": "", "url": Self.token, "channel": "C0123ABCD"])
    }

    private func isNowhere(_ secret: String, _ desk: Desk, _ pages: Page...) async throws {
        for page in pages {
            #expect(!page.html.contains(secret), "\(page.address)")
            #expect(!page.address.contains(secret))
        }
        #expect(!desk.log.lines.contains { $0.contains(secret) })
        #expect(try await desk.count("SELECT count(*) FROM journal WHERE data LIKE '%\(secret)%'") == 0)
        let stored = "SELECT count(*) FROM channels c WHERE c::text LIKE '%\(secret)%'"
        #expect(try await desk.count(stored) == 0)
    }

    @Test func `a Slack app's token is taken with its channel, sealed, and never seen again`() async throws {
        try await Desk.with { desk in
            let browser = try await admin(desk)
            let added = try await addBot(browser)
            #expect(
                added.status == 200 && added.text.contains("Slack, by bot token to C0123ABCD"),
                "\(added.text)")
            #expect(added.address.hasPrefix("/settings/channels/"))
            let list = try await browser.open("/settings/channels")
            #expect(list.text.contains("desk Slack, by bot token to C0123ABCD nobody&#39;s in use"))
            try await isNowhere(Self.token, desk, added, list)
            let channel = try await Channels(desk.gate).find(named: "desk")
            #expect(channel.hasSecret && channel.settings.conversation == "C0123ABCD")
        }
    }

    @Test(arguments: [
        (["url": token], "it says where to post"), (["url": hook, "channel": "C0123ABCD"], "must be empty"),
        (["url": token, "channel": "#general"], "C0123ABCD: it stands at the foot"),
        (["url": "xoxp-1234567890-averyveryverysecrettoken", "channel": "C0123ABCD"], "begins with xoxb-"),
        (["channel": "C0123ABCD"], "is required"), ([:], "is required"),
    ])
    func `what does not belong together is said at its field, and the secret is not shown again`(
        _ values: [String: String], _ words: String
    ) async throws {
        try await Desk.with { desk in
            let browser = try await admin(desk)
            let page = try await send(
                browser, "/settings/channels", "slack-add",
                values.merging(["name": "desk", "user": ""]) { $1 })
            #expect(page.status == 422 && page.text.contains(words), "\(page.text)")
            #expect(page.html.contains("id=\"slack-") && page.html.contains("aria-invalid=\"true\""))
            if let secret = values["url"] { try await isNowhere(secret, desk, page) }
            #expect(try await desk.count("SELECT count(*) FROM channels") == 0)
        }
    }

    @Test func `settings change and the secret stays, or a new one is sealed in its place`() async throws {
        try await Desk.with { desk in
            let browser = try await admin(desk)
            let path = try await addBot(browser).address.prefix { $0 != "?" }
            let before = try await sealed(desk)
            let mixed = try await send(browser, String(path), "change", ["url": "", "channel": ""])
            #expect(mixed.status == 422 && mixed.text.contains("goes with the channel&#39;s identity"))
            #expect(!mixed.text.contains("--"), "nobody types commands here")
            let moved = try await send(browser, String(path), "change", ["url": "", "channel": "C9999ZZZZ"])
            #expect(moved.text.contains("Saved.") && moved.text.contains("to C9999ZZZZ"), "\(moved.text)")
            #expect(try await sealed(desk) == before)
            let other = "xoxb-0987654321-anotherverysecrettoken"
            let renewed = try await send(
                browser, String(path), "change", ["url": other, "channel": "C9999ZZZZ"])
            #expect(renewed.text.contains("Saved."))
            #expect(try await sealed(desk) != before)
            try await isNowhere(other, desk, renewed)
            #expect(try await desk.count("SELECT count(*) FROM journal WHERE kind = 'channel.changed'") == 2)
        }
    }

    private func sealed(_ desk: Desk) async throws -> [UInt8] {
        try await desk.superuser.withSession { session in
            try session.query("SELECT sealed_secret FROM channels").only().bytes("sealed_secret")
        }
    }

    @Test func `a stored secret is not sent anywhere else without being typed again`() async throws {
        try await Desk.with { desk in
            let browser = try await admin(desk)
            let path = String(try await addBot(browser).address.prefix { $0 != "?" })
            let lured = try await send(
                browser, path, "change",
                ["url": "", "channel": "C0123ABCD", "base_url": "https://evil.example.com"])
            #expect(lured.status == 422 && lured.text.contains("is needed again"), "\(lured.text)")
            let mail = try await send(
                browser, "/settings/channels", "email-add",
                [
                    "name": "post", "user": "", "smtp": "smtp://mail.example.com:587", "smtp_user": "us",
                    "url": "a-mail-password", "from": "us@example.com", "to": "you@example.com",
                ])
            #expect(mail.status == 200, "\(mail.text)")
            let mailPath = String(mail.address.prefix { $0 != "?" })
            let fields = [
                "smtp": "smtp://evil.example.com:587", "smtp_user": "us", "url": "", "from": "us@example.com",
                "to": "you@example.com",
            ]
            #expect(try await send(browser, mailPath, "change", fields).status == 422)
            let typed = fields.merging(["url": "a-mail-password"]) { $1 }
            #expect(try await send(browser, mailPath, "change", typed).text.contains("Saved."))
            #expect(
                try await desk.count(
                    "SELECT count(*) FROM channels WHERE settings::text LIKE '%evil.example.com:587%'") == 1)
            #expect(try await desk.count("SELECT count(*) FROM channels WHERE settings ? 'base_url'") == 0)
        }
    }

    @Test func `a channel is taken out of use and back on its page`() async throws {
        try await Desk.with { desk in
            let browser = try await admin(desk)
            let path = String(try await addBot(browser).address.prefix { $0 != "?" })
            let out = try await send(browser, path, "disable", ["reason": "moved house"])
            #expect(out.text.contains("disabled: moved house") && out.text.contains("Take it into use again"))
            let back = try await send(browser, path, "enable", ["url": ""])
            #expect(back.text.contains("Enabled again.") && back.text.contains("in use."))
        }
    }

    @Test func `auditors see a channel's page and change nothing, approvers see none`() async throws {
        try await Desk.with { desk in
            let path = String(try await addBot(try await admin(desk)).address.prefix { $0 != "?" })
            let auditor = Browser(desk)
            let page = try await auditor.logIn("audrey", next: path)
            #expect(page.status == 200 && page.form(to: path) == nil)
            let approver = Browser(desk)
            _ = try await approver.logIn("alice")
            #expect(try await approver.open(path).status == 403)
            #expect(try await auditor.open("/settings/channels/\(WebIDs.nowhere)").status == 404)
        }
    }
}

private enum WebIDs {
    static let nowhere = "00000000-0000-0000-0000-000000000000"
}
