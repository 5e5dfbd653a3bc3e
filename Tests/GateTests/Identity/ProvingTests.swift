import Domain
import Gate
import JSON
import Postgres
import Store
import Testing

@Suite struct ProvingTests {
    @Test func `the right PIN proves a person and forgets wrong tries`() async throws {
        try await Desk.with { desk in
            #expect(try await refusal { _ = try await desk.login(pin: "1111") }?.code == .wrongPIN)
            let person = try await desk.identity.verifyPIN(desk.alice.id, Desk.pin, from: Desk.address)
            #expect(person == Person(id: desk.alice.id, name: "alice", role: .approver))
            // The wrong one still counts for the address; the right one does not.
            #expect(
                try await desk.ground.count("SELECT count(*) FROM login_failures WHERE address ~ '^address'")
                    == 1)
        }
    }

    @Test func `five wrong PINs lock, and then the right one does not open`() async throws {
        try await Desk.with { desk in
            var left: [Int?] = []
            for _ in 1...5 {
                let wrong = try await refusal { _ = try await desk.login(pin: "0000") }
                #expect(wrong?.code == .wrongPIN)
                left.append(wrong?.facts["attempts_left"]?.intValue)
            }
            #expect(left == [4, 3, 2, 1, 0])
            let locked = try await refusal { _ = try await desk.login() }
            #expect(locked?.code == .locked)
            #expect(locked?.facts["locked_until"]?.stringValue != nil)
            #expect(try await desk.ground.journalKinds().suffix(2) == ["user.pin_wrong", "user.locked"])
            try await desk.waitOutLocks()
            #expect(try await desk.login().person.name == "alice")
        }
    }

    @Test func `after a lock ran out five more tries are counted anew`() async throws {
        try await Desk.with { desk in
            for _ in 1...5 { _ = try await refusal { _ = try await desk.login(pin: "0000") } }
            try await desk.waitOutLocks()
            let first = try await refusal { _ = try await desk.login(pin: "0000") }
            #expect(first?.facts["attempts_left"] == 4)
        }
    }

    @Test func `fifty guesses at once from fifty places get twenty answers`() async throws {
        try await Desk.with { desk in
            let codes = await withTaskGroup(of: RefusalCode?.self) { group in
                for number in 0..<50 {
                    group.addTask {
                        try? await refusal {
                            _ = try await desk.identity.verifyPIN(
                                desk.alice.id, "0000", from: "192.0.2.\(number)")
                        }?.code
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            // On a machine under load some are turned away before they are counted; none gets a twenty-first answer.
            #expect((1...20).contains(codes.count { $0 == .wrongPIN }))
            #expect(codes.contains(.locked))
        }
    }

    @Test func `a name nobody has is answered like one that somebody has`() async throws {
        try await Desk.with { desk in
            for _ in 1...5 {
                let known = try await refusal { _ = try await desk.login(pin: "0000") }
                let unknown = try await refusal { _ = try await desk.login("mallory", pin: "0000") }
                #expect(known == unknown)
            }
            let known = try await refusal { _ = try await desk.login(pin: "0000") }
            let unknown = try await refusal { _ = try await desk.login("Mallory", pin: "0000") }
            #expect(known?.code == .locked && unknown?.code == .locked)
            #expect(known?.facts.keys == unknown?.facts.keys)
            let names = try await desk.ground.count(
                "SELECT count(*) FROM login_failures WHERE address ~* 'mallory'")
            #expect(names == 0)
        }
    }

    @Test func `a person without a PIN and a disabled one cannot log in`() async throws {
        try await Desk.with { desk in
            _ = try await desk.identity.addUser(NewUser(name: "bob", role: .viewer), pin: nil, by: "cli:root")
            #expect(try await refusal { _ = try await desk.login("bob", pin: "") }?.code == .wrongPIN)
            try await desk.identity.disableUser(named: "alice", by: "cli:root")
            #expect(try await refusal { _ = try await desk.login() }?.code == .wrongPIN)
        }
    }

    @Test func `one address is answered so many wrong tries and no more`() async throws {
        var settings = IdentitySettings()
        settings.addressAttempts = 3
        try await Desk.with(settings) { desk async throws in
            for name in ["carol", "dave", "erin"] {
                #expect(try await refusal { _ = try await desk.login(name) }?.code == .wrongPIN)
            }
            #expect(try await refusal { _ = try await desk.login() }?.code == .locked)
            #expect(try await desk.login(from: "192.0.2.8").person.name == "alice")
        }
    }

    @Test(arguments: ["2001:db8:0:1::1", "2001:db8:0:1:ffff::2"])
    func `addresses of one IPv6 network count together`(second: String) async throws {
        var settings = IdentitySettings()
        settings.addressAttempts = 1
        try await Desk.with(settings) { desk in
            _ = try await refusal { _ = try await desk.login("carol", from: "2001:db8:0:1::9") }
            #expect(try await refusal { _ = try await desk.login(from: second) }?.code == .locked)
            #expect(try await desk.login(from: "2001:db8:0:2::1").person.name == "alice")
        }
    }

    @Test func `a PIN changed while the old one is verified does not open`() async throws {
        try await Desk.with { desk in
            let old = try await desk.ground.superuser.withSession { session in
                try session.query("SELECT pin_hash FROM users").only().text("pin_hash")
            }
            try await desk.identity.setPIN(ofUserNamed: "alice", to: "739104", by: "cli:root")
            let cleared = try await desk.ground.pool.transaction { session in
                try AttemptStore.clear(desk.alice.id, verified: old, in: session)
            }
            #expect(cleared == nil)
        }
    }

    @Test func `old notes of tries are pruned and young ones stay`() async throws {
        try await Desk.with { desk in
            _ = try await refusal { _ = try await desk.login("carol") }
            try await desk.ground.attack(
                "INSERT INTO login_failures VALUES ('address:old', clock_timestamp() - interval '25 hours')")
            #expect(try await desk.identity.pruneAttempts() == 1)
            #expect(try await desk.ground.count("SELECT count(*) FROM login_failures") == 3)
        }
    }
}
