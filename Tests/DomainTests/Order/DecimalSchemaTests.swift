import Domain
import FoundationEssentials
import JSON
import Support
import Testing

/// What the interface's description says of decimals, and what is taken: the same, for decimals made up at random.
@Suite struct DecimalSchemaTests {
    /// The patterns of a schema: of plain decimals, and of those with an exponent.
    private struct Patterns {
        let plain: Regex<AnyRegexOutput>
        let exponential: Regex<AnyRegexOutput>
        let maxLength: Int?

        init(_ name: String) throws {
            let data = try #require(
                FileManager.default.contents(atPath: "\(Repository.root)/static/openapi.json"))
            let document = try JSONParser.parse(Array(data))
            let schema = try #require(document["components"]?["schemas"]?[name]?["anyOf"])
            plain = try Regex(try #require(schema[0]?["pattern"]?.stringValue))
            exponential = try Regex(try #require(schema[1]?["pattern"]?.stringValue))
            maxLength = schema[0]?["maxLength"]?.intValue
        }

        func takesPlain(_ text: String) -> Bool {
            text.utf8.count <= maxLength ?? .max && text.wholeMatch(of: plain) != nil
        }
    }

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

    private static func madeUp(_ random: inout SplitMix64) -> String {
        func digits(_ range: ClosedRange<Int>) -> String {
            let alphabet = Bool.random(using: &random) ? "0123456789" : "09"
            return String(
                (0..<Int.random(in: range, using: &random)).map { _ in
                    alphabet.randomElement(using: &random) ?? "0"
                })
        }
        let tops = ["1000000000", "10000000", "1", "0", "999999999", "10000001"]
        var text =
            Int.random(in: 0..<4, using: &random) == 0
            ? tops.randomElement(using: &random) ?? "" : digits(0...17)
        if Bool.random(using: &random) { text += "." + digits(0...13) }
        if Int.random(in: 0..<4, using: &random) == 0 {
            text += String(repeating: "0", count: Int.random(in: 1...60, using: &random))
        }
        if Int.random(in: 0..<12, using: &random) == 0 { text = "-" + text }
        if Int.random(in: 0..<12, using: &random) == 0 {
            text += ["x", " ", "e", "e5", "E-3", "."].randomElement(using: &random) ?? ""
        }
        return text
    }

    @Test(arguments: ["QtyInput", "PriceInput", "BrokerDecimalInput"])
    func `the description takes what the server takes, and nothing else`(schema: String) throws {
        var random = SplitMix64.announced()
        let patterns = try Patterns(schema)
        var taken = 0
        for _ in 0..<4000 {
            let text = Self.madeUp(&random)
            let isTaken = Self.isTaken(text, by: schema)
            taken += isTaken ? 1 : 0
            if text.contains(where: { "eE".contains($0) }) {
                // How much an exponent may be depends on all digits: what is taken is described, and more.
                #expect(!isTaken || text.wholeMatch(of: patterns.exponential) != nil, "\(text)")
            } else if text != "" {
                #expect(patterns.takesPlain(text) == isTaken, "\(text), seed \(random.seed)")
            }
        }
        #expect(taken > 400, "too few of them say anything")
    }
}
