import Domain
import HTTPServer
import JSON
import Notifications
import Postgres
import Store
import Testing

@Suite(.timeLimit(.minutes(10))) struct EngineTests {
    private func isRequest(_ text: String) -> Bool {
        text.hasPrefix("PAPER: approve BUY 400 NVDA, $47,280 by ")
    }

    private func note(_ number: Int, priority: Int = 5) -> DeliveryRequest {
        DeliveryRequest(kind: "note-\(number)", priority: priority)
    }

    @Test func `every channel gets the message once, and the receipt is kept`() async throws {
        let slack = try Provider.slack()
        let discord = try Provider { _, _ in .json(#"{"id": "998", "channel_id": "7"}"#) }
        try await Outbox.with { outbox in
            try await outbox.addChannel(.slack, "desk", secret: slack.url())
            try await outbox.addChannel(.discord, "room", secret: discord.url("/api/webhooks/1/tok"))
            try await outbox.ask(outbox.propose(1))
            try await outbox.sending(outbox.context()) { try await outbox.settled(2) }
            #expect(slack.texts.count == 1 && isRequest(slack.texts[0]))
            #expect(discord.requests.map(\.path) == ["/api/webhooks/1/tok"])
            #expect(discord.requests.first?.query.first("wait") == "true")
            #expect(discord.requests.first?.query.first("with_components") == "true")
            let agents = discord.requests.first?.headers.all("User-Agent")
            #expect(agents == ["DiscordBot (https://gate.example.com, 1)"])
            let receipt = try await outbox.text(
                "SELECT receipt->>'message_id' FROM deliveries WHERE receipt ? 'message_id'")
            #expect(receipt == "998")
            #expect(try await outbox.count("SELECT count(*) FROM deliveries WHERE state = 'sent'") == 2)
        }
    }

    @Test func `what fails is tried again, before what was queued after it`() async throws {
        let slack = try Provider { _, number in
            number <= 2 ? .text("rollup_error", status: 500) : .text("ok")
        }
        try await Outbox.with { outbox in
            try await outbox.addChannel(.slack, "desk", secret: slack.url())
            try await outbox.queue(note(1), note(2))
            try await outbox.sending(outbox.context()) { try await outbox.settled(2) }
            #expect(slack.texts == ["Note 1", "Note 1", "Note 1", "Note 2"])
            #expect(try await outbox.count("SELECT attempts FROM deliveries WHERE kind = 'note-1'") == 3)
            #expect(try await outbox.text("SELECT last_error FROM deliveries WHERE kind = 'note-1'") == nil)
        }
    }

    @Test func `a 429 rests the whole lane for as long as it says`() async throws {
        let slack = try Provider { _, number in
            guard number == 1 else { return .text("ok") }
            var answer = HTTPResponse.text("rate_limited", status: 429)
            answer.headers.set("Retry-After", "1000")
            return answer
        }
        try await Outbox.with { outbox in
            try await outbox.addChannel(.slack, "desk", secret: slack.url())
            try await outbox.queue(note(1), note(2))
            try await outbox.sending(outbox.context()) {
                try await outbox.wait(for: 1, "SELECT count(*) FROM deliveries WHERE last_error LIKE '%429%'")
                try await outbox.wait(
                    for: 1,
                    """
                    SELECT count(*) FROM channels
                    WHERE lane_free_at BETWEEN clock_timestamp() + interval '900 s'
                        AND clock_timestamp() + interval '1001 s'
                    """)
            }
            #expect(slack.texts == ["Note 1"])
            // A new server keeps to the pause that the old one wrote down, and goes on when it is over.
            try await outbox.sending(outbox.context()) {
                try await outbox.run(
                    "UPDATE channels SET lane_free_at = now(); UPDATE deliveries SET next_attempt_at = now()")
                try await outbox.settled(2)
            }
            #expect(slack.texts == ["Note 1", "Note 1", "Note 2"])
        }
    }

    @Test func `who is not there is given up after the last attempt, with the reason`() async throws {
        let slack = try Provider.slack()
        let address = slack.url()
        await slack.stop()
        try await Outbox.with { outbox in
            try await outbox.addChannel(.slack, "desk", secret: address)
            try await outbox.queue(note(1))
            try await outbox.sending(outbox.context(attempts: 3)) { try await outbox.settled(1) }
            let error = try #require(await outbox.text("SELECT last_error FROM deliveries"))
            #expect(error.contains("Given up after 3 attempts"))
            #expect(!error.contains("averyveryverysecrettoken"))
            #expect(try await outbox.text("SELECT state FROM deliveries") == "dead")
        }
    }

    @Test func `a channel that is gone is disabled, and the others are told`() async throws {
        // Slack's word counts, even with a status that says otherwise.
        let gone = try Provider { _, _ in .text("no_service", status: 200) }
        let slack = try Provider.slack()
        try await Outbox.with { outbox in
            try await outbox.addChannel(.slack, "gone", secret: gone.url(), user: Outbox.alice)
            try await outbox.queue(note(1), note(2))
            try await outbox.addChannel(.slack, "desk", secret: slack.url())
            try await outbox.sending(outbox.context()) { try await outbox.settled(3) }
            #expect(gone.requests.count == 1)
            #expect(slack.texts == ["Channel gone no longer works"])
            #expect(slack.bodies[0].serialized().contains("alice"))
            let reason = try #require(
                await outbox.text("SELECT disabled_reason FROM channels WHERE name = 'gone'"))
            #expect(reason.contains("no_service"))
            #expect(try await outbox.count("SELECT count(*) FROM deliveries WHERE state = 'dead'") == 2)
            #expect(
                try await outbox.count("SELECT count(*) FROM journal WHERE kind = 'channel.disabled'") == 1)
        }
    }

    @Test func `a message that alone is refused does not stop the next`() async throws {
        let slack = try Provider { _, number in
            number == 1 ? .text("invalid_blocks", status: 400) : .text("ok")
        }
        try await Outbox.with { outbox in
            try await outbox.addChannel(.slack, "desk", secret: slack.url())
            try await outbox.queue(note(1), note(2))
            try await outbox.sending(outbox.context()) { try await outbox.settled(2) }
            #expect(slack.texts == ["Note 1", "Note 2"])
            #expect(try await outbox.text("SELECT state FROM deliveries WHERE kind = 'note-1'") == "dead")
            #expect(try await outbox.count("SELECT count(*) FROM channels WHERE disabled_at IS NULL") == 1)
        }
    }

    @Test func `a thousand messages to one that hangs do not delay another`() async throws {
        let door = Door()
        let slow = try Provider { _, _ in
            await door.pass()
            return .text("ok")
        }
        let slack = try Provider.slack()
        try await Outbox.with { outbox in
            let dead = try await outbox.addChannel(.slack, "slow", secret: slow.url())
            for start in stride(from: 0, to: 1000, by: 250) {
                let requests = (start..<start + 250).map { note($0) }
                try await outbox.pool.transaction { session in
                    try DeliveryQueue.enqueue(requests, in: session)
                }
            }
            try await outbox.addChannel(.slack, "desk", secret: slack.url())
            try await outbox.sending(outbox.context()) {
                try await outbox.wait(for: 1, "SELECT count(*) FROM deliveries WHERE attempts = 1")
                try await outbox.ask(outbox.propose(1))
                try await outbox.wait(for: 1, "SELECT count(*) FROM deliveries WHERE state = 'sent'")
                #expect(slack.texts.count == 1)
                #expect(slow.requests.count == 1)
                // Where it is free at last, the question goes before the thousand.
                await door.open()
                try await outbox.wait(
                    for: 2, "SELECT count(*) FROM deliveries WHERE state = 'sent' AND priority = 1")
                let before = try await outbox.count(
                    "SELECT count(*) FROM deliveries WHERE state = 'sent' AND destination = '\(dead)' AND priority = 5"
                )
                #expect(before < 900)
                #expect(slow.texts.prefix(2).contains(where: isRequest))
            }
        }
    }

    @Test func `several servers send everything once, each lane in its order`() async throws {
        let providers = try (0..<3).map { _ in try Provider.slack() }
        try await Outbox.with { outbox in
            for (index, provider) in providers.enumerated() {
                try await outbox.addChannel(.slack, "desk\(index)", secret: provider.url())
            }
            for number in 0..<25 { try await outbox.queue(note(number)) }
            try await outbox.sending(outbox.context(), loops: 3) { try await outbox.settled(75) }
            for provider in providers { #expect(provider.texts == (0..<25).map { "Note \($0)" }) }
            #expect(try await outbox.count("SELECT count(*) FROM deliveries WHERE attempts = 1") == 75)
        }
    }

    @Test func `a question that is settled is dropped, its outcome is told`() async throws {
        let slack = try Provider.slack()
        try await Outbox.with { outbox in
            try await outbox.addChannel(.slack, "desk", secret: slack.url())
            let rejected = try await outbox.propose(1)
            let expired = try await outbox.propose(2, expiresInMinutes: -1)
            try await outbox.ask(rejected)
            try await outbox.ask(expired)
            try await outbox.reject(rejected)
            try await outbox.queue(DeliveryRequest(kind: "proposal-rejected", proposalID: rejected))
            try await outbox.sending(outbox.context()) { try await outbox.settled(3) }
            #expect(slack.texts == ["PAPER: BUY 400 NVDA rejected by alice"])
            #expect(try await outbox.count("SELECT count(*) FROM deliveries WHERE state = 'dropped'") == 2)
        }
    }

    @Test func `nothing is sent after its time`() async throws {
        let slack = try Provider.slack()
        try await Outbox.with { outbox in
            try await outbox.addChannel(.slack, "desk", secret: slack.url())
            try await outbox.queue(
                DeliveryRequest(kind: "note-1", notAfter: Timestamp(seconds: 1_700_000_000)))
            try await outbox.sending(outbox.context()) { try await outbox.settled(1) }
            #expect(slack.requests.isEmpty)
            #expect(
                try await outbox.text("SELECT state || ' ' || last_error FROM deliveries")
                    == "dead Not sent in time.")
        }
    }

    @Test func `a retry that would come too late is not made`() async throws {
        let slack = try Provider { _, _ in .text("down", status: 503) }
        try await Outbox.with { outbox in
            try await outbox.addChannel(.slack, "desk", secret: slack.url())
            let soon = try await outbox.pool.withSession { try DatabaseClock.now(in: $0).adding(seconds: 30) }
            try await outbox.queue(DeliveryRequest(kind: "note-1", notAfter: soon))
            var context = try outbox.context()
            context.messageBackoff = Backoff(delaysSeconds: [60], jitter: 0, maxAttempts: nil)
            try await outbox.sending(context) { try await outbox.settled(1) }
            #expect(slack.requests.count == 1)
            #expect(
                try await outbox.text("SELECT last_error FROM deliveries")?.contains("no time left") == true)
        }
    }

    @Test func `what a server lost between taking and recording is sent by another`() async throws {
        let slack = try Provider.slack()
        try await Outbox.with { outbox in
            try await outbox.addChannel(.slack, "desk", secret: slack.url())
            try await outbox.queue(note(1))
            let lost = try await outbox.pool.transaction { session in
                try DeliveryClaims.takeFromLanes(limit: 9, leaseSeconds: 0, in: session)
            }
            #expect(lost.count == 1)
            try await outbox.sending(outbox.context()) { try await outbox.settled(1) }
            #expect(slack.texts == ["Note 1"])
            // Who comes back too late changes nothing any more.
            let isOurs = try await outbox.pool.transaction { session in
                try DeliveryResults.record(.dead(error: "late"), of: lost[0].record, in: session)
            }
            #expect(!isOurs)
            #expect(try await outbox.text("SELECT state FROM deliveries") == "sent")
        }
    }

    @Test func `a taken lane is nobody else's until its lease ends`() async throws {
        try await Outbox.with { outbox in
            try await outbox.addChannel(.slack, "desk", secret: "https://example.com/x")
            try await outbox.queue(note(1), note(2))
            let first = try await outbox.pool.transaction { session in
                try DeliveryClaims.takeFromLanes(limit: 9, leaseSeconds: 60, in: session)
            }
            let second = try await outbox.pool.transaction { session in
                try DeliveryClaims.takeFromLanes(limit: 9, leaseSeconds: 60, in: session)
            }
            #expect(first.map(\.record.kind) == ["note-1"])
            #expect(second.isEmpty)
        }
    }

    @Test func `a listening server sends at once, not when it next looks`() async throws {
        let slack = try Provider.slack()
        try await Outbox.with { outbox in
            try await outbox.addChannel(.slack, "desk", secret: slack.url())
            let loop = DeliveryLoop(
                try outbox.context(), limits: DeliveryLoop.Limits(pollSeconds: 3600))
            let listener = PostgresListener(
                configuration: outbox.pool.configuration, channels: [DeliveryQueue.notificationChannel])
            let sending = Task { await loop.run(wokenBy: listener) }
            for number in 0..<5 {
                try await outbox.queue(note(number))
                try await outbox.settled(number + 1)
            }
            sending.cancel()
            await sending.value
            #expect(slack.texts == (0..<5).map { "Note \($0)" })
        }
    }

    @Test func `a server that stops finishes what is on its way`() async throws {
        let door = Door()
        let slack = try Provider { _, _ in
            await door.pass()
            return .text("ok")
        }
        try await Outbox.with { outbox in
            try await outbox.addChannel(.slack, "desk", secret: slack.url())
            try await outbox.queue(note(1), note(2))
            let loop = DeliveryLoop(try outbox.context())
            let sending = Task { await loop.run() }
            try await outbox.wait(for: 1, "SELECT count(*) FROM deliveries WHERE attempts = 1")
            while slack.requests.isEmpty { await Task.yield() }
            sending.cancel()
            await door.open()
            await sending.value
            #expect(try await outbox.text("SELECT state FROM deliveries WHERE kind = 'note-1'") == "sent")
            #expect(slack.texts == ["Note 1"])
        }
    }
}
