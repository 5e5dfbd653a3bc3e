import Domain
import HTTPClient
import HTTPServer
import JSON
import Notifications
import Postgres
import Store
import Testing

/// Channels as they are stored, sent to for real.
@Suite(.timeLimit(.minutes(10))) struct ChannelTests {
    private func mailSettings(_ server: MailServer) -> ChannelSettings {
        ChannelSettings(smtp: "smtp://127.0.0.1:\(server.port)", from: "countersign@example.com")
    }

    @Test func `a person's mail goes to the person's address with the person's link`() async throws {
        let server = try MailServer()
        try await Outbox.with { outbox in
            try await outbox.addChannel(
                .email, "alice", secret: nil, settings: mailSettings(server), user: Outbox.alice)
            try await outbox.ask(outbox.propose(1))
            try await outbox.sending(outbox.context()) { try await outbox.settled(1) }
            let mail = try #require(server.taken.first)
            #expect(mail.contains("To: \"alice\"\n <alice@example.com>"))
            #expect(mail.contains("Subject: PAPER: "))
            #expect(mail.contains("https://gate.example.com/r/"))
            #expect(!mail.contains("https://gate.example.com/proposals/"))
            let id = try #require(await outbox.text("SELECT id::text FROM deliveries"))
            #expect(mail.contains("Message-ID: <\(id)@gate.example.com>"))
        }
    }

    @Test func `a mailbox that does not exist disables the channel`() async throws {
        let server = try MailServer(replies: ["RCPT": "550 no such user"])
        try await Outbox.with { outbox in
            try await outbox.addChannel(
                .email, "alice", secret: nil, settings: mailSettings(server), user: Outbox.alice)
            try await outbox.ask(outbox.propose(1))
            try await outbox.sending(outbox.context()) { try await outbox.settled(1) }
            #expect(try await outbox.text("SELECT disabled_reason FROM channels")?.contains("550") == true)
            // Nobody else to tell: the news is kept to be read.
            #expect(
                try await outbox.text("SELECT kind FROM deliveries WHERE state = 'kept'")
                    == "channel-disabled")
        }
    }

    @Test func `greylisting is waited for`() async throws {
        let server = try MailServer(replies: ["RCPT": "451 later"])
        try await Outbox.with { outbox in
            try await outbox.addChannel(
                .email, "alice", secret: nil, settings: mailSettings(server), user: Outbox.alice)
            try await outbox.ask(outbox.propose(1))
            try await outbox.sending(outbox.context(attempts: 2)) { try await outbox.settled(1) }
            #expect(try await outbox.count("SELECT attempts FROM deliveries") == 2)
            #expect(try await outbox.count("SELECT count(*) FROM channels WHERE disabled_at IS NULL") == 1)
        }
    }

    @Test func `no error repeats the secret, even where the provider does`() async throws {
        let slack = try Provider { request, _ in .text("cannot handle \(request.path)", status: 503) }
        try await Outbox.with { outbox in
            try await outbox.addChannel(.slack, "desk", secret: slack.url())
            try await outbox.ask(outbox.propose(1))
            try await outbox.sending(outbox.context(attempts: 2)) { try await outbox.settled(1) }
            let error = try #require(await outbox.text("SELECT last_error FROM deliveries"))
            #expect(error.contains("503") && error.contains("[redacted]"))
            #expect(!error.contains("averyveryverysecrettoken"))
        }
    }

    @Test func `the address may be overridden, its path stays`() async throws {
        let slack = try Provider.slack()
        try await Outbox.with { outbox in
            try await outbox.addChannel(
                .slack, "desk", secret: "https://hooks.slack.com/services/T0/B0/xyz",
                settings: ChannelSettings(baseURL: slack.base))
            try await outbox.ask(outbox.propose(1))
            try await outbox.sending(outbox.context()) { try await outbox.settled(1) }
            #expect(slack.requests.map(\.path) == ["/services/T0/B0/xyz"])
        }
    }

    @Test func `a secret sealed for another channel or with another key does not open`() async throws {
        let slack = try Provider.slack()
        try await Outbox.with { outbox in
            try await outbox.addChannel(.slack, "one", secret: slack.url())
            try await outbox.addChannel(.slack, "two", secret: slack.url("/other"))
            try await outbox.run(
                """
                UPDATE channels SET sealed_secret = (SELECT sealed_secret FROM channels WHERE name = 'one')
                WHERE name = 'two'
                """)
            let result = try await ChannelTest(outbox.context()).send(channel: "two")
            #expect(!result.arrived)
            #expect(result.words.contains("COUNTERSIGN_SECRET_KEY"))
            #expect(slack.requests.isEmpty)
            // A server that was started with a wrong key must not take every channel out of use.
            try await outbox.queue(DeliveryRequest(kind: "note-1"))
            try await outbox.sending(outbox.context(attempts: 2)) { try await outbox.settled(2) }
            #expect(try await outbox.count("SELECT count(*) FROM channels WHERE disabled_at IS NULL") == 2)
        }
    }

    @Test func `a test message tells what came of it`() async throws {
        let slack = try Provider { _, number in
            number == 1 ? .text("ok") : .text("no_service", status: 404)
        }
        try await Outbox.with { outbox in
            try await outbox.addChannel(.slack, "desk", secret: slack.url())
            let test = try ChannelTest(outbox.context())
            #expect(try await test.send(channel: "DESK").arrived)
            #expect(slack.texts == ["This is a test"])
            let second = try await test.send(channel: "desk")
            #expect(!second.arrived && second.words.contains("no_service"))
            await #expect(throws: DeliveryRefusal.self) { try await test.send(channel: "nowhere") }
            #expect(try await outbox.count("SELECT count(*) FROM deliveries") == 0)
        }
    }

    @Test func `an address that may not be reached is named with the setting that allows it`() async throws {
        let slack = try Provider.slack()
        try await Outbox.with { outbox in
            try await outbox.addChannel(.slack, "desk", secret: slack.url())
            try await outbox.queue(DeliveryRequest(kind: "note-1"))
            try await outbox.sending(outbox.context(attempts: 2, egress: .publicOnly)) {
                try await outbox.settled(1)
            }
            #expect(slack.requests.isEmpty)
            let error = try #require(await outbox.text("SELECT last_error FROM deliveries"))
            #expect(error.contains("COUNTERSIGN_ALLOW_PRIVATE_TARGETS"))
            #expect(try await outbox.count("SELECT count(*) FROM channels WHERE disabled_at IS NULL") == 1)
        }
    }
}
