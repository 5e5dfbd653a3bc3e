import Domain
import Gate
import JSON
import Store
import Testing

/// A stranger who knows a name must neither guess its PIN nor keep its owner out.
@Suite struct CountingTests {
    @Test func `a stranger locks themselves out and not the person`() async throws {
        try await Desk.with { (desk: Desk) async throws in
            for _ in 1...6 {
                _ = try await refusal { _ = try await desk.login(pin: "0000", from: "203.0.113.5") }
            }
            #expect(try await refusal { _ = try await desk.login(from: "203.0.113.5") }?.code == .locked)
            #expect(try await desk.login().person.name == "alice")
        }
    }

    @Test func `guesses from everywhere end, and where the person is known they still get in`() async throws {
        try await Desk.with { (desk: Desk) async throws in
            _ = try await desk.login()
            for number in 1...25 {
                _ = try await refusal { _ = try await desk.login(pin: "0000", from: "203.0.113.\(number)") }
            }
            #expect(try await refusal { _ = try await desk.login(from: "198.51.100.1") }?.code == .locked)
            #expect(try await desk.login().person.name == "alice")
            let byLink = try await desk.identity.login(
                .id(desk.alice.id), pin: Desk.pin, from: "198.51.100.1", byLink: true)
            #expect(byLink.person.name == "alice")
        }
    }

    @Test func `a stranger behind the same proxy locks nobody out who is known there`() async throws {
        var settings = IdentitySettings()
        settings.addressAttempts = 3
        try await Desk.with(settings) { desk in
            _ = try await desk.login()
            for name in ["carol", "dave", "erin", "frank"] {
                _ = try await refusal { _ = try await desk.login(name) }
            }
            #expect(try await refusal { _ = try await desk.login("carol") }?.code == .locked)
            #expect(try await desk.login().person.name == "alice")
        }
    }

    @Test func `the person is told once, and an admin takes the tries back`() async throws {
        try await Desk.with { (desk: Desk) async throws in
            for place in ["203.0.113.5", "203.0.113.6"] {
                for _ in 1...5 {
                    _ = try await refusal { _ = try await desk.login(pin: "0000", from: place) }
                }
            }
            #expect(
                try await desk.ground.count("SELECT count(*) FROM deliveries WHERE kind = 'login-locked'")
                    == 1)
            try await desk.identity.unlockUser(named: "alice", by: "cli:root")
            #expect(try await desk.login(from: "203.0.113.5").person.name == "alice")
            #expect(try await desk.ground.journalKinds().contains("user.unlocked"))
        }
    }

    @Test func `five wrong by link lock the login at that place, and the link wherever it is opened`()
        async throws
    {
        try await Desk.with { (desk: Desk) async throws in
            for _ in 1...5 { #expect(try await desk.byLink("0000", from: "203.0.113.5") == .wrongPIN) }
            #expect(try await desk.byLink(Desk.pin, from: "203.0.113.5") == .locked)
            #expect(try await desk.byLink(Desk.pin, from: "203.0.113.6") == .locked)
            #expect(try await refusal { _ = try await desk.login(from: "203.0.113.5") }?.code == .locked)
            // Whoever has nothing but the link keeps nobody from the login elsewhere.
            #expect(try await desk.login().person.name == "alice")
        }
    }

    @Test func `the sixth try is refused though it is right, for names that nobody has as well`() async throws
    {
        try await Desk.with { (desk: Desk) async throws in
            for name in ["alice", "nobody"] {
                for number in 1...5 {
                    let wrong = try #require(
                        try await refusal {
                            _ = try await desk.login(name, pin: "0000", from: "203.0.113.9")
                        })
                    #expect(wrong.code == .wrongPIN && wrong.facts["attempts_left"] == .integer(5 - number))
                }
                let sixth = try #require(
                    try await refusal { _ = try await desk.login(name, from: "203.0.113.9") })
                #expect(sixth.code == .locked && sixth.detail.contains("Too many wrong PINs"))
            }
        }
    }
}

extension Desk {
    /// What alice's login by her personal link is refused with.
    fileprivate func byLink(_ pin: String, from address: String) async throws -> RefusalCode? {
        try await refusal {
            _ = try await identity.login(.id(alice.id), pin: pin, from: address, byLink: true)
        }?.code
    }
}
