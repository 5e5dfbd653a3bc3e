import Cryptography
import Domain
import Gate
import JSON
import Postgres
import Store
import Testing

@Suite struct DeploymentTests {
    @Test func `a new paper database starts with the default policy and knows its key`() async throws {
        try await Ground.with { ground async throws in
            let deployment = Deployment(ground.context)
            let record = try await deployment.start()
            #expect(record.mode == .paper && record.accountNumber == nil)
            #expect(try await Policies(ground.context).newest().document["preset"] == "guarded-5k")
            let keys = try await deployment.signingKeys()
            #expect(keys.map(\.keyID) == [ground.context.secrets.signingKeyID])
            #expect(keys.first?.publicKey == ground.context.secrets.signingKey.publicKey.bytes)
            #expect(
                try await ground.journalKinds()
                    == ["deployment.stamped", "policy.applied", "signing_key.registered"])
        }
    }

    @Test func `starting again, many at once, changes nothing`() async throws {
        try await Ground.with { ground async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 1...8 { group.addTask { try await Deployment(ground.context).start() } }
                try await group.waitForAll()
            }
            #expect(try await ground.journalKinds().count == 3)
        }
    }

    @Test func `a live database starts without a policy`() async throws {
        try await Ground.with(mode: .live) { ground async throws in
            try await Deployment(ground.context).start()
            #expect(
                try await refusal { _ = try await Policies(ground.context).newest() }?.code == .noPolicy)
        }
    }

    @Test func `another mode is refused in words`() async throws {
        try await Ground.with { ground async throws in
            try await Deployment(ground.context).start()
            let live = try Ground.context(ground.pool, mode: .live, master: 7)
            let error = await #expect(throws: DeploymentError.self) { try await Deployment(live).start() }
            #expect(error?.description.contains("belongs to a paper account") == true)
            #expect(try await Deployment(ground.context).find()?.mode == .paper)
        }
    }

    @Test func `another secret key adds its signing key and keeps the old one`() async throws {
        try await Ground.with { ground async throws in
            try await Deployment(ground.context).start()
            let other = try Ground.context(ground.pool, mode: .paper, master: 8)
            try await Deployment(other).start()
            let keys = try await Deployment(other).signingKeys()
            #expect(
                keys.map(\.keyID) == [other.secrets.signingKeyID, ground.context.secrets.signingKeyID])
        }
    }

    @Test func `the first account binds the database, another one is refused`() async throws {
        try await Ground.with { ground async throws in
            try await Deployment(ground.context).start()
            @Sendable func bind(_ number: String) async throws {
                try await ground.pool.transaction { session in
                    try Deployment.bind(accountNumber: number, by: "worker:w1", in: session)
                }
            }
            #expect(try await refusal { try await bind("") }?.code == .validation)
            #expect(try await refusal { try await bind("SIM 1") }?.code == .validation)
            try await bind("SIM1")
            try await bind("SIM1")
            let mismatch = try await refusal { try await bind("SIM2") }
            #expect(mismatch?.code == .accountMismatch)
            #expect(mismatch?.detail.contains("SIM1") == true && mismatch?.detail.contains("SIM2") == true)
            #expect(try await Deployment(ground.context).find()?.accountNumber == "SIM1")
            #expect(try await ground.journalKinds().count { $0 == "deployment.bound" } == 1)
        }
    }

    @Test func `no statement moves a database to another mode or account`() async throws {
        try await Ground.with { ground async throws in
            try await Deployment(ground.context).start()
            for sql in ["UPDATE deployment SET mode = 'live'", "DELETE FROM deployment"] {
                await #expect(throws: (any Error).self) { try await ground.attack(sql) }
            }
        }
    }
}
