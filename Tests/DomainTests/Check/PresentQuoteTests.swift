import Domain
import Testing

/// What people are told of the price while they are asked: awaited at first, a warning only where it does not come.
@Suite struct PresentQuoteTests {
    private static let asked = Finding(
        code: .symbolKnown, outcome: .skipped, limit: nil, value: nil, detail: "asked")
    private static let held = Finding(
        code: .tradingHours, outcome: .warn, limit: nil, value: "closed", detail: "closed")

    private func quote(age: Int, bid: String = "99.99", ask: String = "100.01") -> Quote {
        let at = Sample.now.adding(seconds: -age)
        return Quote(
            symbol: "NVDA", bid: Sample.decimal(bid), ask: Sample.decimal(ask), quotedAt: at, receivedAt: at)
    }

    private func present(
        _ quote: Quote?, waited: Int, untraded: UntradedReason? = nil, maxAge: Int? = 15
    ) -> PresentQuote {
        PresentQuote(
            of: Sample.plain, proposedAt: Sample.now.adding(seconds: -waited), quote: quote,
            untraded: untraded, maxAgeSeconds: maxAge, now: Sample.now)
    }

    private func outcome(_ present: PresentQuote, _ findings: [Finding] = [asked]) -> Finding.Outcome? {
        present.renewing(findings).first { $0.code == .symbolKnown }?.outcome
    }

    @Test func `a missing quote is a note within the grace and a warning from its end on`() {
        #expect(outcome(present(nil, waited: 0)) == .skipped)
        #expect(outcome(present(nil, waited: PresentQuote.graceSeconds - 1)) == .skipped)
        #expect(outcome(present(nil, waited: PresentQuote.graceSeconds)) == .warn)
        #expect(present(nil, waited: 0).isAwaited)
        #expect(!present(nil, waited: PresentQuote.graceSeconds).isAwaited)
    }

    @Test func `an old quote is awaited anew, then warned of, at the policy's own edge`() {
        #expect(outcome(present(quote(age: 16), waited: 1)) == .skipped)
        #expect(outcome(present(quote(age: 16), waited: 60)) == .warn)
        #expect(outcome(present(quote(age: 15), waited: 60)) == .pass)
        #expect(outcome(present(quote(age: 9000), waited: 60, maxAge: nil)) == .pass)
        let words = present(quote(age: 7300), waited: 60).renewing([Self.asked])[0].detail
        #expect(
            words.contains("is 2 hours 1 minute old") && words.contains("older than 15 seconds"), "\(words)")
    }

    @Test func `a quote without the side that the order meets is none`() {
        #expect(outcome(present(quote(age: 1, ask: "0"), waited: 60)) == .warn)
        #expect(outcome(present(quote(age: 1, bid: "0"), waited: 60)) == .pass)
    }

    @Test func `a symbol that the broker does not trade stops, grace or not`() {
        #expect(outcome(present(quote(age: 1), waited: 0, untraded: .unknown)) == .fail)
        #expect(!present(nil, waited: 0, untraded: .unknown).isAwaited)
    }

    @Test func `while the market is closed an old quote is no warning, a missing one is`() {
        #expect(outcome(present(quote(age: 9000), waited: 60), [Self.asked, Self.held]) == .skipped)
        #expect(outcome(present(nil, waited: 60), [Self.asked, Self.held]) == .warn)
    }

    @Test func `other findings and what failed already stay as they are`() {
        let failed = Finding(code: .symbolKnown, outcome: .fail, limit: nil, value: nil, detail: "no")
        #expect(present(quote(age: 1), waited: 0).renewing([failed, Self.held]) == [failed, Self.held])
    }
}
