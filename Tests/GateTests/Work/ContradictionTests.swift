import Domain
import Gate
import JSON
import Store
import Support
import Testing

/// What a worker tells that does not fit: what was executed counts, what is recorded stays, and people hear of it once.
@Suite struct ContradictionTests {
    private func contradictions(_ floor: WorkFloor) async throws -> Int {
        let told = try await floor.count(
            "SELECT count(*) FROM deliveries WHERE kind = 'order-contradicted'")
        let written = try await floor.count("SELECT count(*) FROM journal WHERE kind = 'order.contradicted'")
        #expect(told == written, "one thing each")
        return written
    }

    @Test func `a second order at the broker is told of, whatever its status`() async throws {
        try await WorkFloor.withClaimed { floor, id in
            try await floor.report(id, ReportingTests.placed("accepted"))
            let second = ReportingTests.placed("accepted", id: "b2")
            for _ in 0..<2 { try await floor.report(id, second) }
            #expect(try await contradictions(floor) == 1)
            let record = try await floor.report(id, ReportingTests.placed("accepted")).record
            #expect(record.brokerOrderID == "b1" && record.state == .accepted)
            // Both are filled: the shares of the second one are not what this order traded, and are not lost.
            try await floor.report(
                id, ReportingTests.placed("filled", "10").merging(ReportingTests.fill("e1", "10")))
            let double = ReportingTests.placed("filled", "10", id: "b2")
                .merging(ReportingTests.fill("e2", "10"))
            for _ in 0..<2 { try await floor.report(id, double) }
            let view = try await OrderReading(floor.context).find(id)
            #expect(view.record.filledQty == ExactDecimal(10) && view.fills.map(\.executionID) == ["e1"])
            #expect(try await contradictions(floor) == 2)
            #expect(
                try await floor.count(
                    "SELECT count(*) FROM journal WHERE data::json #>> '{fills_not_taken,0,execution_id}' = 'e2'"
                ) == 1)
        }
    }

    @Test func `filled with only a part of the shares is told of`() async throws {
        try await WorkFloor.withClaimed { floor, id in
            for _ in 0..<2 { try await floor.report(id, ReportingTests.placed("filled", "3")) }
            #expect(try await contradictions(floor) == 1)
            let record = try await OrderReading(floor.context).find(id).record
            #expect(record.state == .filled && record.filledQty == ExactDecimal(3))
        }
    }

    @Test(arguments: [("5", "118.10"), ("4", "118.11")])
    func `an execution that is told otherwise is kept as it was, and told of`(_ qty: String, _ price: String)
        async throws
    {
        try await WorkFloor.withClaimed { floor, id in
            for _ in 0..<2 { try await floor.report(id, ReportingTests.fill("e1", "4", "118.10")) }
            #expect(try await contradictions(floor) == 0)
            for _ in 0..<2 { try await floor.report(id, ReportingTests.fill("e1", qty, price)) }
            #expect(try await contradictions(floor) == 1)
            let fills = try await OrderReading(floor.context).find(id).fills
            #expect(fills.map(\.qty) == [ExactDecimal(4)])
            #expect(fills.first?.price.description == "118.1")
        }
    }

    @Test func `an execution of one order is not counted for another`() async throws {
        try await WorkFloor.withClaimed { floor, id in
            try await floor.report(id, ReportingTests.fill("e1", "4"))
            let other = try await floor.release(["qty": "5"])
            _ = try await floor.claim(other)
            let view = try await floor.report(other, ReportingTests.fill("e1", "4"))
            #expect(view.fills.isEmpty && view.record.filledQty == .zero)
            #expect(try await contradictions(floor) == 1)
        }
    }
}
