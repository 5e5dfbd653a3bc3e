import Domain
import Gate
import JSON
import Postgres
import Store
import Support
import Testing

/// Executions from reports and from the account's statement, in the books that they belong to.
@Suite struct BooksTests {
    static func fill(
        _ id: String, _ orderID: String, _ side: String, _ qty: String, _ price: String, at: Timestamp,
        replaces: String? = nil
    ) -> JSONValue {
        var entry: JSONObject = [
            "activity_type": "FILL", "id": .string(id), "order_id": .string(orderID), "symbol": "NVDA",
            "side": .string(side), "qty": .string(qty), "price": .string(price),
            "transaction_time": .string(at.rfc3339),
        ]
        entry["replaces"] = replaces.map(JSONValue.string)
        return .object(entry)
    }

    static func account(_ activities: [JSONValue], held: String? = nil) -> JSONObject {
        var body = WorkFloor.account()
        body["activities"] = .array(activities)
        if let held {
            body["positions"] = [
                [
                    "symbol": "NVDA", "qty": .string(held), "avg_entry_price": "118.2",
                    "market_value": "1182",
                    "current_price": "118.2",
                ]
            ]
        }
        return body
    }

    private func positions(_ floor: WorkFloor) async throws -> [String: ExactDecimal] {
        let held = try await floor.context.pool.withSession { try PositionStore.held(in: $0) }
        return Dictionary(
            uniqueKeysWithValues: held.map { ("\($0.key.scope.rawValue) \($0.key.target)", $0.qty) })
    }

