import Domain
import Gate
import JSON
import Store
import Support
import Testing

/// Whatever comes, in whatever order and however often: the books that are kept equal the books worked out anew.
@Suite struct RandomWalkTests {
    @Test
    func
        `kept books equal rebuilt ones after executions that are late, repeated, partial and through nought`()
        async throws
    {
        var random = SplitMix64.announced()
        try await WorkFloor.with { floor in
            let order = try await floor.release()
            _ = try await floor.claim(order)
            try await floor.report(
                order,
                [
                    "outcome": "placed",
                    "broker_order": [
                        "id": "ours", "status": "new", "legs": [["id": "leg"]],
                    ],
                ])
            var waiting = try await Self.executions(300, &random, floor)
            var sent: [JSONValue] = []
            while !waiting.isEmpty {
                // Mostly in order, at times late, at times again.
                var batch: [JSONValue] = []
                for _ in 0..<Int.random(in: 1...6, using: &random) where !waiting.isEmpty {
                    let late = Int.random(in: 0..<4, using: &random) == 0
                    let place = late ? Int.random(in: 0..<min(9, waiting.count), using: &random) : 0
                    batch.append(waiting.remove(at: place))
                }
                if let again = sent.randomElement(using: &random), Bool.random(using: &random) {
                    batch.append(again)
                }
                sent += batch
                try await Self.sync(floor, batch, &random)
            }
            let report = try await Rebuilding(floor.context).rebuild(write: false, actor: "cli:test")
            #expect(report.executions == 300, "seed \(random.seed)")
            #expect(report.snapshots > 10)
            #expect(report.cashFlows > 3)
            #expect(report.differences == [], "seed \(random.seed)")
            let flips = try await floor.count("SELECT count(*) FROM round_trips WHERE closed_at IS NOT NULL")
            #expect(flips > 10)
            let strategies = try await floor.count(
                "SELECT count(*) FROM positions a WHERE scope = 'account' AND qty <> (SELECT sum(qty) FROM positions b "
                    + "WHERE b.symbol = a.symbol AND b.scope <> 'account')")
            #expect(strategies == 0)
        }
    }

    @Test func `what was damaged is found and put right`() async throws {
        try await WorkFloor.with { floor in
            var random = SplitMix64(seed: 7)
            try await floor.sync()
            let executions = try await Self.executions(40, &random, floor)
            try await Self.sync(floor, executions, &random)
            try await floor.ground.attack(
                """
                UPDATE positions SET cost = cost + 0.000000000001 WHERE symbol = 'NVDA' AND scope = 'account';
                DELETE FROM bookings WHERE ctid IN (SELECT ctid FROM bookings LIMIT 1);
                UPDATE account_days SET high_water_mark = high_water_mark + 1;
                """)
            let rebuilding = Rebuilding(floor.context)
            let found = try await rebuilding.rebuild(write: false, actor: "cli:test")
            #expect(found.differenceCount == 3)
            #expect(!found.isWritten)
            #expect(try await rebuilding.rebuild(write: true, actor: "cli:test").isWritten)
            #expect(try await rebuilding.rebuild(write: false, actor: "cli:test").differences == [])
            #expect(
                try await floor.count("SELECT count(*) FROM journal WHERE kind = 'books.rebuilt'") == 1)
        }
    }

    /// Executions of three symbols; some of our order, its leg, and orders made elsewhere.
    private static func executions(
        _ count: Int, _ random: inout SplitMix64, _ floor: WorkFloor
    ) async throws -> [JSONValue] {
        let start = try await floor.now().adding(seconds: 60)
        return (0..<count).map { number in
            let qty = ExactDecimal("\(Int.random(in: 1...40, using: &random))") ?? .one
            let part =
                Bool.random(using: &random) ? "" : ".\(Int.random(in: 1...999_999_999, using: &random))"
            let price = "\(Int.random(in: 5...15, using: &random)).\(Int.random(in: 10...99, using: &random))"
            // Several share their instant, and are told apart by their identity alone.
            let at = start.adding(seconds: number / 3)
            let side =
                Bool.random(using: &random) ? "buy" : Bool.random(using: &random) ? "sell" : "sell_short"
            return [
                "activity_type": "FILL", "id": .string("fill-\(number % 3)-\(number)"),
                "order_id": .string(["ours", "leg", "elsewhere"].randomElement(using: &random) ?? "leg"),
                "symbol": .string(["NVDA", "AAPL", "F"].randomElement(using: &random) ?? "F"),
                "side": .string(side), "qty": .string("\(qty)\(part)"), "price": .string(price),
                "commission": .string("0.\(Int.random(in: 0...99, using: &random))"),
                "transaction_time": .string(at.rfc3339),
            ]
        }
    }

    private static func sync(
        _ floor: WorkFloor, _ entries: [JSONValue], _ random: inout SplitMix64
    ) async throws {
        var body = WorkFloor.account()
        let equity = 100_000 + Int.random(in: -9000...9000, using: &random)
        body["account"] = body["account"]?.objectValue.map { account in
            .object(account.merging(["equity": .string("\(equity).17"), "last_equity": "100000"]))
        }
        var activities = entries
        if Int.random(in: 0..<6, using: &random) == 0 {
            let number = Int.random(in: 0..<1_000_000, using: &random)
            activities.append([
                "activity_type": .string(
                    ["CSD", "CSW", "FEE", "DIV"].randomElement(using: &random) ?? "CSD"),
                "id": .string("flow-\(number)"),
                "net_amount": .string("\(Int.random(in: -500...500, using: &random)).25"),
            ])
        }
        body["activities"] = .array(activities)
        try await floor.sync("w1", body)
    }
}
