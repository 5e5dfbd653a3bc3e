import Cryptography
import Domain
import Gate
import JSON
import Postgres
import Store
import Testing

@Suite struct ChannelsTests {
    private static let hook = "https://hooks.slack.com/services/T0/B0/topsecret"

    private func slack(_ name: String = "desk", user: String? = nil) -> NewChannel {
        NewChannel(kind: .slack, name: name, userName: user, secret: Self.hook)
    }

    @Test func `a channel is kept with its secret sealed to it`() async throws {
        try await Desk.with { desk in
            let channels = try Channels(desk.ground.context)
            let record = try await channels.add(slack(), by: "cli:root")
            #expect(record.hasSecret && record.userName == nil && record.disabledAt == nil)
            #expect(try await channels.list() == [record])
            #expect(try await channels.find(named: "DESK") == record)
            #expect(!record.json.serialized().contains("topsecret"))
            let sealed = try await desk.ground.pool.withSession { session in
                try session.query("SELECT sealed_secret FROM channels").only().bytes("sealed_secret")
            }
            let box = try SecretBox(key: desk.ground.context.secrets.channelKey)
            let opened = try box.open(
                sealed, associated: ChannelSettings.sealingContext(of: record.id))
            #expect(String(decoding: opened, as: UTF8.self) == Self.hook)
            #expect(throws: CryptographyError.self) {
                try box.open(sealed, associated: ChannelSettings.sealingContext(of: desk.alice.id))
            }
            let told = try await desk.ground.count(
                "SELECT count(*) FROM journal WHERE data LIKE '%topsecret%'")
            #expect(told == 0)
            #expect(try await desk.ground.journalKinds().last == "channel.added")
        }
    }

    @Test func `a mail channel goes to its user's address`() async throws {
        try await Desk.with { desk in
            let channels = try Channels(desk.ground.context)
            let settings = ChannelSettings(smtp: "smtp://127.0.0.1:2525", from: "countersign@example.com")
            let record = try await channels.add(
                NewChannel(kind: .email, name: "alice", userName: "Alice", settings: settings), by: "cli:root"
            )
            #expect(record.userID == desk.alice.id && !record.hasSecret && record.settings == settings)
            _ = try await desk.identity.addUser(NewUser(name: "bob", role: .viewer), pin: nil, by: "cli:root")
            let nowhere = try await refusal {
                _ = try await channels.add(
                    NewChannel(kind: .email, name: "bob", userName: "bob", settings: settings), by: "cli:root"
                )
            }
            #expect(nowhere?.faults.map(\.pointer) == ["/to"])
        }
    }

    @Test func `a name is taken once, and an unknown user is told`() async throws {
        try await Desk.with { desk in
            let channels = try Channels(desk.ground.context)
            _ = try await channels.add(slack(), by: "cli:root")
            let again = try await refusal { _ = try await channels.add(slack("Desk"), by: "cli:root") }
            #expect(again?.code == .conflict)
            let nobody = try await refusal {
                _ = try await channels.add(slack("x", user: "mallory"), by: "cli:root")
            }
            #expect(nobody?.code == .notFound)
            #expect(try await channels.list().count == 1)
        }
    }

    @Test func `disabling gives up what waits, once`() async throws {
        try await Desk.with { desk in
            let channels = try Channels(desk.ground.context)
            let record = try await channels.add(slack(), by: "cli:root")
            try await desk.ground.pool.transaction { session in
                try DeliveryQueue.enqueue([DeliveryRequest(kind: "test")], in: session)
            }
            #expect(
                try await refusal { try await channels.disable(named: "desk", reason: "", by: "cli:root") }
                    != nil)
            #expect(try await channels.disable(named: "desk", reason: "moved", by: "cli:root"))
            #expect(try await channels.disable(named: "desk", reason: "moved", by: "cli:root") == false)
            #expect(try await channels.find(named: "desk").disabledReason == "moved")
            let dead = try await desk.ground.count(
                "SELECT count(*) FROM deliveries WHERE state = 'dead' AND channel_id = '\(record.id)'")
            #expect(dead == 1)
            #expect(
                try await refusal { try await channels.disable(named: "x", reason: "y", by: "z") }?.code
                    == .notFound)
        }
    }

    @Test func `a disabled person's channels are disabled with them`() async throws {
        try await Desk.with { desk in
            let channels = try Channels(desk.ground.context)
            _ = try await channels.add(slack("hers", user: "alice"), by: "cli:root")
            _ = try await channels.add(slack("nobodys"), by: "cli:root")
            try await desk.identity.disableUser(named: "alice", by: "cli:root")
            #expect(try await channels.find(named: "hers").disabledReason == "alice was disabled")
            #expect(try await channels.find(named: "nobodys").disabledAt == nil)
            let late = try await refusal {
                _ = try await channels.add(slack("late", user: "alice"), by: "cli:root")
            }
            #expect(late?.code == .conflict)
        }
    }
}
