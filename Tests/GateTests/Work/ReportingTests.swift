import Domain
import Gate
import JSON
import Postgres
import Store
import Support
import Testing

/// Reports: twice, late, out of order, and never a step back.
@Suite struct ReportingTests {
    static func placed(_ status: String, _ filled: String = "0", id: String = "b1") -> JSONObject {
        [
            "outcome": "placed",
            "broker_order": [
                "id": .string(id), "status": .string(status), "filled_qty": .string(filled),
                "filled_avg_price": filled == "0" ? .null : "118.19",
            ],
        ]
    }

    static func fill(_ id: String, _ qty: String, _ price: String = "118.19") -> JSONObject {
        [
            "fills": [
                [
                    "execution_id": .string(id), "qty": .string(qty), "price": .string(price),
                    "executed_at": "2025-11-21T14:30:00.5Z",
                ]
            ]
        ]
    }

    private func withClaimed(_ body: (WorkFloor, Identifier) async throws -> Void) async throws {
        try await WorkFloor.withClaimed(body)
    }

    @Test func `what became of one order is not told of another`() async throws {
        try await withClaimed { floor, id in
            try await floor.report(id, Self.placed("new"))
            let other = try await floor.release(["qty": "5"])
            _ = try await floor.claim(other)
            let refusal = await #expect(throws: Refusal.self) {
                try await floor.report(other, Self.placed("filled", "5").merging(Self.fill("e9", "5")))
            }
            #expect(refusal?.code == .conflict)
            #expect(refusal?.detail.contains(id.text) == true)
            #expect(try await floor.count("SELECT count(*) FROM fills") == 0)
            #expect(try await floor.report(other, Self.placed("new", id: "b2")).record.state == .accepted)
            #expect(try await floor.report(id, Self.placed("filled", "10")).record.state == .filled)
        }
    }

    @Test func `of two that are told to be the same order at once, one is refused with words`() async throws {
        try await withClaimed { floor, id in
            let other = try await floor.release(["qty": "5"])
            _ = try await floor.claim(other)
            let (placed, placing) = AsyncStream.makeStream(of: Void.self)
            async let first: Void = floor.ground.pool.transaction { session in
                try session.execute(
                    "UPDATE orders SET broker_order_id = 'b1' WHERE id = $1", [id.postgresValue])
                placing.yield()
                // Until the other one waits for this one, or would have by now.
                try session.script(
                    """
                    DO $$
                    BEGIN
                        FOR look IN 1..1000 LOOP
                            PERFORM pg_stat_clear_snapshot();
                            EXIT WHEN EXISTS (SELECT FROM pg_locks WHERE NOT granted AND transactionid = pg_current_xact_id()::xid);
                            PERFORM pg_sleep(0.01);
                        END LOOP;
                    END $$
                    """)
            }
            for await _ in placed { break }
            let refusal = await #expect(throws: Refusal.self) {
                try await floor.report(other, Self.placed("new"))
            }
            try await first
            #expect(refusal?.code == .conflict)
            #expect(refusal?.detail.contains(id.text) == true)
        }
    }

    @Test func `from acceptance to the last fill, each told once`() async throws {
        try await withClaimed { floor, id in
            #expect(try await floor.report(id, Self.placed("pending_new")).record.state == .accepted)
            #expect(try await floor.report(id, Self.placed("new")).record.state == .accepted)
            let partly = try await floor.report(
                id, Self.placed("partially_filled", "4").merging(Self.fill("e1", "4", "118.10")))
            #expect(partly.record.state == .partiallyFilled)
            #expect(partly.record.filledAvgPrice?.description == "118.1")
            let full = try await floor.report(
                id, Self.placed("filled", "10").merging(Self.fill("e2", "6", "118.20")))
            #expect(full.record.state == .filled)
            #expect(full.record.filledAvgPrice?.description == "118.16")
            #expect(full.record.finishedAt != nil)
            let again = try await floor.report(
                id, Self.placed("filled", "10").merging(Self.fill("e2", "6", "118.20")))
            #expect(again.fills.count == 2)
            #expect(
                try await floor.count("SELECT count(*) FROM deliveries WHERE kind = 'order-filled'") == 1)
            #expect(try await floor.count("SELECT count(*) FROM journal WHERE kind = 'order.filled'") == 1)
        }
    }

    @Test func `any order of reports ends with the same truth`() async throws {
        var random = SplitMix64.announced()
        let reports: [JSONObject] = [
            Self.placed("new"), Self.placed("partially_filled", "4"), Self.fill("e1", "4"),
            Self.placed("filled", "10"), Self.fill("e2", "6"), Self.placed("partially_filled", "4"),
            ["outcome": "unknown", "error": ["message": "timeout"]], Self.fill("e1", "4"),
        ]
        for _ in 0..<3 {
            let shuffled = reports.shuffled(using: &random)
            try await withClaimed { floor, id in
                for report in shuffled { try await floor.report(id, report) }
                let view = try await OrderReading(floor.context).find(id)
                #expect(view.record.state == .filled, "seed \(random.seed)")
                #expect(view.record.filledQty == ExactDecimal(10))
                #expect(view.fills.count == 2)
                #expect(view.record.brokerStatus == "filled")
            }
        }
    }

    @Test func `unknown leaves only by proof, and people are told both times`() async throws {
        try await withClaimed { floor, id in
            let doubt: JSONObject = ["outcome": "unknown", "error": ["message": "504", "code": "x"]]
            try await floor.report(id, doubt)
            #expect(try await floor.report(id, doubt).record.state == .unknown)
            #expect(try await floor.report(id, Self.placed("new")).record.state == .accepted)
            #expect(try await floor.report(id, doubt).record.state == .accepted)
            for kind in ["order-unknown", "order-found"] {
                #expect(
                    try await floor.count("SELECT count(*) FROM deliveries WHERE kind = '\(kind)'") == 1)
            }
        }
    }

    @Test func `a rejection keeps the broker's words`() async throws {
        try await withClaimed { floor, id in
            let refused: JSONObject = [
                "outcome": "rejected", "error": ["message": "insufficient buying power", "code": "40310000"],
            ]
            let view = try await floor.report(id, refused)
            #expect(view.record.state == .rejected)
            #expect(view.record.reason?.contains("insufficient buying power") == true)
            #expect(view.json["reason"]?.stringValue?.contains("40310000") == true)
        }
    }

    @Test func `an order that turns up after it was held to be nowhere is told as a contradiction`()
        async throws
    {
        try await withClaimed { floor, id in
            try await floor.report(id, ["outcome": "rejected", "error": ["message": "never arrived"]])
            let late = try await floor.report(id, Self.placed("filled", "10").merging(Self.fill("e1", "10")))
            #expect(late.record.state == .rejected)
            #expect(late.record.filledQty == ExactDecimal(10))
            try await floor.report(id, Self.placed("filled", "10"))
            #expect(
                try await floor.count("SELECT count(*) FROM deliveries WHERE kind = 'order-contradicted'")
                    == 1)
        }
    }

    @Test func `a word nobody knows keeps the order open and is told once`() async throws {
        try await withClaimed { floor, id in
            try await floor.report(id, Self.placed("on_the_moon"))
            #expect(try await floor.report(id, Self.placed("on_the_moon")).record.state == .accepted)
            #expect(
                try await floor.count(
                    "SELECT count(*) FROM deliveries WHERE kind = 'order-status-not-known'") == 1)
        }
    }

    @Test func `cancelled with some shares says that exits may not protect them`() async throws {
        try await withClaimed { floor, id in
            try await floor.report(id, Self.placed("partially_filled", "3"))
            let view = try await floor.report(id, Self.placed("canceled", "3"))
            #expect(view.record.state == .canceled)
            #expect(view.record.reason?.contains("3 of 10") == true)
        }
    }

    @Test func `nonsense is refused and stored nowhere`() async throws {
        try await withClaimed { floor, id in
            #expect(
                try await refusal { try await floor.report(id, Self.placed("new", "-1")) }?.code
                    == .validation)
            #expect(try await refusal { try await floor.report(id, [:]) }?.code == .validation)
            #expect(
                try await refusal { try await floor.report(id, ["outcome": "placed"]) }?.faults.first?.pointer
                    == "/broker_order")
            let fills = try await floor.count("SELECT count(*) FROM fills")
            #expect(fills == 0)
            #expect(try await floor.state(id) == .submitting)
        }
    }

    @Test func `nothing can be reported of an order that nobody claimed`() async throws {
        try await WorkFloor.with { floor in
            let id = try await floor.release()
            #expect(
                try await refusal { try await floor.report(id, Self.placed("filled", "10")) }?.code
                    == .conflict)
            #expect(try await floor.state(id) == .released)
        }
    }

    @Test func `an order held never to have arrived is looked after for an hour`() async throws {
        try await withClaimed { floor, id in
            try await floor.report(
                id,
                [
                    "outcome": "rejected", "error": ["message": "not there", "code": "never-reached"],
                ])
            let answer = try await floor.sync("w1", [:])
            #expect(answer["orders"]?[0]?["state"] == "rejected")
            try await floor.report(id, Self.placed("new"))
            let found = try await floor.sync("w1", [:])["orders"]?[0]
            #expect(found?["astray"] == true && found?["cancel_due"] == true)
            let view = try await floor.report(
                id, Self.placed("partially_filled", "3").merging(Self.fill("e1", "3")))
            #expect(view.record.state == .rejected && view.record.turnedUpAt != nil)
            #expect(view.fills.count == 1)
            #expect(try await floor.sync("w1", [:])["orders"]?[0]?["broker_status"] == "partially_filled")
            try await floor.report(id, Self.placed("canceled", "3"))
            try await floor.report(id, Self.placed("canceled", "3"))
            #expect(try await floor.sync("w1", [:])["orders"] == [])
            #expect(
                try await floor.count("SELECT count(*) FROM journal WHERE kind = 'order.astray-ended'") == 1)
            #expect(
                try await floor.count("SELECT count(*) FROM deliveries WHERE kind = 'order-astray'") == 2)
        }
    }

    @Test func `executions that are still missing keep an ended order in the worker's list`() async throws {
        try await withClaimed { floor, id in
            try await floor.report(id, Self.placed("filled", "10"))
            let before = try await floor.sync("w1", [:])
            #expect(before["orders"]?[0]?["state"] == "filled")
            try await floor.report(id, Self.fill("e1", "10"))
            #expect(try await floor.sync("w1", [:])["orders"] == [])
        }
    }

    @Test func `every word of the broker's leads to a state the database takes`() async throws {
        for status in BrokerStatus.allCases {
            for hasFills in [false, true] {
                let state = status.orderState(hasFills: hasFills)
                #expect(OrderState.submitting.mayBecome(state), "\(status)")
            }
        }
        #expect(!BrokerStatus.doneForDay.isFinal)
        #expect(!BrokerStatus.calculated.isFinal)
        #expect(BrokerStatus.replaced.isFinal)
    }
}
