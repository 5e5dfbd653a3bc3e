import Domain
import Gate
import JSON
import Store
import Support
import Testing

/// What a report may say, and what it may not: whatever is wrong is named, and nothing of the report is stored.
@Suite struct ReportInputTests {
    private static let order: JSONObject = ["id": "b1", "status": "new"]
    private static let fill: JSONObject = [
        "execution_id": "e1", "qty": "4", "price": "118.19", "executed_at": "2025-11-21T14:30:00Z",
    ]

    private static func placed(_ members: JSONObject = [:]) -> JSONObject {
        ["outcome": "placed", "broker_order": .object(order.merging(members))]
    }

    private static func filled(_ members: JSONObject) -> JSONObject {
        ["fills": [.object(fill), .object(fill.merging(["execution_id": "e2"]).merging(members))]]
    }

    private func expectFault(_ pointer: String, _ report: JSONObject, _ floor: WorkFloor, _ id: Identifier)
        async throws
    {
        let refusal = try await refusal { try await floor.report(id, report) }
        #expect(refusal?.code == .validation, "\(report)")
        #expect(refusal?.faults.map(\.pointer).contains(pointer) == true, "\(refusal?.faults ?? [])")
        #expect(try await floor.count("SELECT count(*) FROM fills") == 0)
        #expect(try await floor.state(id) == .submitting)
    }

    @Test func `a field that is not known is an error wherever it stands`() async throws {
        try await WorkFloor.withClaimed { floor, id in
            try await expectFault("/fill", Self.placed().merging(["fill": []]), floor, id)
            try await expectFault("/broker_order/state", Self.placed(["state": "new"]), floor, id)
            try await expectFault(
                "/broker_order/legs/0/symbol", Self.placed(["legs": [["id": "l1", "symbol": "NVDA"]]]), floor,
                id)
            try await expectFault("/fills/1/quantity", Self.filled(["quantity": "4"]), floor, id)
            let error: JSONValue = ["message": "no", "reason": "no"]
            try await expectFault("/error/reason", ["outcome": "rejected", "error": error], floor, id)
        }
    }

    @Test func `legs of legs are learnt`() async throws {
        try await WorkFloor.withClaimed { floor, id in
            let legs: JSONValue = [["id": "l1", "legs": [["id": "l2"]]], ["id": "l3"]]
            try await floor.report(id, Self.placed(["legs": legs]))
            #expect(try await floor.count("SELECT count(*) FROM order_legs") == 3)
        }
    }

    @Test func `nobody executes for nothing, beyond reason, or tomorrow`() async throws {
        try await WorkFloor.withClaimed { floor, id in
            let later = try await floor.now().adding(minutes: 1441).rfc3339
            let wrong: [(String, JSONValue)] = [
                ("price", "0"), ("price", "100000000"), ("qty", "0"), ("qty", "999999999999999.123456789"),
                ("execution_id", ""), ("executed_at", .string(later)),
                ("executed_at", "0000-05-05T00:00:00Z"),
                ("executed_at", "9999-12-31T23:59:59Z"),
            ]
            for (key, value) in wrong {
                try await expectFault("/fills/1/\(key)", Self.filled([key: value]), floor, id)
            }
            for (key, value) in [("id", ""), ("status", ""), ("filled_avg_price", "999999999999999.1")] {
                try await expectFault(
                    "/broker_order/\(key)", Self.placed([key: .string(value)]), floor, id)
            }
            let soon = try await floor.now().adding(minutes: 1439).rfc3339
            try await floor.report(id, Self.filled(["executed_at": .string(soon), "qty": "5"]))
            #expect(try await floor.count("SELECT count(*) FROM fills") == 2)
        }
    }

    /// Every instant that there is a text for, at every place that takes one: an answer, and never a fault of ours.
    @Test(arguments: [
        ("0000-01-01T00:00:00Z", false), ("0000-12-31T23:59:59Z", false),
        ("0001-01-01T00:00:00+14:00", false),
        ("0001-01-01T00:00:00Z", true), ("9999-12-31T23:59:59.999999Z", true),
        ("9999-12-31T23:59:59-14:00", false), ("2016-12-31T23:59:60Z", true),
    ])
    func `an instant that nothing can hold is named`(_ text: String, _ isOne: Bool) async throws {
        try await WorkFloor.withClaimed { floor, id in
            let at = JSONValue.string(text)
            try await expectInstant("/broker_order/submitted_at", isOne) {
                try await floor.report(id, Self.placed(["submitted_at": at]))
            }
            let quote: JSONValue = ["symbol": "NVDA", "bid": "118", "ask": "118.2", "quoted_at": at]
            try await expectInstant("/quotes/0/quoted_at", isOne) {
                try await floor.sync("w1", ["quotes": [quote]])
            }
            for key in ["timestamp", "next_open", "next_close"] {
                var clock: JSONObject = [
                    "is_open": true, "timestamp": .string(try await floor.now().rfc3339),
                ]
                clock[key] = at
                let account = WorkFloor.account().merging(["clock": .object(clock)])
                try await expectInstant("/clock/\(key)", isOne) { try await floor.sync("w1", account) }
            }
            let cash: JSONValue = [
                "activity_type": "CSD", "id": "c1", "net_amount": "5", "created_at": at,
            ]
            let told = WorkFloor.account().merging(["activities": [cash]])
            try await expectInstant("", true) { try await floor.sync("w1", told) }
            var trade: JSONObject = [
                "activity_type": "FILL", "id": "x1", "symbol": "NVDA", "side": "buy", "qty": "1",
                "price": "118",
            ]
            trade["transaction_time"] = at
            let traded = WorkFloor.account().merging(["activities": [.object(trade)]])
            let isPast = isOne && !text.hasPrefix("9999")
            try await expectInstant("/activities/0/transaction_time", isPast) {
                try await floor.sync("w1", traded)
            }
            // Whatever was stored can be read again.
            _ = try await floor.sync("w1")
            _ = try await OrderReading(floor.context).find(id)
            let command = try await Commanding(floor.context).close(
                symbol: "NVDA", reason: "drill", by: "user:ben")
            let waiting: JSONValue = ["worker_id": "w1", "phase": "waiting", "next_open": at]
            try await expectInstant("/next_open", isOne) {
                _ = try await Commanding(floor.context).report(command.id, waiting, actor: "worker:w")
            }
        }
    }

    private func expectInstant(
        _ pointer: String, _ isOne: Bool, _ body: () async throws -> some Any
    ) async throws {
        let refusal = try await refusal { _ = try await body() }
        if isOne {
            #expect(refusal == nil, "\(pointer): \(refusal?.faults ?? [])")
        } else {
            #expect(refusal?.faults.first?.pointer == pointer, "\(String(describing: refusal))")
        }
    }

    @Test(arguments: ["qty", "price", "execution_id", "executed_at"])
    func `an execution of which something is empty is not left out without a word`(_ key: String) async throws
    {
        try await WorkFloor.withClaimed { floor, id in
            try await expectFault("/fills/1/\(key)", Self.filled([key: ""]), floor, id)
            if key == "qty" || key == "price" {
                let garbage = JSONValue.string("4.0000000000000shares")
                try await expectFault("/fills/1/\(key)", Self.filled([key: garbage]), floor, id)
            }
        }
    }
}
