import Domain
import Gate
import JSON
import Store
import Testing

@Suite struct KeyTests {
    @Test func `a key opens what its scope allows and is kept only as a hash`() async throws {
        try await Desk.with { desk in
            let key = try await desk.identity.createKey(named: "dee-bot", scope: .propose, by: "cli:root")
            #expect(key.secret.text.hasPrefix("csk_") && key.secret.text.utf8.count == 47)
            #expect("\(key)".contains(key.secret.text) == false)
            let caller = try await desk.identity.authenticate(bearer: key.secret.text)
            #expect(caller == .key(id: key.record.id, name: "dee-bot", scope: .propose))
            #expect(caller.mayPropose && !caller.mayWork && !caller.mayOperate && !caller.mayAlert)
            #expect(!caller.mayRead && !caller.mayAdminister && !caller.mayAudit)
            let kept = try await desk.ground.count(
                "SELECT count(*) FROM api_keys WHERE '\(key.secret.text)' LIKE hint || '_%'")
            #expect(kept == 1)
            let used = try await desk.identity.keys()
            #expect(used.map(\.name) == ["dee-bot"] && used.first?.lastUsedAt != nil)
        }
    }

    @Test(arguments: ["", "csk_", "csk_" + String(repeating: "A", count: 43), "Bearer x", "nonsense"])
    func `what is no key opens nothing`(token: String) async throws {
        try await Desk.with { desk in
            let answer = try await refusal { _ = try await desk.identity.authenticate(bearer: token) }
            #expect(answer?.code == .unauthenticated)
            #expect(answer?.code.status == 401)
        }
    }

    @Test func `many at once are each told their own holder, and a stranger's opens nothing among them`()
        async throws
    {
        try await Desk.with { desk in
            var names: [String: String] = [:]
            for name in ["one-bot", "two-bot", "three-bot"] {
                let key = try await desk.identity.createKey(named: name, scope: .propose, by: "cli:root")
                names[key.secret.text] = name
            }
            let stranger = "csk_" + String(repeating: "A", count: 43)
            try await withThrowingTaskGroup { group in
                for round in 0..<40 {
                    for (secret, name) in names {
                        group.addTask {
                            let caller = try await desk.identity.authenticate(bearer: secret)
                            guard case .key(_, let found, .propose) = caller, found == name else {
                                Issue.record("\(round): \(name) is \(caller)")
                                return
                            }
                        }
                    }
                    group.addTask {
                        let answer = try await refusal {
                            _ = try await desk.identity.authenticate(bearer: stranger)
                        }
                        #expect(answer?.code == .unauthenticated)
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func `a revoked key stops at once and frees its name`() async throws {
        try await Desk.with { desk in
            let key = try await desk.identity.createKey(named: "dee-bot", scope: .work, by: "cli:root")
            let again = try await refusal {
                _ = try await desk.identity.createKey(named: "Dee-Bot", scope: .read, by: "cli:root")
            }
            #expect(again?.code == .conflict)
            try await desk.identity.revokeKey(named: "dee-bot", by: "cli:root")
            let revoked = try await refusal {
                _ = try await desk.identity.authenticate(bearer: key.secret.text)
            }
            #expect(revoked?.code == .unauthenticated)
            _ = try await desk.identity.createKey(named: "dee-bot", scope: .read, by: "cli:root")
            let twice = try await refusal {
                try await desk.identity.revokeKey(named: "gone", by: "cli:root")
            }
            #expect(twice?.code == .notFound)
            #expect(
                try await desk.ground.journalKinds()
                    == ["user.added", "key.created", "key.revoked", "key.created"])
        }
    }

    @Test func `a personal token may what its person may, and ends with them`() async throws {
        try await Desk.with { desk in
            let token = try await desk.identity.createToken(
                named: "laptop", forUserNamed: "alice", by: "user:alice")
            let caller = try await desk.identity.authenticate(bearer: token.secret.text)
            #expect(caller == .person(desk.alice.person, method: .token, keyID: token.record.id))
            #expect(caller.mayPropose && caller.mayRead && caller.mayAlert)
            #expect(!caller.mayOperate && !caller.mayWork && !caller.mayAdminister && !caller.mayAudit)
            // Another person, or a bot, may use the same name.
            _ = try await desk.identity.createKey(named: "laptop", scope: .read, by: "cli:root")
            try await desk.identity.disableUser(named: "alice", by: "cli:root")
            let ended = try await refusal {
                _ = try await desk.identity.authenticate(bearer: token.secret.text)
            }
            #expect(ended?.code == .unauthenticated)
            let late = try await refusal {
                _ = try await desk.identity.createToken(named: "phone", forUserNamed: "alice", by: "cli:root")
            }
            #expect(late?.code == .conflict)
        }
    }

    @Test func `revoking a person's token leaves the key of the same name`() async throws {
        try await Desk.with { desk in
            let token = try await desk.identity.createToken(
                named: "laptop", forUserNamed: "alice", by: "cli:root")
            let key = try await desk.identity.createKey(named: "laptop", scope: .read, by: "cli:root")
            try await desk.identity.revokeKey(named: "laptop", ofUserNamed: "alice", by: "user:alice")
            #expect(
                try await refusal { _ = try await desk.identity.authenticate(bearer: token.secret.text) }
                    != nil)
            #expect(
                try await refusal { _ = try await desk.identity.authenticate(bearer: key.secret.text) } == nil
            )
        }
    }

    @Test func `a key needs a proper name, and no key is personal`() async throws {
        try await Desk.with { desk in
            let name = try await refusal {
                _ = try await desk.identity.createKey(named: "a b", scope: .read, by: "cli:root")
            }
            #expect(name?.faults.map(\.pointer) == ["/name"])
            let scope = try await refusal {
                _ = try await desk.identity.createKey(named: "ab", scope: .personal, by: "cli:root")
            }
            #expect(scope?.faults.map(\.pointer) == ["/scope"])
        }
    }
}
