// Slices of proposals that are written one behind the other, and those who wait meanwhile.

import Domain
import Gate
import JSON
import Postgres
import Store
import Support
import Synchronization
import Testing

/// When bots stop.
private final class Closing: Sendable {
    let hasCome = Mutex(false)
}

struct AdmissionSliceTests {
    private static let bots = 48
    private static let noLimits: JSONValue = [
        "limits": [
            "duplicate_window_seconds": nil, "max_new_positions_per_day": nil, "max_open_positions": nil,
            "max_new_positions_per_week": nil, "max_position_usd": nil, "max_position_pct": nil,
            "cash_reserve_min_pct": nil,
        ]
    ]

    /// Slices, each a transaction of its own, that were stored behind those who asked for the lock before they had it.
    private func slicesBefore(alone: Bool, _ desk: GateFixture) async throws -> Int {
        try await desk.pool.transaction { session in
            let last = try session.query("SELECT coalesce(max(sequence), 0) AS last FROM proposal_terms")
            let before = try last.only().int("last")
            try session.read(alone ? AccountLock.exclusive : AccountLock.shared)
            return try session.query(
                "SELECT count(DISTINCT xmin::text) AS slices FROM proposal_terms WHERE sequence > $1",
                [.int(Int64(before))]
            ).only().int("slices")
        }
    }

    @Test(.timeLimit(.minutes(10)))
    func `whoever waits for the account has it after a few slices, however many bots go on`() async throws {
        try await GateFixture.with { desk in
            try await desk.apply(Self.noLimits)
            let admission = Admission(desk.context)
            let closing = Closing()
            let most = try await withThrowingTaskGroup(of: Void.self) { group in
                for bot in 0..<Self.bots {
                    group.addTask {
                        var number = 0
                        while !closing.hasCome.withLock({ $0 }) {
                            number += 1
                            let admitted = try await desk.propose(
                                ["qty": "1"], key: "\(bot)-\(number)", admission: admission)
                            #expect(!admitted.isReplay)
                        }
                    }
                }
                var most = 0
                for round in 0..<20 {
                    // Only while bots are at it.
                    let sofar = "SELECT count(*) FROM proposal_terms"
                    let earlier = try await desk.count(sofar)
                    while try await desk.count(sofar) < earlier + 2 * Self.bots {}
                    most = max(most, try await slicesBefore(alone: round % 2 == 1, desk))
                }
                closing.hasCome.withLock { $0 = true }
                try await group.waitForAll()
                return most
            }
            // Who comes just behind the question whether somebody waits lets that many by, with those under way at either end; sixteen
            // in a row they would be otherwise.
            #expect(most >= 1 && most <= 8)
        }
    }

    @Test func `in slices one behind the other everybody gets one answer, and each is stored once`()
        async throws
    {
        try await GateFixture.with { desk in
            try await desk.apply(Self.noLimits)
            let admission = Admission(desk.context, groupLimit: 7)
            let answers = try await withThrowingTaskGroup(of: (String, Identifier, Bool).self) { group in
                for bot in 0..<24 {
                    group.addTask {
                        let key = "k\(bot % 12)"
                        let symbol = ["NVDA", "AAPL", "MSFT"][bot % 3]
                        let admitted = try await desk.propose(
                            ["qty": "1", "symbol": .string(symbol)], key: key, admission: admission)
                        return (key, admitted.view.record.id, admitted.isReplay)
                    }
                }
                var answers: [(String, Identifier, Bool)] = []
                for try await answer in group { answers.append(answer) }
                return answers
            }
            #expect(answers.count == 24 && answers.filter { !$0.2 }.count == 12)
            let byKey = Dictionary(grouping: answers, by: \.0)
            #expect(byKey.count == 12 && byKey.values.allSatisfy { Set($0.map(\.1)).count == 1 })
            #expect(try await desk.count("SELECT count(*) FROM proposals") == 12)
            #expect(
                try await desk.count("SELECT count(*) FROM journal WHERE kind LIKE 'proposal.%'") == 12)
        }
    }
}
