import Domain
import JSON
import Testing

struct SizingTests {
    private func draft(_ changes: JSONObject = [:]) throws -> ProposalDraft {
        let document: JSONObject = [
            "symbol": "NVDA", "side": "buy", "size": "auto", "type": "limit", "limit_price": "100",
            "confidence": 100,
        ]
        return try ProposalDraft.parse(.object(document.merging(changes))).get()
    }

    private func shares(_ draft: ProposalDraft, _ context: CheckContext) throws -> ExactDecimal {
        try Sizing.shares(draft, context).get()
    }

    @Test func `spends a tenth of free money up to the policy's limits`() throws {
        #expect(try shares(draft(), Sample.context(Sample.account(cash: "45000"))) == ExactDecimal(45))
        #expect(try shares(draft(), Sample.context()) == ExactDecimal(50))
        #expect(try shares(draft(), Sample.context(Sample.account(equity: "60000"))) == ExactDecimal(30))
        #expect(try shares(draft(["limit_price": "300"]), Sample.context()) == ExactDecimal(16))
    }

    @Test func `leaves in cash what the policy keeps there`() throws {
        let context = Sample.context(Sample.account(cash: "26000"))
        #expect(try shares(draft(), context) == ExactDecimal(10), "a quarter of 100,000 stays")
        #expect(context.outcome(.cashReserve, try draft().terms(qty: ExactDecimal(10))) == .pass)
        #expect(context.outcome(.cashReserve, try draft().terms(qty: ExactDecimal(11))) == .fail)
    }

    @Test(arguments: [(100, 50), (85, 25), (70, 25), (0, 25), (91, 35)])
    func `scales by confidence`(confidence: Int, expected: Int) throws {
        let draft = try draft(["confidence": .integer(confidence)])
        #expect(try shares(draft, Sample.context()) == ExactDecimal(expected))
    }

    @Test func `leaves room for what is held and waiting`() throws {
        let held = Sample.context(Sample.account(positions: [Sample.holding("20")])).committing(
            Sample.commitment(Sample.terms(qty: "10")))
        #expect(try shares(draft(), held) == ExactDecimal(20))
        #expect(held.outcome(.maxPositionUSD, try draft().terms(qty: ExactDecimal(20))) == .pass)
    }

    @Test func `says in words why there is no size`() throws {
        let priceless: JSONObject = ["type": "market", "limit_price": nil]
        let cases: [(ProposalDraft, CheckContext, String)] = [
            (try draft(), Sample.context(nil), "has reported the account"),
            (
                try draft(priceless),
                Sample.context().with {
                    $0.quote = nil
                    $0.referencePrice = nil
                }, "without a price"
            ),
            (try draft(["limit_price": "6000"]), Sample.context(), "less than one share"),
            (try draft(), Sample.context(Sample.account(cash: "-5")), "less than one share"),
            (
                try draft(["side": "sell"]), Sample.context(Sample.account(positions: [Sample.holding("5")])),
                "open a position only"
            ),
        ]
        for (draft, context, words) in cases {
            guard case .failure(let failure) = Sizing.shares(draft, context) else {
                Issue.record("a size where none should be: \(words)")
                continue
            }
            #expect(failure.faults.map(\.pointer) == ["/size"])
            #expect(failure.faults[0].detail.contains(words))
        }
    }
}
