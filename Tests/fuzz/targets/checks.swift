import Domain
import JSON

private let now = Timestamp(seconds: 1_795_444_200)

/// A proposal, the worker's report of the account, a policy and a quote, as anybody with a key may send them: read,
/// written and read again they are the same, and no number in them stops the checks.
#if FUZZING
    @_cdecl("LLVMFuzzerTestOneInput")
#endif
package func fuzzChecks(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Input(start, count)
    let documents = (0..<4).map { try? JSONParser.parse(input.bytes($0)) }
    let policy = documents[2].flatMap { try? PolicyDocument.parse($0) }
    if let policy { expect((try? PolicyDocument.parse(policy.json)) == policy, "another policy") }
    let account = documents[1].flatMap { try? AccountSnapshot.parse($0, receivedAt: now) }
    let quote = documents[3].flatMap { try? Quote.parse($0, receivedAt: now) }
    values(input)
    guard let document = documents[0], case .success(let draft) = ProposalDraft.parse(document) else {
        return 0
    }
    var context = CheckContext(
        policy: policy ?? Policy.presets[0].policy, account: account.map(AccountBook.init),
        window: TradingWindow(
            isOpenNow: true, opensAt: now.adding(minutes: 1440), closesAt: now.adding(minutes: 300),
            source: .broker), now: now, quote: quote, expiresAt: now.adding(minutes: 30), proposer: "bot",
        confidence: draft.confidence, catalystScore: draft.catalystScore,
        referencePrice: draft.referencePrice)
    let qty: ExactDecimal
    switch draft.quantity {
    case .shares(let given): qty = given
    case .auto:
        guard case .success(let sized) = Sizing.shares(draft, context) else { return 0 }
        qty = sized
    }
    let terms = draft.terms(qty: qty)
    expect((try? OrderTerms.parse(.object(terms.json))) == terms, "another order: \(terms)")
    for stage in [Commitment.Stage.proposed, .released] {
        context.committed.add(
            Commitment(terms: terms, reference: draft.referencePrice, isReducing: false, stage: stage))
    }
    for phase in CheckPhase.allCases { _ = Checks.evaluate(terms, context, phase) }
    _ = Impact(terms, context)
    return 0
}

/// Numbers and times have one spelling, and come back.
private func values(_ input: Input) {
    let text = input.text(0)
    if let number = ExactDecimal(text) {
        expect(ExactDecimal(number.description) == number, "\(text) became \(number)")
    }
    if let time = Timestamp(rfc3339: text) {
        expect(Timestamp(rfc3339: time.rfc3339) == time, "\(text) became \(time.rfc3339)")
    }
}
