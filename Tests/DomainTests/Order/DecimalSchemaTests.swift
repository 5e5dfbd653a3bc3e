import Domain
import JSON
import Support
import Testing

/// What the interface's description says of decimals, and what is taken: the same, for decimals made up at random.
@Suite struct DecimalSchemaTests {
    private static func isTaken(_ text: String, by schema: String) -> Bool {
        let value = JSONValue.string(text)
        let order: JSONObject = ["symbol": "NVDA", "side": "buy", "type": "market"]
        func isDrafted(_ members: JSONObject, _ pointer: String) -> Bool {
            switch ProposalDraft.parse(.object(order.merging(members))) {
            case .success: true
            case .failure(let failure): !failure.faults.contains { $0.pointer == pointer }
            }
        }
        switch schema {
        case "QtyInput": return isDrafted(["qty": value], "/qty")
        case "PriceInput":
            return isDrafted(["qty": "1", "reference_price": value], "/reference_price")
        default:
            let account: JSONObject = [
                "account_number": "SIM1", "status": "ACTIVE", "equity": value, "cash": "1",
                "buying_power": "1",
            ]
            let report: JSONValue = ["account": .object(account), "positions": [], "open_orders": []]
            return (try? AccountSnapshot.parse(report, receivedAt: Timestamp(seconds: 0))) != nil
        }
    }

    @Test(arguments: ["QtyInput", "PriceInput", "BrokerDecimalInput"])
    func `the description takes what the server takes, and nothing else`(schema: String) throws {
        var random = SplitMix64.announced()
        let described = try DecimalSchema(schema)
        var taken = 0
        for _ in 0..<4000 {
            let text = DecimalSchema.madeUp(&random)
            let isTaken = Self.isTaken(text, by: schema)
            taken += isTaken ? 1 : 0
            if text.contains(where: { "eE".contains($0) }) {
                #expect(!isTaken || described.takesExponential(text), "\(text)")
            } else if text != "" {
                #expect(described.takes(text) == isTaken, "\(text), seed \(random.seed)")
                #expect(!isTaken || described.bounds(text), "\(text), seed \(random.seed)")
            }
        }
        #expect(taken > 400, "too few of them say anything")
    }
}
