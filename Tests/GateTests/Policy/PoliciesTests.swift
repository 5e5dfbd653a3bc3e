import Domain
import Gate
import JSON
import Postgres
import Store
import Testing

@Suite struct PoliciesTests {
    private func policy(_ record: PolicyRecord) throws -> Policy { try PolicyDocument.parse(record.document) }

    @Test func `without a policy there is none to trade by`() async throws {
        try await Ground.with(mode: .live) { ground async throws in
            let policies = Policies(ground.context)
            #expect(try await refusal { _ = try await policies.newest() }?.code == .noPolicy)
            #expect(try await policies.versions().isEmpty)
        }
    }

    @Test func `more approvals than there are people is told, and more than can be stored is refused`()
        async throws
    {
        try await Ground.with { ground async throws in
            let policies = Policies(ground.context)
            #expect(try await policies.warnings().isEmpty)
            _ = try await policies.apply(["approval": ["approvals": 9]], by: "cli:root")
            let warning = try #require(try await policies.warnings().first)
            #expect(warning.contains("asks for 9 approvals"), "\(warning)")
            let refused = try await refusal {
                _ = try await policies.apply(["approval": ["approvals": 10]], by: "cli:root")
            }
            #expect(refused?.code == .validation)
            #expect(try await policies.newest().version == 1)
        }
    }

    @Test func `what is applied counts at once, for every server`() async throws {
        try await Ground.with { ground async throws in
            let policies = Policies(ground.context)
            let other = Policies(ground.context)
            _ = try await policies.apply([:], by: "cli:root")
            #expect(try await policy(other.newest()).limits.maxPositionUSD == ExactDecimal(5000))
            let applied = try await policies.apply(
                ["limits": ["max_position_usd": "4000", "max_open_positions": nil]], by: "user:alice")
            guard case .applied(let record, let changes) = applied else {
                Issue.record("not applied: \(applied)")
                return
            }
            #expect(record.version == 2 && record.appliedBy == "user:alice")
            #expect(
                changes == [
                    PolicyChange(pointer: "/limits/max_position_usd", from: "5000", to: "4000"),
                    PolicyChange(pointer: "/limits/max_open_positions", from: 5, to: nil),
                ])
            let newest = try await other.newest()
            #expect(newest.version == 2)
            #expect(try policy(newest).limits.maxPositionUSD == ExactDecimal(4000))
            #expect(try policy(newest).limits.maxOpenPositions == nil)
            #expect(try await ground.journalKinds() == ["policy.applied", "policy.applied"])
        }
    }

    @Test func `the same again is no new version`() async throws {
        try await Ground.with { ground async throws in
            let policies = Policies(ground.context)
            _ = try await policies.apply(["preset": "turtle"], by: "cli:root")
            let again = try await policies.apply(["preset": "turtle", "limits": [:]], by: "cli:root")
            #expect(again == .unchanged(try await policies.newest()))
            #expect(try await policies.versions().map(\.version) == [1])
        }
    }

    @Test func `a wrong document stores nothing and names every fault`() async throws {
        try await Ground.with { ground async throws in
            let policies = Policies(ground.context)
            let wrong = try await refusal {
                _ = try await policies.apply(
                    ["limits": ["max_position_usd": -1, "max_positon_pct": "0.1"]], by: "cli:root")
            }
            #expect(wrong?.code == .validation)
            #expect(
                Set(wrong?.faults.map(\.pointer) ?? [])
                    == ["/limits/max_position_usd", "/limits/max_positon_pct"])
            #expect(try await policies.versions().isEmpty)
        }
    }

    @Test func `versions are listed newest first and found by number`() async throws {
        try await Ground.with { ground async throws in
            let policies = Policies(ground.context)
            for usd in 1...3 {
                _ = try await policies.apply(
                    ["limits": ["max_position_usd": .integer(usd * 1000)]], by: "cli:root")
            }
            #expect(try await policies.versions(limit: 2).map(\.version) == [3, 2])
            #expect(try await policies.versions(before: 2).map(\.version) == [1])
            #expect(try await policies.find(version: 2).document["limits"]?["max_position_usd"] == "2000")
            #expect(try await refusal { _ = try await policies.find(version: 9) }?.code == .notFound)
            #expect(try await refusal { _ = try await policies.find(version: .max) }?.code == .notFound)
        }
    }

    @Test func `ten applied at once become ten versions`() async throws {
        try await Ground.with { ground async throws in
            let policies = Policies(ground.context)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for usd in 1...10 {
                    group.addTask {
                        let document: JSONValue = ["limits": ["max_position_usd": .integer(usd * 1000)]]
                        _ = try await policies.apply(document, by: "cli:root")
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await policies.versions().map(\.version) == Array((1...10).reversed()))
        }
    }

    @Test func `an applied version cannot be changed with the application's own role`() async throws {
        try await Ground.with { ground async throws in
            _ = try await Policies(ground.context).apply([:], by: "cli:root")
            for sql in [
                "UPDATE policies SET document = '{}'", "DELETE FROM policies", "TRUNCATE policies CASCADE",
            ] {
                await #expect(throws: PostgresError.self) {
                    try await ground.pool.withSession { session in try session.script(sql) }
                }
            }
        }
    }
}
