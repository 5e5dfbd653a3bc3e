import Domain
import Gate
import Store
import Testing

@Suite struct SessionTests {
    @Test func `a session is found by its token, of which only the hash is kept`() async throws {
        try await Desk.with { desk in
            let login = try await desk.login()
            let session = try #require(try await desk.identity.session(token: login.token.text))
            #expect(session.person == login.person)
            #expect(session.method == .pin)
            #expect(session.expiresAt.seconds(since: session.createdAt) == 12 * 60 * 60)
            #expect(try await desk.identity.session(token: String(login.token.text.dropLast()) + "!") == nil)
            #expect(try await desk.identity.session(token: "") == nil)
            let kept = try await desk.ground.count(
                "SELECT count(*) FROM sessions WHERE token_hash = convert_to('\(login.token.text)', 'UTF8')")
            #expect(kept == 0)
            #expect("\(login)".contains(login.token.text) == false)
        }
    }

    @Test func `logging in again ends the session that the browser had`() async throws {
        try await Desk.with { desk in
            let first = try await desk.login()
            let second = try await desk.identity.login(
                .id(desk.alice.id), pin: Desk.pin, from: Desk.address, replacing: first.token.text)
            #expect(first.token.text != second.token.text)
            #expect(try await desk.identity.session(token: first.token.text) == nil)
            #expect(try await desk.identity.session(token: second.token.text) != nil)
        }
    }

    @Test func `a wrong PIN does not end the session that the browser has`() async throws {
        try await Desk.with { desk in
            let first = try await desk.login()
            _ = try await refusal {
                _ = try await desk.identity.login(
                    .name("alice"), pin: "0000", from: Desk.address, replacing: first.token.text)
            }
            #expect(try await desk.identity.session(token: first.token.text) != nil)
        }
    }

    @Test func `logging out ends it, also when done twice`() async throws {
        try await Desk.with { desk in
            let login = try await desk.login()
            try await desk.identity.logout(token: login.token.text)
            try await desk.identity.logout(token: login.token.text)
            #expect(try await desk.identity.session(token: login.token.text) == nil)
            #expect(try await desk.ground.journalKinds().count { $0 == "session.ended" } == 1)
        }
    }

    @Test func `it ends after twelve hours, whatever was done with it`() async throws {
        try await Desk.with { desk in
            let login = try await desk.login()
            try await desk.ground.attack(
                "UPDATE sessions SET expires_at = clock_timestamp(), last_seen_at = clock_timestamp()")
            #expect(try await desk.identity.session(token: login.token.text) == nil)
        }
    }

    @Test func `it ends when idle where that is set, and use keeps it alive`() async throws {
        var settings = IdentitySettings()
        settings.idleSeconds = 600
        try await Desk.with(settings) { desk in
            let login = try await desk.login()
            try await desk.ground.attack(
                "UPDATE sessions SET last_seen_at = last_seen_at - interval '9 minutes'")
            #expect(try await desk.identity.session(token: login.token.text) != nil)
            let idle = "SELECT extract(epoch FROM clock_timestamp() - last_seen_at)::integer FROM sessions"
            #expect(try await desk.ground.count(idle) < 300)
            try await desk.ground.attack(
                "UPDATE sessions SET last_seen_at = last_seen_at - interval '11 minutes'")
            #expect(try await desk.identity.session(token: login.token.text) == nil)
        }
    }

    @Test func `looking without using does not keep it from becoming idle, to the second`() async throws {
        var settings = IdentitySettings()
        settings.idleSeconds = 600
        try await Desk.with(settings) { desk in
            let login = try await desk.login()
            func age(_ seconds: Int) async throws {
                try await desk.ground.attack(
                    "UPDATE sessions SET last_seen_at = clock_timestamp() - interval '\(seconds) seconds'")
            }
            try await age(590)
            #expect(try await desk.identity.session(token: login.token.text, isUse: false) != nil)
            let idle = "SELECT extract(epoch FROM clock_timestamp() - last_seen_at)::integer FROM sessions"
            #expect(try await desk.ground.count(idle) >= 590)
            try await age(600)
            #expect(try await desk.identity.session(token: login.token.text, isUse: false) == nil)
            #expect(try await desk.identity.session(token: login.token.text) == nil)
        }
    }

    @Test func `a short idle time is kept to as well: use is noted before it has run out`() async throws {
        var settings = IdentitySettings()
        settings.idleSeconds = 60
        try await Desk.with(settings) { desk in
            let login = try await desk.login()
            try await desk.ground.attack(
                "UPDATE sessions SET last_seen_at = clock_timestamp() - interval '40 seconds'")
            #expect(try await desk.identity.session(token: login.token.text) != nil)
            let idle = "SELECT extract(epoch FROM clock_timestamp() - last_seen_at)::integer FROM sessions"
            #expect(try await desk.ground.count(idle) < 35)
        }
    }

    @Test func `disabling a person or changing the PIN ends all their sessions`() async throws {
        try await Desk.with { desk in
            let first = try await desk.login()
            try await desk.identity.setPIN(ofUserNamed: "alice", to: "739104", by: "cli:root")
            #expect(try await desk.identity.session(token: first.token.text) == nil)
            let second = try await desk.login(pin: "739104")
            #expect(try await desk.identity.disableUser(named: "alice", by: "cli:root"))
            #expect(try await desk.identity.session(token: second.token.text) == nil)
            #expect(try await desk.identity.disableUser(named: "alice", by: "cli:root") == false)
        }
    }
}
