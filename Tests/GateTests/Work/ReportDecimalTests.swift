import Domain
import Gate
import JSON
import Store
import Support
import Testing

/// The decimals that a worker tells, and what the interface's description says of them: what it allows is taken, what it
/// excludes is refused by name.
@Suite struct ReportDecimalTests {
    /// A member of a report, by its pointer and its way in the description.
    static let members: [(pointer: String, way: [String])] = [
        ("/broker_order/filled_qty", ["broker_order", "filled_qty"]),
        ("/broker_order/filled_avg_price", ["broker_order", "filled_avg_price"]),
        ("/fills/0/qty", ["fills", "items", "qty"]), ("/fills/0/price", ["fills", "items", "price"]),
    ]

    /// What lies just inside and just outside of what may be, and is seldom made up.
    private static let edges = [
        "0", "0.0", "0.000000001", "0.0000000001", "0.0000000009", "0.0000000000001", "10000000",
        "10000000.000000001",
        "10000000.0000000009", "1000000000", "1000000000.000000001", "1000000000.0000000009",
        "999999999999999.5",
        "1000000000000000", "-0.000000001",
    ]

    private static func report(_ name: String, _ value: JSONValue) -> JSONObject {
        if name.hasPrefix("filled") {
            let order: JSONObject = ["id": "b1", "status": "new"]
            return ["outcome": "placed", "broker_order": .object(order.merging([name: value]))]
        }
        let fill: JSONObject = [
            "execution_id": "e1", "qty": "4", "price": "118.19", "executed_at": "2025-11-21T14:30:00Z",
        ]
        return ["fills": [.object(fill.merging([name: value]))]]
    }

    /// Whether what is taken may be excluded all the same: it is rounded to something that is not, or it is minus nought.
    private static func isNearEnough(_ text: String) -> Bool {
        DecimalSchema.places(text) > 9 || text.prefix { !"eE".contains($0) }.allSatisfy { "-0.".contains($0) }
    }

    private static func expect(
        _ text: String, isTaken: Bool, by described: DecimalSchema, _ comment: String
    ) {
        if text.contains(where: { "eE".contains($0) }) {
            #expect(!isTaken || described.takesExponential(text) || isNearEnough(text), "\(comment)")
        } else if described.takes(text) {
            #expect(isTaken && described.bounds(text), "\(comment)")
        } else if isTaken {
            #expect(isNearEnough(text), "\(comment)")
        }
    }

    @Test(arguments: members.indices)
    func `a report takes what is described, and refuses the rest by name`(_ place: Int) async throws {
        let (pointer, way) = Self.members[place]
        let described = try DecimalSchema(of: "OrderReport", way)
        var random = SplitMix64.announced()
        try await WorkFloor.withClaimed { floor, id in
            var taken = 0
            for number in 0..<600 {
                let text =
                    number < Self.edges.count ? Self.edges[number] : DecimalSchema.madeUp(&random)
                // No text at all is read as nothing that is told, which `ReportInputTests` tries.
                guard text != "" else { continue }
                let value = DecimalSchema.value(text, &random)
                // With a member that there is not nothing is stored, whatever else it says.
                let report = Self.report(way.last ?? "", value).merging(["odd": 1])
                let faults = try #require(try await refusal { try await floor.report(id, report) }).faults
                #expect(faults.contains { $0.pointer == "/odd" })
                let told = faults.filter { $0.pointer == pointer }
                #expect(told.allSatisfy { $0.detail.hasPrefix("must be ") })
                taken += told.isEmpty ? 1 : 0
                Self.expect(
                    text, isTaken: told.isEmpty, by: described,
                    "\(pointer) \(value.serialized()), seed \(random.seed)")
            }
            #expect(taken > 60, "too few of them say anything")
        }
    }

    @Test(arguments: ["bid", "ask"])
    func `a quote takes what is described, stores it, and refuses the rest by name`(_ key: String)
        async throws
    {
        let described = try DecimalSchema(of: "Quote", [key])
        var random = SplitMix64.announced()
        try await WorkFloor.with { floor in
            var taken = 0
            for _ in 0..<120 {
                let text = DecimalSchema.madeUp(&random)
                let value = DecimalSchema.value(text, &random)
                var quote: JSONObject = ["symbol": "NVDA", "bid": "118.18", "ask": "118.20"]
                quote["quoted_at"] = .string(try await floor.now().rfc3339)
                quote[key] = value
                let told = quote
                let refused = try await refusal { try await floor.sync("w1", ["quotes": [.object(told)]]) }
                if let refused {
                    #expect(refused.code == .validation)
                    #expect(refused.faults.map(\.pointer) == ["/quotes/0/\(key)"])
                }
                taken += refused == nil ? 1 : 0
                Self.expect(
                    text, isTaken: refused == nil, by: described,
                    "\(value.serialized()), seed \(random.seed)")
            }
            #expect(taken > 10, "too few of them say anything")
        }
    }

    @Test func `the most and the least that are described are stored`() async throws {
        try await WorkFloor.withClaimed { floor, id in
            let at = try await floor.now().rfc3339
            func fill(_ number: Int, _ qty: JSONValue, _ price: JSONValue) -> JSONValue {
                [
                    "execution_id": .string("e\(number)"), "qty": qty, "price": price,
                    "executed_at": .string(at),
                ]
            }
            for qty in ["0", "0.000000001", "999999999999999.999999999"] {
                let order: JSONValue = [
                    "id": "b1", "status": "new", "filled_qty": .string(qty), "filled_avg_price": "10000000",
                ]
                _ = try await floor.report(id, ["outcome": "placed", "broker_order": order])
            }
            _ = try await floor.report(
                id,
                [
                    "fills": [
                        fill(1, "0.000000001", "0.000000001"), fill(2, "1000000000", "10000000"),
                        fill(3, "0.0000000006", "10000000.0000000004"),
                    ]
                ])
            let stored = try await floor.count(
                """
                SELECT count(*) FROM fills
                WHERE qty IN (0.000000001, 1000000000) AND price IN (0.000000001, 10000000)
                """)
            #expect(stored == 3)
        }
    }
}
