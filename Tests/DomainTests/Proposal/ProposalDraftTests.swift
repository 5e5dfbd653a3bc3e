import Domain
import JSON
import Testing

struct ProposalDraftTests {
    static let smallest: JSONObject = [
        "symbol": "NVDA", "side": "buy", "qty": "400", "type": "limit", "limit_price": "118.20",
    ]

    private func parse(_ changes: JSONObject) -> Result<ProposalDraft, ValidationFailure> {
        ProposalDraft.parse(.object(Self.smallest.merging(changes)))
    }

    private func pointers(_ result: Result<ProposalDraft, ValidationFailure>) -> [String] {
        guard case .failure(let failure) = result else { return [] }
        return failure.faults.map(\.pointer)
    }

    @Test func `takes the least there is`() throws {
        let draft = try parse([:]).get()
        #expect(draft.terms == Sample.terms(qty: "400", limit: "118.2"))
        #expect(draft.strategy == "default")
        #expect(draft.rationale == nil)
    }

    @Test func `takes everything there is`() throws {
        let document = try JSONParser.parse(
            """
            {"symbol":"BRK.B","side":"sell","qty":3,"type":"stop_limit","limit_price":410.5,"stop_price":"411",
             "time_in_force":"gtc","stop_loss":{"stop_price":"450","limit_price":451},
             "take_profit":{"limit_price":"380"},"reference_price":"412.1","strategy":"swing",
             "rationale":"two\\nlines","confidence":87.5,"catalyst_score":"60","signal_id":"s","pattern_id":"p",
             "news_id":"n","evidence":{"a":[1e300]},"timeout_minutes":5,"external_ref":"e"}
            """)
        let draft = try ProposalDraft.parse(document).get()
        #expect(draft.terms?.headline == "SELL 3 BRK.B STOP 411.00 LIMIT 410.50 GTC")
        #expect(draft.terms?.orderClass == .bracket)
        #expect(
            draft.annotations
                == [
                    "reference_price": "412.1", "strategy": "swing", "rationale": "two\nlines",
                    "confidence": .number(try #require(JSONNumber("87.5"))), "catalyst_score": 60,
                    "signal_id": "s", "pattern_id": "p", "news_id": "n",
                    "evidence": try JSONParser.parse(#"{"a":[1e300]}"#), "timeout_minutes": 5,
                    "external_ref": "e",
                ])
    }

    @Test(arguments: [
        "NaN", "Infinity", "1e400", "1e16", "1234567890123456789012345678901234567890", "0", "-1", "0x10", "",
        " 1", "1,000", "+5", ".5", "1.0000000001", "1000000001",
    ])
    func `refuses quantities that are none`(text: String) {
        #expect(pointers(parse(["qty": .string(text)])) == ["/qty"])
    }

    @Test(arguments: ["0", "-118.20", "1e400", "10000000.01", "118.0000000001", "nan"])
    func `refuses prices that are none`(text: String) {
        #expect(pointers(parse(["limit_price": .string(text)])).first == "/limit_price")
    }

    @Test func `refuses an order beyond all money`() {
        #expect(pointers(parse(["qty": "1000000000", "limit_price": "1000.01"])) == ["/qty"])
        #expect(pointers(parse(["qty": "1000000000", "limit_price": "1000"])) == [])
    }

    @Test func `refuses wrong kinds of values`() {
        let result = parse([
            "symbol": 7, "side": "hold", "qty": ["1"], "type": "trailing_stop", "time_in_force": "gtd",
            "stop_loss": "92", "evidence": [], "timeout_minutes": "30", "confidence": "high",
        ])
        #expect(
            pointers(result) == [
                "/symbol", "/side", "/type", "/time_in_force", "/stop_loss", "/stop_loss/stop_price", "/qty",
                "/confidence", "/evidence", "/timeout_minutes",
            ])
    }