    @Test func `an entry, its exit leg and the order that took the leg's place belong to the strategy`()
        async throws
    {
        try await WorkFloor.with { floor in
            let order = try await floor.release(["strategy": "momentum"])
            _ = try await floor.claim(order)
            let at = try await floor.now().adding(seconds: 1)
            // The exit is in the statement before anybody knows that it is a leg.
            try await floor.sync(
                "w1", Self.account([Self.fill("e2", "stop-2", "sell", "4", "109", at: at.adding(seconds: 9))])
            )
            #expect(try await positions(floor) == ["account ": -4, "external ": -4])
            try await floor.report(
                order,
                [
                    "outcome": "placed",
                    "broker_order": [
                        "id": "b1", "status": "filled", "filled_qty": "10", "filled_avg_price": "118.2",
                        "legs": [["id": "stop-1"]],
                    ],
                    "fills": [
                        [
                            "execution_id": "e1", "qty": "10", "price": "118.2",
                            "executed_at": .string(at.rfc3339),
                        ]
                    ],
                ])
            // The same execution out of the statement changes nothing; the leg's new self is learnt from `replaces`.
            try await floor.sync(
                "w1",
                Self.account([
                    Self.fill("e1", "b1", "buy", "10", "118.2", at: at),
                    Self.fill(
                        "e2", "stop-2", "sell", "4", "109", at: at.adding(seconds: 9), replaces: "stop-1"),
                ]))
            #expect(try await positions(floor) == ["account ": 6, "strategy momentum": 6])
            let rebuilt = try await Rebuilding(floor.context).rebuild(write: false, actor: "cli:test")
            #expect(rebuilt.differences == [])
            #expect(rebuilt.executions == 2)
            #expect(
                try await floor.count(
                    "SELECT count(*) FROM executions WHERE part = 'exit' AND order_id IS NOT NULL") == 1)
        }
    }

    @Test func `what the account held before is taken over and older executions are not counted again`()
        async throws
    {
        try await WorkFloor.with { floor in
            let old = try await floor.now().adding(seconds: -600)
            try await floor.sync(
                "w1", Self.account([Self.fill("e0", "x", "buy", "10", "100", at: old)], held: "10"))
            #expect(try await positions(floor) == ["account ": 10, "external ": 10])
            #expect(try await floor.count("SELECT count(*) FROM executions WHERE kind = 'opening'") == 1)
        }
    }

    @Test func `a difference that stays is confirmed, and gone when it is gone or a person takes it over`()
        async throws
    {
        try await WorkFloor.with { floor in
            try await floor.sync("w1", Self.account([]))
            try await floor.sync("w1", Self.account([], held: "10"))
            let confirmed =
                "SELECT count(*) FROM reconcile_mismatches WHERE confirmed_at IS NOT NULL AND cleared_at IS NULL"
            #expect(try await floor.count("SELECT count(*) FROM reconcile_mismatches") == 1)
            try await floor.sync("w1", Self.account([], held: "10"))
            #expect(try await floor.count(confirmed) == 0)
            try await Self.age(floor)
            try await floor.sync("w1", Self.account([], held: "10"))
            #expect(try await floor.count(confirmed) == 1)
            #expect(
                try await floor.count("SELECT count(*) FROM journal WHERE kind = 'reconcile.mismatch'") == 1)
            let reconciling = Reconciling(floor.context)
            let mismatch = try #require(try await reconciling.list().first)
            #expect(mismatch.evidence["broker_qty"] == "10")
            let denied = try await refusal {
                _ = try await reconciling.accept(mismatch.id, reason: "mine", by: WorkFloor.bot)
            }
            #expect(denied?.code == .notAllowed)
            let operate = Caller.key(id: WorkFloor.identifier(9), name: "ops", scope: .operate)
            _ = try await reconciling.accept(mismatch.id, reason: "a transfer", by: operate)
            #expect(try await floor.count(confirmed) == 0)
            #expect(try await positions(floor) == ["account ": 10, "external ": 10])
            // Gone again at the broker: found again, and cleared by itself when both agree.
            try await floor.sync("w1", Self.account([]))
            try await Self.age(floor)
            try await floor.sync("w1", Self.account([]))
            #expect(try await floor.count(confirmed) == 1)
            try await floor.sync("w1", Self.account([], held: "10"))
            #expect(try await floor.count(confirmed) == 0)
            #expect(
                try await Rebuilding(floor.context).rebuild(write: false, actor: "cli:test").differences == []
            )
        }
    }

    @Test func `a worker that tells no statement is not compared`() async throws {
        try await WorkFloor.with { floor in
            try await floor.sync()
            var body = Self.account([], held: "10")
            body["activities"] = nil
            try await floor.sync("w1", body)
            #expect(try await floor.count("SELECT count(*) FROM reconcile_mismatches") == 0)
        }
    }

    @Test func `garbage in the statement is refused with its place, and odd entries are not`() async throws {
        try await WorkFloor.with { floor in
            try await floor.sync()
            let bad: [JSONValue] = [
                ["activity_type": "FILL", "id": "e", "symbol": "NVDA", "side": "buy", "qty": "0"]
            ]
            let refused = try await refusal { try await floor.sync("w1", Self.account(bad)) }
            let pointers = Set((refused?.faults ?? []).map(\.pointer))
            #expect(pointers.isSuperset(of: ["/activities/0/qty", "/activities/0/price"]))
            let odd: [JSONValue] = [["activity_type": "SPLIT", "id": "s", "symbol": "NVDA", "qty": "10"]]
            try await floor.sync("w1", Self.account(odd))
            #expect(try await floor.count("SELECT count(*) FROM cash_flows WHERE amount = 0") == 1)
        }
    }

    @Test func `the role of the program can neither rewrite nor remove what happened`() async throws {
        try await WorkFloor.with { floor in
            let at = try await floor.now().adding(seconds: 5)
            try await floor.sync("w1", Self.account([]))
            let deposit: JSONValue = ["activity_type": "CSD", "id": "c1", "net_amount": "10"]
            let fill = Self.fill("e1", "x", "buy", "10", "100", at: at)
            try await floor.sync("w1", Self.account([fill, deposit]))
            for sql in [
                "UPDATE executions SET qty = 1", "DELETE FROM executions", "TRUNCATE executions CASCADE",
                "UPDATE cash_flows SET amount = 0", "DELETE FROM cash_flows",
                "UPDATE books SET started_at = now()",
                "TRUNCATE order_legs", "DELETE FROM reconcile_mismatches",
            ] {
                await #expect(throws: (any Error).self) { try await floor.ground.attack(sql) }
            }
        }
    }

    /// As if half a minute had passed since it was suspected.
    private static func age(_ floor: WorkFloor) async throws {
        try await floor.ground.attack(
            """
            ALTER TABLE reconcile_mismatches DISABLE TRIGGER guard;
            UPDATE reconcile_mismatches SET suspected_at = suspected_at - interval '31 seconds' WHERE cleared_at IS NULL;
            ALTER TABLE reconcile_mismatches ENABLE TRIGGER guard;
            """)
    }
}

extension ExactDecimal: ExpressibleByIntegerLiteral {
    package init(integerLiteral value: Int) { self.init(value) }
}
