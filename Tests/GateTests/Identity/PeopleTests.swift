import Domain
import Gate
import JSON
import Store
import Testing

@Suite struct PeopleTests {
    @Test func `a person is added once, and the journal does not learn the PIN`() async throws {
        try await Desk.with { desk in
            let again = try await refusal {
                _ = try await desk.identity.addUser(
                    NewUser(name: "Alice", role: .admin), pin: nil, by: "cli:root")
            }
            #expect(again?.code == .conflict)
            #expect(try await desk.ground.journalKinds() == ["user.added"])
            let told = try await desk.ground.count(
                "SELECT count(*) FROM journal WHERE data LIKE '%\(Desk.pin)%' OR data LIKE '%argon2%'")
            #expect(told == 0)
            #expect(try await desk.identity.users().map(\.name) == ["alice"])
        }
    }

    @Test func `every fault of a new person is told at once and nothing is stored`() async throws {
        try await Desk.with { desk in
            let wrong = try await refusal {
                _ = try await desk.identity.addUser(
                    NewUser(
                        name: "1; DROP TABLE users", email: "a@b@c", role: .viewer, maxNotional: .zero,
                        maxNotionalPerDay: ExactDecimal(-1)), pin: "1234", by: "cli:root")
            }
            #expect(wrong?.code == .validation)
            #expect(
                wrong?.faults.map(\.pointer)
                    == ["/name", "/email", "/max_notional", "/max_notional_per_day", "/pin"])
            #expect(try await desk.identity.users().count == 1)
        }
    }

    @Test func `a new PIN unlocks`() async throws {
        try await Desk.with { desk in
            for _ in 1...5 { _ = try await refusal { _ = try await desk.login(pin: "0000") } }
            #expect(try await refusal { _ = try await desk.login() }?.code == .locked)
            try await desk.identity.setPIN(ofUserNamed: "alice", to: "correct horse battery", by: "cli:root")
            #expect(try await desk.login(pin: "correct horse battery").person.name == "alice")
        }
    }

    @Test func `nobody of that name is told so, and a disabled person gets no PIN`() async throws {
        try await Desk.with { desk in
            let unknown = try await refusal {
                try await desk.identity.setPIN(ofUserNamed: "bob", to: "739104", by: "cli:root")
            }
            #expect(unknown?.code == .notFound)
            try await desk.identity.disableUser(named: "alice", by: "cli:root")
            let disabled = try await refusal {
                try await desk.identity.setPIN(ofUserNamed: "alice", to: "739104", by: "cli:root")
            }
            #expect(disabled?.code == .conflict)
        }
    }
}