    @Test func `asks for what must be there`() {
        #expect(pointers(ProposalDraft.parse([:])) == ["/symbol", "/side", "/type", "/qty"])
        #expect(pointers(ProposalDraft.parse([])) == [""])
        #expect(pointers(ProposalDraft.parse(.null)) == [""])
        #expect(pointers(parse(["qty": nil])) == ["/qty"])
        #expect(pointers(parse(["limit_price": nil])) == ["/limit_price"])
        #expect(pointers(parse(["type": "market"])) == ["/limit_price"])
        #expect(pointers(parse(["stop_loss": [:]])) == ["/stop_loss/stop_price"])
        #expect(pointers(parse(["take_profit": [:]])) == ["/take_profit/limit_price"])
    }

    @Test func `refuses fields it does not know, wherever they stand`() {
        let result = parse([
            "extended_hours": true, "take_profit": ["limit_price": "130", "stop_price": "1"],
            "stop_loss": ["stop_price": "110", "trail": 1],
        ])
        #expect(
            pointers(result) == ["/stop_loss/trail", "/take_profit/stop_price", "/extended_hours"])
    }

    @Test func `leaves to the checks what only the broker refuses`() throws {
        #expect(try parse(["limit_price": "118.205"]).get().terms != nil)
        #expect(try parse(["qty": "0.5", "time_in_force": "gtc"]).get().terms != nil)
    }

    @Test func `keeps texts within their lengths`() {
        for (key, most) in [
            ("strategy", 64), ("rationale", 10_000), ("signal_id", 128), ("external_ref", 128),
        ] {
            #expect(pointers(parse([key: .string(String(repeating: "é", count: most))])) == [])
            #expect(pointers(parse([key: .string(String(repeating: "é", count: most + 1))])) == ["/" + key])
        }
        #expect(pointers(parse(["strategy": ""])) == ["/strategy"])
        #expect(pointers(parse(["signal_id": ""])) == ["/signal_id"])
        #expect(pointers(parse(["rationale": ""])) == [])
    }

    @Test(arguments: ["two\nlines", "tab\there", "bell\u{7}", "turned\u{202E}kcab", "line\u{2028}"])
    func `refuses texts that would mislead a reader`(text: String) {
        #expect(pointers(parse(["strategy": .string(text)])) == ["/strategy"])
    }

    @Test func `keeps evidence small and storable`() {
        let fits = String(repeating: "x", count: 16 * 1024 - #"{"a":""}"#.utf8.count)
        #expect(pointers(parse(["evidence": ["a": .string(fits)]])) == [])
        #expect(pointers(parse(["evidence": ["a": .string(fits + "x")]])) == ["/evidence"])
        for text in ["1e301", "1E+99999999", "1e-301", "1e99999999999999999999"] {
            guard let number = JSONNumber(text) else { continue }
            #expect(pointers(parse(["evidence": ["a": [["b": .number(number)]]]])) == ["/evidence"])
        }
    }

    @Test(arguments: [(0, false), (1, true), (1440, true), (1441, false)])
    func `bounds the time to decide`(minutes: Int, isTaken: Bool) {
        #expect(
            pointers(parse(["timeout_minutes": .integer(minutes)])) == (isTaken ? [] : ["/timeout_minutes"]))
    }

    @Test(arguments: [("0", true), ("100", true), ("100.01", false), ("-1", false)])
    func `bounds scores`(text: String, isTaken: Bool) {
        #expect(pointers(parse(["confidence": .string(text)])) == (isTaken ? [] : ["/confidence"]))
    }

    @Test func `takes either a quantity or the sizing rule`() throws {
        let auto = try parse(["qty": nil, "size": "auto"]).get()
        #expect(auto.quantity == .auto)
        #expect(auto.terms == nil)
        #expect(auto.terms(qty: ExactDecimal(5)).qty == ExactDecimal(5))
        #expect(pointers(parse(["size": "auto"])) == ["/size"])
        #expect(pointers(parse(["qty": nil, "size": "max"])) == ["/size"])
        #expect(pointers(parse(["qty": nil, "size": "auto", "limit_price": nil])) == ["/limit_price"])
    }
}
