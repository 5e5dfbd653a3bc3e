import Domain
import Gate
import JSON
import Postgres
import Store
import Synchronization
import Testing

/// What is read while money goes in and out: the account's worth and the entry that explains it, both or neither.
@Suite struct OneMomentTests {
    private static let rounds = 150

    /// The account after the money went in, or out again, with the entry of the statement that says so.
    private static func account(_ round: Int, at: Timestamp) -> JSONObject {
        let isIn = !round.isMultiple(of: 2)
        let equity: JSONValue = isIn ? "150000" : "100000"
        return [
            "account": [
                "account_number": "SIM1", "status": "ACTIVE", "equity": equity, "last_equity": "100000",
                "cash": equity, "buying_power": "100000",
            ],
            "positions": [], "open_orders": [],
            "activities": [
                [
                    "activity_type": isIn ? "CSD" : "CSW", "id": .string("cash-\(round)"),
                    "net_amount": isIn ? "50000" : "-50000", "created_at": .string(at.rfc3339),
                ]
            ],
        ]
    }

    private final class Ending: Sendable { let told = Atomic(false) }

    /// Every value that a reading gave while the money moved.
    private func readings<R: Sendable>(
        _ read: @escaping @Sendable (GateContext) async throws -> R
    ) async throws -> [R] {
        try await WorkFloor.with { floor in
            var plain = Self.account(0, at: try await floor.now())
            plain["activities"] = []
            try await floor.sync("w1", plain)
            return try await withThrowingTaskGroup(of: [R].self) { group in
                let (isOver, context) = (Ending(), floor.context)
                defer { isOver.told.store(true, ordering: .relaxed) }
                for _ in 0..<2 {
                    group.addTask {
                        var found: [R] = []
                        while !isOver.told.load(ordering: .relaxed) { found.append(try await read(context)) }
                        return found
                    }
                }
                for round in 1...Self.rounds {
                    try await floor.sync(
                        "w1", Self.account(round, at: try await floor.now().adding(seconds: 1)))
                }
                isOver.told.store(true, ordering: .relaxed)
                return try await group.reduce(into: []) { $0 += $1 }
            }
        }
    }

    @Test func `what the breakers compare is of one moment, so that a deposit is never a loss`() async throws
    {
        let results = try await readings { context in
            try await context.pool.withSession { session in
                try BreakerScene.load(in: session).flatMap { scene in
                    scene.ground.equity.map { $0 - scene.ground.cashFlow }
                }
            }
        }
        #expect(results.count > 100)
        #expect(Set(results) == [ExactDecimal(100_000)])
    }

    @Test func `so is what people are shown of the day`() async throws {
        let results = try await readings { context in
            try await context.pool.withSnapshot { session in
                try RiskReading.metrics(in: session)["result"]?["daily_pnl"]?.stringValue
            }
        }
        #expect(results.count > 100)
        #expect(Set(results) == ["0"])
    }
}
