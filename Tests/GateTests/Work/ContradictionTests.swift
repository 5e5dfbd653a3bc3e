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
            #expect(record.reason == "the broker calls it filled, and 3 of 10 shares are known to be")
            let late = try await floor.report(id, ReportingTests.fill("e1", "10"))
            #expect(late.record.reason == nil)
        }
    }

    @Test func `filled without a number means all of them`() async throws {
        try await WorkFloor.withClaimed { floor, id in
            let report: JSONObject = ["broker_order": ["id": "b1", "status": "filled"]]
            let record = try await floor.report(id, report).record
            #expect(record.state == .filled && record.filledQty == ExactDecimal(10))
            #expect(try await contradictions(floor) == 0)
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

    @Test func `executions of the whole quantity end the order, and a rejection after them changes nothing`()
        async throws
    {
        try await WorkFloor.withClaimed { floor, id in
            let report: JSONObject = ["broker_order": ["id": "ba1", "status": "filled", "filled_qty": "10"]]
            let view = try await floor.report(id, report.merging(ReportingTests.fill("ea1", "10")))
            #expect(view.record.state == .filled && view.record.brokerOrderID == "ba1")
            #expect(view.record.brokerStatus == "filled")
            let rejected: JSONObject = ["outcome": "rejected", "error": ["message": "no"]]
            for _ in 0..<2 { #expect(try await floor.report(id, rejected).record.state == .filled) }
            #expect(try await contradictions(floor) == 1)
            #expect(
                try await floor.count("SELECT count(*) FROM deliveries WHERE kind = 'order-rejected'") == 0)
        }
    }

    @Test func `executions alone make an order filled, and the broker's word is taken later`() async throws {
        try await WorkFloor.withClaimed { floor, id in
            let partly = ReportingTests.placed("partially_filled", "4")
            try await floor.report(id, partly.merging(ReportingTests.fill("e1", "4")))
            #expect(try await floor.report(id, ReportingTests.fill("e2", "6")).record.state == .filled)
            let record = try await floor.report(id, ReportingTests.placed("filled", "10")).record
            #expect(record.brokerStatus == "filled")
            #expect(try await floor.report(id, partly).record.brokerStatus == "filled")
        }
    }

    @Test func `what was executed is neither rejected nor in doubt`() async throws {
        for outcome in ["rejected", "unknown"] {
            try await WorkFloor.withClaimed { floor, id in
                let report: JSONObject = [
                    "outcome": .string(outcome), "error": ["message": "timeout"],
                ]
                let view = try await floor.report(id, report.merging(ReportingTests.fill("e1", "4")))
                #expect(view.record.state == .partiallyFilled)
                #expect(try await contradictions(floor) == (outcome == "rejected" ? 1 : 0))
            }
        }
        try await WorkFloor.withClaimed { floor, id in
            let view = try await floor.report(id, ReportingTests.placed("rejected", "4"))
            #expect(view.record.state == .canceled && view.record.reason?.hasPrefix("4 of 10") == true)
            #expect(try await contradictions(floor) == 1)
        }
    }

    @Test func `an order at the broker is not rejected by hearsay`() async throws {
        try await WorkFloor.withClaimed { floor, id in
            try await floor.report(id, ReportingTests.placed("new"))
            let rejected: JSONObject = ["outcome": "rejected", "error": ["message": "never arrived"]]
            #expect(try await floor.report(id, rejected).record.state == .accepted)
            #expect(try await contradictions(floor) == 1)
            let shown = rejected.merging(["broker_order": ["id": "b1", "status": "rejected"]])
            let view = try await floor.report(id, shown)
            #expect(view.record.state == .rejected && view.record.reason == "never arrived")
        }
    }

    @Test func `an outcome that says otherwise than the broker's order beside it is refused`() async throws {
        try await WorkFloor.withClaimed { floor, id in
            for outcome in ["rejected", "unknown"] {
                let report = ReportingTests.placed("new").merging([
                    "outcome": .string(outcome), "error": ["message": "timeout"],
                ])
                let refusal = try await refusal { try await floor.report(id, report) }
                #expect(refusal?.faults.map(\.pointer) == ["/broker_order"])
            }
            #expect(try await floor.state(id) == .submitting)
        }
    }

    @Test func `executions of an order that ended as rejected are told of`() async throws {
        try await WorkFloor.withClaimed { floor, id in
            try await floor.report(id, ["outcome": "rejected", "error": ["message": "no"]])
            for qty in ["3", "4"] { try await floor.report(id, ReportingTests.fill("e\(qty)", qty)) }
            #expect(try await floor.state(id) == .rejected)
            #expect(try await contradictions(floor) == 1)
        }
    }

    @Test func `the reason says how many shares were filled, late ones too`() async throws {
        try await WorkFloor.withClaimed { floor, id in
            try await floor.report(id, ReportingTests.placed("canceled", "4"))
            let late = try await floor.report(id, ReportingTests.fill("e1", "6"))
            #expect(late.record.reason?.hasPrefix("6 of 10 shares were filled") == true)
            let all = try await floor.report(id, ReportingTests.fill("e2", "4"))
            #expect(all.record.state == .canceled)
            #expect(all.record.reason?.hasPrefix("all 10 shares were filled") == true)
        }
        try await WorkFloor.withClaimed { floor, id in
            try await floor.report(id, ReportingTests.placed("canceled"))
            let late = try await floor.report(id, ReportingTests.fill("e1", "2"))
            #expect(late.record.reason?.hasPrefix("2 of 10 shares were filled") == true)
        }
    }
}
