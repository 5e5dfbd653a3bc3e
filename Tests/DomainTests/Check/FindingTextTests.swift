import Domain
import JSON
import Testing

/// What findings say to people: one form for every percentage and every length of time, whatever programs are given.
@Suite struct FindingTextTests {
    private static func contexts() -> [CheckContext] {
        let old = Sample.account(
            cash: "500", equity: "99999.6", positions: [Sample.holding("3", "AAPL")], ageSeconds: 4_000)
        return [
            Sample.context(), Sample.context(old),
            Sample.context(old).with {
                $0.now = $0.now.adding(seconds: 119)
                $0.quote = Quote(
                    symbol: "NVDA", bid: Sample.decimal("100.9"), ask: Sample.decimal("101.37"),
                    quotedAt: Sample.now.adding(seconds: -200), receivedAt: Sample.now)
                $0.recentIntents.add(
                    RecentIntents.Intent(
                        proposalID: Sample.identifier(7), symbol: "NVDA", side: .buy, qty: Sample.plain.qty,
                        createdAt: Sample.now, proposer: "dee-bot"))
                $0.policy.limits.minConfidence = 50
            },
        ]
    }

    @Test(arguments: CheckPhase.allCases)
    func `no fraction, no hundreds of seconds and no endless digits`(phase: CheckPhase) {
        for context in Self.contexts() {
            for terms in [Sample.plain, Sample.terms(qty: "3.5", stopLoss: "97.77"), Sample.terms(.sell)] {
                for finding in Checks.evaluate(terms, context, phase) {
                    let words = finding.detail
                    #expect(!words.contains(/(^|[^$0-9.,])0\.[0-9]+(?![0-9%])/), "\(finding.code): \(words)")
                    #expect(!words.contains(/[0-9]{3,} seconds/), "\(finding.code): \(words)")
                    #expect(!words.contains(/\.[0-9]{5,}/), "\(finding.code): \(words)")
                    #expect(
                        !words.contains("-$") && !words.contains(/-[0-9.]+%/), "\(finding.code): \(words)")
                }
            }
        }
    }

    @Test func `ages and their limits are told in the same units`() throws {
        let stale = try #require(Self.contexts()[1].finding(.maxSnapshotAge))
        #expect(stale.detail.contains("1 hour 6 minutes ago, more than 2 minutes"), "\(stale.detail)")
        #expect(stale.limit == "120" && stale.value == "4000", "programs go on with seconds")
        let fresh = try #require(Sample.context().finding(.maxSnapshotAge))
        #expect(fresh.detail == "The account was reported 0 seconds ago; up to 2 minutes is fresh enough.")
    }

    @Test func `who reads that a limit is kept reads the limit`() throws {
        let band = try #require(Sample.context().finding(.stopLossBand, Sample.plain))
        #expect(
            band.detail.hasSuffix("8% from the price $100.00, inside the band of 5% to 15%."),
            "\(band.detail)")
        #expect(band.limit == "0.05-0.15" && band.value == "0.08")
        let drift = try #require(Sample.context().finding(.maxSlippage, Sample.plain, .claim))
        #expect(drift.detail.hasSuffix("At most 0.5% worse is sent."), "\(drift.detail)")
        #expect(drift.limit == "0.005")
    }
}
